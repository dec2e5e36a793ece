package check

import (
	"fmt"
	"time"

	"quorumlab/internal/stats"
	"quorumlab/sim"
)

// tellClients tells in each episode how long no write succeeded, and which
// operations got no answer.
func (r *run) tellClients(eps []*episode) {
	r.tellOutages(eps)
	type account struct {
		ops, writes int
		full        int           // refused for lack of space
		corrupt     int           // refused because of the CORRUPT alarm
		last        time.Duration // when the last one was asked
		asked       []sim.MemberID
		first       uint64
	}
	accounts := map[*episode]*account{}
	for i := range r.ops() {
		o := &r.ops()[i]
		if o.answered() {
			continue
		}
		e := r.causing(eps, o.call.Seq, o.call.At, r.ended(o))
		a := accounts[e]
		if a == nil {
			a = &account{first: o.call.Seq}
			accounts[e] = a
		}
		if o.outOfSpace() {
			a.full++
			continue
		}
		if o.ret != nil && o.ret.Count == sim.AlarmCorrupt {
			a.corrupt++
			continue
		}
		a.ops++
		if o.call.Op.IsWrite() {
			a.writes++
		}
		a.last = max(a.last, o.call.At)
		if o.ret != nil {
			a.asked = appendMember(a.asked, o.ret.Member)
		}
	}
	for _, e := range eps {
		a := accounts[e]
		if a == nil {
			continue
		}
		if a.full > 0 {
			e.effect(number(a.full, "write")+was(a.full)+"refused for lack of space", a.first)
		}
		if a.corrupt > 0 {
			e.effect(number(a.corrupt, "operation")+was(a.corrupt)+"refused because of the alarm", a.first)
		}
		e.weight += time.Duration(a.full+a.corrupt) * time.Millisecond
		if a.ops == 0 {
			continue
		}
		what := number(a.ops, "operation")
		if a.writes == a.ops {
			what = number(a.ops, "write")
		}
		if len(a.asked) > 0 && len(a.asked) < 3 {
			what += " through " + names(r.t, a.asked)
		}
		text := what + " got no answer"
		if a.ops > 1 {
			text += ", the last one sent at " + moment(a.last)
		}
		e.effect(text, a.first)
		e.weight += time.Duration(a.ops) * time.Millisecond
	}
}

func was(n int) string {
	if n == 1 {
		return " was "
	}
	return " were "
}

// tellOutages tells how long no write succeeded, where that is more than the
// ordinary wait for an answer.
func (r *run) tellOutages(eps []*episode) {
	longest := map[*episode]span{}
	for _, s := range r.outageSpans() {
		if s.to-s.from < r.notable() {
			continue
		}
		e := r.causing(eps, s.fromSeq, s.from, s.to)
		if l := longest[e]; s.to-s.from > l.to-l.from {
			longest[e] = s
		}
	}
	for _, e := range eps {
		s, ok := longest[e]
		switch {
		case !ok:
			continue
		case s.toSeq == 0:
			e.effect("no more writes succeeded", s.fromSeq)
		default:
			e.effect(fmt.Sprintf("for %s no write succeeded", length(s.to-s.from)), s.fromSeq, s.toSeq)
		}
		e.weight += s.to - s.from
	}
}

// notable is the shortest wait for a write that is worth a word: half of the
// shortest election timeout, after which followers may miss their leader, and
// several times what writes usually take.
func (r *run) notable() time.Duration {
	usual := time.Duration(0)
	if ds := r.latenciesIn(sim.OpPut, sim.Window{}); len(ds) > 0 {
		usual = stats.Quantile(ds, 0.5)
	}
	return max(r.t.Scenario.Cluster.Election.Lo/2, 5*usual)
}
