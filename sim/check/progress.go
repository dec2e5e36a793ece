package check

import (
	"fmt"
	"slices"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

func init() {
	registerCheck("progress",
		"after the last fault has ended, a write is acknowledged within five election timeouts (twelve without pre-vote) "+
			"and one request timeout, and on etcd, if members were started, one request timeout of etcd's own; "+
			"without load, a member can lead",
		true, (*run).progress)
}

// ProgressBound is how long a healed cluster may take until a write succeeds.
//
// A round of an election lasts at most the longest election timeout, and rounds
// are independent draws: a split vote needs two candidates within a message's
// delay of each other (Raft dissertation, section 9.3), so that five in a row are
// out of the question with the settings that scenarios allow. Without PreVote, members whose
// logs are behind take part: they can't win, but with their new term all others begin to wait
// anew. If only two of six can win, two rounds of three are lost, and more rounds are owed. The request
// timeout is for clients that still wait for an earlier operation, and can't
// begin another. On a network that always loses some messages, clients that wait for
// their answers may have to ask more often: nobody repeats a write that was lost on its
// way to the leader.
func ProgressBound(s *sim.Scenario) time.Duration {
	election, rounds := time.Duration(0), time.Duration(5)
	for _, u := range s.SettingsUses() { // the slowest of the members counts
		longest := u.Cluster.Election.Hi
		if u.Cluster.Election.Lo == longest {
			longest *= 2 // as etcd draws it, see sim.ClusterSpec.ElectionTicks
		}
		election = max(election, longest)
		if !u.Cluster.PreVote {
			rounds = 12
		}
	}
	bound := rounds*election + s.Workload.Timeout
	if s.Workload.Rate == 0 {
		bound += time.Duration(repeats(s)) * s.Workload.Timeout
	}
	return bound
}

// repeats is how many writes may be lost in a row: more are practically impossible, one in
// a million.
func repeats(s *sim.Scenario) (n int) {
	loss := steadyLoss(s)
	if loss >= sim.Whole {
		return 0 // nothing gets through, however often
	}
	const out = 1e-6
	for p := 1.0; loss > 0 && p > out; n++ {
		p *= float64(loss) / float64(sim.Whole)
	}
	return max(0, n-1)
}

// steadyLoss is the share of messages that the worst link of a cluster always loses.
func steadyLoss(s *sim.Scenario) sim.Share {
	loss := s.Cluster.Network.Loss
	for _, l := range s.Cluster.Links {
		loss = max(loss, l.Loss)
	}
	return loss
}

// snapshotWait is for how long etcd's leader waits to hear that a snapshot has arrived:
// for so long it sends that member nothing else, also if the answer is lost and all has
// healed (server/etcdserver/api/rafthttp, snapResponseReadTimeout).
const snapshotWait = 5 * time.Second

// snapshotBefore reports whether a leader may still wait for a member that has got a
// snapshot.
func (r *run) snapshotBefore(at time.Duration) bool {
	return slices.ContainsFunc(r.quiet.Events, func(e sim.Event) bool {
		return e.Kind == sim.KindSnapshotInstalled && e.At <= at && e.At > at-snapshotWait
	})
}

// snapshotMayBeLost reports whether a member may need a snapshot on a network that always loses some messages: a leader
// waits as long for the answer to one that was lost. With two voters nothing is committed meanwhile.
func (r *run) snapshotMayBeLost(at time.Duration) bool {
	return steadyLoss(&r.t.Scenario) > 0 && slices.ContainsFunc(r.quiet.Events, func(e sim.Event) bool {
		return e.Kind == sim.KindCompacted && e.At <= at
	})
}

// PublishWait is after how long a member of etcd that has started says its name again if that was lost. It serves no
// client before its name is committed (server/etcdserver/server.go: publishV3; config.ServerConfig.ReqTimeout). On sim
// it is 0.
func PublishWait(s *sim.Scenario, engine string) time.Duration {
	if engine == "sim" {
		return 0
	}
	return 5*time.Second + 2*s.Cluster.Election.Lo
}

// startedBefore reports whether a member that was started so recently may still have to say its name.
func (r *run) startedBefore(at time.Duration) bool {
	wait := PublishWait(&r.t.Scenario, r.t.Engine)
	return slices.ContainsFunc(r.quiet.Events, func(e sim.Event) bool {
		return e.Kind == sim.KindStarted && e.At > 0 && e.At <= at && e.At > at-wait
	})
}

// progress judges liveness: nothing is owed while faults last, and a commit when
// they have ended.
func (r *run) progress() sim.Verdict {
	v := sim.Verdict{Check: "progress", OK: true}
	healed, still := faultsOf(r.quiet)
	if still != "" {
		v.Why = "not applicable: " + still + " when the run ended"
		return v
	}
	since := "the start of the run"
	from, bound := time.Duration(0), ProgressBound(&r.t.Scenario)
	if healed != nil {
		from = healed.At
		since = "the last fault had ended at " + moment(from)
		v.Events = seqs(healed.Seq)
	}
	asked, first := r.writesFrom(from)
	if first == nil {
		return r.leads(v, from, bound, since)
	}
	from = max(from, first.call.At)
	if r.snapshotBefore(from) || r.snapshotMayBeLost(from) {
		bound += snapshotWait
	}
	if r.startedBefore(from) {
		bound += PublishWait(&r.t.Scenario, r.t.Engine)
	}
	for i := range r.ops() {
		o := &r.ops()[i]
		if !o.wrote() || o.ret.At < from {
			continue
		}
		if took := o.ret.At - from; took <= bound {
			v.Why = fmt.Sprintf("a write was acknowledged %s after %s (limit: %s)", length(took), since, length(bound))
			v.Events = append(v.Events, o.ret.Seq)
			return v
		}
	}
	if r.end < from+bound {
		v.Why = fmt.Sprintf("not applicable: the run ended only %s after %s, and the limit is %s", length(r.end-from),
			since, length(bound))
		return v
	}
	v.OK = false
	v.Why = fmt.Sprintf("clients sent %s after %s, and within %s none was acknowledged", number(asked, "write"),
		since, length(bound))
	v.Events = append(v.Events, first.call.Seq)
	return v
}

// writesFrom counts the writes that were under way at a time or began later, and
// finds the first.
func (r *run) writesFrom(from time.Duration) (n int, first *op) {
	for i := range r.ops() {
		o := &r.ops()[i]
		if o.call.Op.IsWrite() && r.ended(o) >= from {
			if n++; first == nil {
				first = o
			}
		}
	}
	return n, first
}

// leads judges a cluster that no client wrote to: was there a member that could
// lead within the bound?
func (r *run) leads(v sim.Verdict, from, bound time.Duration, since string) sim.Verdict {
	v.Why = fmt.Sprintf("no client wrote after %s; a member could lead", since)
	g := r.leaderships()
	w := sim.Window{From: from, To: min(from+bound, r.end)}
	if w.To <= w.From {
		v.Why = "not applicable: the run ended as soon as its faults did"
		return v
	}
	s, without := longestIn(g.leaderless, w)
	switch {
	case g.firstSeq != 0 && g.firstAt <= w.To && without < w.To-w.From:
		return v
	case w.To < from+bound:
		v.Why = fmt.Sprintf("not applicable: the run ended only %s after %s, and the limit is %s", length(r.end-from),
			since, length(bound))
		return v
	}
	v.OK = false
	v.Why = fmt.Sprintf("within %s after %s no member could lead", length(bound), since)
	v.Events = append(v.Events, seqs(s.fromSeq)...)
	return v
}

// faultsOf finds the last event of a fault, or nil, and says what was still broken
// at the end: the first statement that had not ended, or a member that gave up and
// was not started again. A change of the load is no fault.
func faultsOf(t *sim.Trace) (last *sim.Event, still string) {
	var active []*sim.Event
	var down []sim.MemberID
	for i := range t.Events {
		e := &t.Events[i]
		switch e.Kind {
		case sim.KindFaultBegun, sim.KindFaultEnded:
			verb, ok := faultVerb(e.Note)
			if !ok {
				continue
			}
			last = e
			active = without(active, e.ID)
			if e.Kind == sim.KindFaultBegun && verb.Lasts {
				active = append(active, e)
			}
		case sim.KindPanicked:
			down = appendMember(down, e.Member)
		case sim.KindStarted:
			down = removeMember(down, e.Member)
		}
	}
	switch {
	case len(active) > 0:
		still = fmt.Sprintf("%q was still in effect", active[0].Note)
	case len(down) > 0:
		still = names(t, down) + " had panicked and stayed down"
	}
	return last, still
}

// faultVerb is the verb of a statement that breaks or mends something; false for
// those that only do what clients and operators do every day.
func faultVerb(statement string) (*script.Verb, bool) {
	st, err := script.Parse(statement)
	if err != nil || needs(st, sim.PowerLoad, sim.PowerPut, sim.PowerCompact, sim.PowerWatch, sim.PowerLease,
		sim.PowerLock) {
		return nil, false
	}
	return script.VerbNamed(st.Verb), true
}

// needs reports whether a statement asks the cluster for one of the powers. The
// checks know statements by that: there may be new ones any day, but hardly powers.
func needs(st sim.Statement, powers ...sim.Power) bool {
	return slices.ContainsFunc(script.VerbNamed(st.Verb).Needs, func(p sim.Power) bool {
		return slices.Contains(powers,
			p)
	})
}

// without removes the fault of a number.
func without(active []*sim.Event, id uint64) []*sim.Event {
	for i, e := range active {
		if e.ID == id {
			return append(active[:i], active[i+1:]...)
		}
	}
	return active
}
