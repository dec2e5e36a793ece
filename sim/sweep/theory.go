package sweep

import (
	"fmt"
	"math"
	"time"

	"quorumlab/sim"
)

// ElectionTheory is an election in theory: Alive of Members servers, whose timers were reset
// at one moment by the last heartbeat of a leader that is gone, draw timeouts uniformly
// from Shortest to Shortest+Spread. A message takes Latency one way, always; disks take no
// time. All logs are equal.
//
// Ongaro's dissertation (Consensus: Bridging Theory and Practice, Stanford 2014, chapter
// 9) has the split-vote probability in this form; each method gives the derivation.
type ElectionTheory struct {
	Members, Alive                       int
	Shortest, Spread, Latency, Heartbeat float64 // milliseconds
}

// ElectionTheoryOf is the theory's election for a scenario whose leader crashes anywhere
// between two heartbeats. The error says what in the scenario the theory does not cover.
func ElectionTheoryOf(s *sim.Scenario) (ElectionTheory, error) {
	c := &s.Cluster
	e := ElectionTheory{Members: len(c.Members), Alive: len(c.Members) - 1, Heartbeat: sim.MillisOf(c.Heartbeat)}
	tick, _, lo, hi := c.ElectionTicks()
	e.Shortest = sim.MillisOf(time.Duration(lo) * tick)
	e.Spread = sim.MillisOf(time.Duration(hi+1-lo) * tick)
	l := c.Network.Latency
	e.Latency = sim.MillisOf(l.Lo)
	switch {
	case l.Measured() || l.Lo != l.Hi || len(c.Links) > 0 || c.Network.Loss > 0:
		return e, fmt.Errorf("election theory requires one fixed latency on all links, without loss")
	case !c.Disk.Fsync.IsZero():
		return e, fmt.Errorf("election theory requires disks that take no time")
	case c.PreVote || c.CheckQuorum:
		return e, fmt.Errorf("election theory does not cover pre-vote and check-quorum")
	case e.Alive < e.Members/2+1:
		return e, fmt.Errorf("without its leader the cluster has no majority")
	}
	return e, nil
}

// Ratio is the latency as a share of the timeouts' spread, the one number that determines
// split votes.
func (e ElectionTheory) Ratio() float64 { return e.Latency / e.Spread }

// SplitVote is the probability that nobody wins the first election.
//
// Servers that time out within one latency of the first stand too, since they have not
// heard of it. With k candidates the first one gets the votes of all others that are
// alive, and its own: 1 + (s-k), for its requests arrive first. It needs floor(n/2)+1. So
// the vote splits when there are c = s - floor(n/2) + 1 candidates or more, that is when
// the c-th of s timeouts comes within l of the first. The distance between the first and
// the c-th of s uniform values has a Beta(c-1, s-c+2) distribution, whose distribution
// function at l is that of at least c-1 hits in s with probability l each.
func (e ElectionTheory) SplitVote() float64 {
	c, l, p := e.Alive-e.Members/2+1, min(e.Ratio(), 1), 0.0
	for k := c - 1; k <= e.Alive; k++ {
		p += choose(e.Alive, k) * math.Pow(l, float64(k)) * math.Pow(1-l, float64(e.Alive-k))
	}
	return p
}

// choose is the number of ways to choose k of n.
func choose(n, k int) float64 {
	v := 1.0
	for i := range k {
		v = v * float64(n-i) / float64(i+1)
	}
	return v
}

// MeanFailover is the mean time from the leader's crash until all others have heard of
// the next one: the usual estimate, and the two cases between which it lies.
//
// The first of s timeouts is Shortest + Spread/(s+1) on average. It counts from the
// last heartbeat's arrival, one latency after it was sent, and the crash comes half an
// interval after that sending on average. The votes take a round trip, and the new
// leader's first message one latency more. A split vote costs another round. If each
// round splits as the first does, with probability p, there are 1/(1-p) on average:
// that is the estimate. But the timers of later rounds do not begin together: they
// begin anew with the candidacies and, in raft/v3, with the votes and with being
// out-voted, from the first timeout on and up to three latencies later. That spreads
// the timeouts, so that later rounds split less often. So the least is that they never
// do, and the most that they do as often as the first and all begin those three
// latencies late.
func (e ElectionTheory) MeanFailover() (least, estimate, most float64) {
	p := e.SplitVote()
	sure := 4*e.Latency - e.Heartbeat/2
	round := e.Shortest + e.Spread/float64(e.Alive+1)
	again := p / (1 - p)
	return sure + round*(1+p), sure + round*(1+again), sure + round*(1+again) + 3*e.Latency*again
}
