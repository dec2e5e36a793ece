package check

import (
	"fmt"
	"math"
	"slices"
	"time"

	"quorumlab/sim"
)

// What an episode is worth besides its leaderless time, when some are left out.
const (
	weightOfPanic      = time.Minute
	weightOfMembership = 10 * time.Second
	weightOfTurn       = time.Second
)

// maxTurns is how many changes of the leader are told one by one.
const maxTurns = 3

// tellLeaders tells in each episode who came to lead, or else which members found
// the leader again.
func (r *run) tellLeaders(eps []*episode) {
	turns := map[*episode][]turn{}
	for _, t := range r.leaderships().turns {
		e := during(eps, t.fromSeq)
		if t.after != (led{}) && t.after.epoch != t.before.epoch {
			e = during(eps, t.toSeq) // it took what made the new cluster
		}
		turns[e] = append(turns[e], t)
		e.weight += t.to - t.from + weightOfTurn
	}
	lost := r.failedTerms()
	for i, e := range eps {
		switch ts := turns[e]; {
		case len(ts) > maxTurns:
			e.tellTurns(r.t, ts)
		case len(ts) > 0:
			for _, t := range ts {
				e.tellTurn(r.t, t, lost)
			}
		case i > 0:
			e.tellReturns(r.t)
		}
	}
}

// tellTurn tells a change of the leader.
func (e *episode) tellTurn(t *sim.Trace, x turn, lost []candidacy) {
	name := t.Name(x.after.member)
	until := clusterTerm{x.after.epoch, x.after.term}
	if x.after == (led{}) {
		until = clusterTerm{math.MaxInt, 0}
	}
	tries := fruitless(lost, clusterTerm{x.before.epoch, x.before.term}, until)
	switch {
	case x.after == (led{}) && x.before == (led{}):
		e.change(x.from, "no member became leader"+tries, x.fromSeq)
	case x.after == (led{}):
		e.change(x.from, "no member could lead any longer"+tries, x.fromSeq)
	case x.after == x.before:
		e.change(x.to, name+" could lead again", x.toSeq)
	case x.after.member == x.before.member && x.after.epoch == x.before.epoch:
		e.change(x.to, fmt.Sprintf("%s became leader again, in term %d%s", name, x.after.term, tries), x.toSeq)
	default:
		e.change(x.to, fmt.Sprintf("%s became leader in term %d%s", name, x.after.term, tries), x.toSeq)
	}
}

// tellTurns sums up an episode in which the leadership went to and fro.
func (e *episode) tellTurns(t *sim.Trace, xs []turn) {
	e.changes = slices.DeleteFunc(e.changes, func(c clause) bool { return c.stepDown })
	last := xs[len(xs)-1]
	text := fmt.Sprintf("leadership was lost or taken over %d times", len(xs))
	if last.after == (led{}) {
		e.change(last.from, text+", and no member could lead any longer", xs[0].fromSeq, last.fromSeq)
		return
	}
	e.change(last.to, fmt.Sprintf("%s, finally by %s in term %d", text, t.Name(last.after.member), last.after.term),
		xs[0].fromSeq, last.toSeq)
}

// tellReturns tells which members found the leader again that had been there all
// along.
func (e *episode) tellReturns(t *sim.Trace) {
	var back []sim.MemberID
	var last *sim.Event
	for _, f := range e.found {
		if f.Peer == e.leader.member && f.Term == e.leader.term {
			back, last = appendMember(back, f.Member), f
		}
	}
	if last != nil {
		e.change(last.At, names(t, back)+" followed "+t.Name(e.leader.member), last.Seq)
	}
}

// candidacy is a term in which members campaigned and none won.
type candidacy struct {
	clusterTerm
	candidates int
}

// fruitless says what elections nobody won between two terms.
func fruitless(lost []candidacy, after, before clusterTerm) string {
	var between []candidacy
	for _, c := range lost {
		if after.compare(c.clusterTerm) < 0 && c.compare(before) < 0 {
			between = append(between, c)
		}
	}
	switch {
	case len(between) == 0:
		return ""
	case len(between) > 1:
		return fmt.Sprintf(", after %d elections that nobody won", len(between))
	case between[0].candidates > 1:
		return fmt.Sprintf(", after a split vote in term %d", between[0].term)
	}
	return fmt.Sprintf(", after an election in term %d that nobody won", between[0].term)
}

// failedTerms lists the terms that nobody won.
func (r *run) failedTerms() (cs []candidacy) {
	won := map[clusterTerm]bool{}
	stood := map[clusterTerm][]sim.MemberID{}
	r.each(sim.KindState, sim.Window{}, func(e *sim.Event) {
		switch e.Role {
		case sim.Leader:
			won[r.termOf(e)] = true
		case sim.Candidate:
			stood[r.termOf(e)] = appendMember(stood[r.termOf(e)], e.Member)
		}
	})
	for t, who := range stood {
		if !won[t] {
			cs = append(cs, candidacy{t, len(who)})
		}
	}
	slices.SortFunc(cs, func(a, b candidacy) int { return a.compare(b.clusterTerm) })
	return cs
}
