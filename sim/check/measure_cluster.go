package check

import "quorumlab/sim"

func init() {
	events := func(name, about string, k sim.Kind) {
		register(name, sim.Count, sim.OfEvents, about, func(r *run, w sim.Window) (float64, bool) {
			if r.t.Lacks(sim.Kinds(k)) {
				return 0, false
			}
			return count(r.number(k, w))
		})
	}
	events("members.panicked", "how often raft or etcd panicked and a member stopped", sim.KindPanicked)
	events("snapshots", "how often a member that had fallen behind got a snapshot instead of log entries",
		sim.KindSnapshotInstalled)
	events("snapshots.made", "how often a member made a snapshot of its own state", sim.KindSnapshotMade)
	events("messages.sent", "messages that members sent to each other; absent when the trace was kept without messages",
		sim.KindSent)
	events("messages.dropped", "messages that did not arrive: cut, lost, or the receiver was down; absent when the "+
		"trace was kept without messages", sim.KindDropped)
	explain("members.panicked", func(r *run, w sim.Window) (ns []uint64) {
		r.each(sim.KindPanicked, w, func(e *sim.Event) { ns = append(ns, e.Seq) })
		return ns
	})

	register("entries.lost", sim.Count, sim.OfEvents,
		"log entries that crashes lost because they had not been synced to disk",
		func(r *run, w sim.Window) (float64, bool) {
			n := 0
			r.each(sim.KindLost, w, func(e *sim.Event) { n += int(e.Count) })
			return count(n)
		})
	register("catchup", sim.Millis, sim.OfInterval,
		"the time from the first restart of a member until it had committed everything that the cluster had committed at "+
			"the restart; absent when the trace was kept without commits",
		func(r *run, w sim.Window) (float64, bool) {
			s, ok := r.catchup(w)
			if !ok {
				return 0, false
			}
			return millis(s.to - s.from)
		})
	explain("catchup", func(r *run, w sim.Window) []uint64 {
		s, _ := r.catchup(w)
		return seqs(s.fromSeq, s.toSeq)
	})
}

// catchup finds the first restart in the window and when the member had caught
// up. The mark is what any member had committed at the restart: the leader moves
// on, so "level with the leader" would be a matter of when one looks.
func (r *run) catchup(w sim.Window) (span, bool) {
	if r.t.Lacks(sim.Kinds(sim.KindCommitted)) {
		return span{}, false
	}
	var top, mark uint64
	var who sim.MemberID
	var s span
	stopped := map[sim.MemberID]bool{}
	for e := range r.t.All(sim.AllKinds) {
		switch e.Kind {
		case sim.KindCrashed, sim.KindPanicked:
			stopped[e.Member] = true
		case sim.KindNewCluster: // its indexes start over
			top, who = 0, 0
		case sim.KindStarted:
			if who == 0 && stopped[e.Member] && w.Has(e.At) {
				who, mark = e.Member, top
				s = span{from: e.At, fromSeq: e.Seq}
			}
		case sim.KindCommitted, sim.KindSnapshotInstalled:
			top = max(top, e.Index)
			if who != 0 && e.Member == who && e.Index >= mark {
				s.to, s.toSeq = e.At, e.Seq
				return s, w.Has(s.to)
			}
		}
	}
	return span{}, false
}
