package check

import (
	"quorumlab/sim"
)

func init() {
	register("leaderless.total", sim.Millis, sim.OfTime,
		"the total time, after the first leader, in which no member could lead: none was up, unpaused, leader in its own "+
			"view, and connected both ways to a majority of the voters that knew no higher term",
		func(r *run, w sim.Window) (float64, bool) {
			return millis(r.total(r.leaderless(), w))
		})
	register("leaderless.longest", sim.Millis, sim.OfLongest,
		"the longest stretch, after the first leader, in which no member could lead (see leaderless.total)",
		func(r *run, w sim.Window) (float64, bool) {
			_, d := r.longest(r.leaderless(), w)
			return millis(d)
		})
	longestGap := func(r *run, w sim.Window) []uint64 {
		s, _ := r.longest(r.leaderless(), w)
		return seqs(s.fromSeq, s.toSeq)
	}
	explain("leaderless.longest", longestGap)
	explain("leaderless.total", longestGap)

	register("leader.first", sim.Millis, sim.OfInterval,
		"the time from the start of the run until a member could first lead",
		func(r *run, w sim.Window) (float64, bool) {
			g := r.leaderships()
			if g.firstSeq == 0 || !w.Has(0) || !w.Has(g.firstAt) {
				return 0, false
			}
			return millis(g.firstAt)
		})
	meter("leader.first", newFirstLeaderMeter)
	register("leader.changes", sim.Count, sim.OfEvents,
		"how often a member became leader of a term, not counting the first time in the run",
		func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for i, e := range r.firstOf(sim.Leader) {
				if i > 0 && w.Has(e.At) {
					n++
				}
			}
			return count(n)
		})
	register("elections", sim.Count, sim.OfEvents,
		"terms in which a member campaigned (with pre-vote: after it won the pre-vote)",
		func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for _, e := range r.elections() {
				if w.Has(e.At) {
					n++
				}
			}
			return count(n)
		})
	register("elections.failed", sim.Count, sim.OfEvents,
		"terms in which a member campaigned and none became leader: a split vote, or no majority available",
		failedElections)
	register("terms", sim.Count, sim.OfState, "the highest term that any member knew",
		func(r *run, w sim.Window) (float64, bool) {
			var top uint64
			r.each(sim.KindState, w, func(e *sim.Event) { top = max(top, e.Term) })
			return float64(top), top > 0
		})
	register("failover", sim.Millis, sim.OfInterval,
		"the time from the first crash, pause or cut that took the leader away until every voter connected to the new "+
			"leader followed it",
		func(r *run, w sim.Window) (float64, bool) {
			f, ok := r.failoverIn(w)
			if !ok {
				return 0, false
			}
			return millis(f.known - f.lost)
		})
	meter("failover", newFailoverMeter)
	explain("failover", func(r *run, w sim.Window) []uint64 {
		f, _ := r.failoverIn(w)
		return seqs(f.lostSeq, f.newSeq, f.knownSeq)
	})
}

// leaderless lists the stretches without a leader, after the first one; the whole run if none came in it.
func (r *run) leaderless() []span {
	g := r.leaderships()
	if g.firstSeq == 0 || g.firstAt > r.length {
		return []span{{to: r.length, toSeq: g.firstSeq}}
	}
	return g.leaderless
}

// failoverIn is the first failover whose fault lies in the window, unless it ends after it.
func (r *run) failoverIn(w sim.Window) (failover, bool) {
	for _, f := range r.leaderships().failovers {
		if w.Has(f.lost) {
			return f, w.Has(f.known)
		}
	}
	return failover{}, false
}

// firstOf lists, for each term in which a member took the role, the first event
// that says so, in order of the trace.
func (r *run) firstOf(roles ...sim.Role) (es []*sim.Event) {
	seen := map[clusterTerm]bool{}
	r.each(sim.KindState, sim.Window{}, func(e *sim.Event) {
		for _, role := range roles {
			if t := r.termOf(e); e.Role == role && !seen[t] {
				seen[t] = true
				es = append(es, e)
			}
		}
	})
	return es
}

// elections lists the first event of each election. A leader counts as well: an
// engine that looks only now and then may miss that it was a candidate.
func (r *run) elections() []*sim.Event { return r.firstOf(sim.Candidate, sim.Leader) }

func failedElections(r *run, w sim.Window) (float64, bool) {
	won := map[clusterTerm]bool{}
	for _, e := range r.firstOf(sim.Leader) {
		won[r.termOf(e)] = true
	}
	n := 0
	for _, e := range r.elections() {
		if !won[r.termOf(e)] && w.Has(e.At) {
			n++
		}
	}
	return count(n)
}
