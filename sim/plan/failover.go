package plan

import (
	"fmt"
	"math"
	"slices"

	"quorumlab/internal/stats"
)

// Failover is how long it takes from the leader's crash until the others know the next one.
type Failover struct {
	Answer
	Latency
	PerYear float64        `json:"per_year"`              // crashes of the leader
	Seconds float64        `json:"leaderless_s_per_year"` // that they cost
	Curve   []LatencyPoint `json:"curve"`
}

// failoverDraws is how many elections are drawn. The stream is fixed: same input, same plan.
const failoverDraws = 20_000

func failover(in *Input, e *ElectionTimeouts) Failover {
	f := Failover{}
	f.Source = "raft/v3 with pre-vote and check-quorum; etcd draws from [e, 2e-1] ticks"
	f.Rule = "the first timer that expires once the leader's lease has run out at a quorum; pre-vote, vote and " +
		"announcement: 5 one-way trips and 2 fsyncs; a candidate with a rival may have to wait for another timeout"
	if in.Members < 3 {
		f.Text = fmt.Sprintf("%d members have no quorum without their leader: nothing fails over.", in.Members)
		if in.Members == 1 {
			f.Text = "A single member has nobody to fail over to."
		}
		return f
	}
	took := drawn(in, e, failoverDraws)
	sum := 0.0
	for _, t := range took {
		sum += min(t, mostRounds*e.Election)
	}
	if math.IsInf(stats.Quantile(took, .5), 1) {
		f.Text = fmt.Sprintf("With an election timeout of %s, candidates collide again and again: a crashed leader is "+
			"hardly ever replaced.", Spell(e.Election))
		return f
	}
	at := func(p float64) float64 { return min(stats.Quantile(took, p), took[0]+mostRounds*e.Election) }
	f.Latency = Latency{P50: at(.5), Mean: sum / failoverDraws, P90: at(.9), P99: at(.99)}
	for i := range 201 {
		share := float64(i) / 200
		f.Curve = append(f.Curve, LatencyPoint{at(share), share})
	}
	f.PerYear = in.member().perYear()
	f.Seconds = f.PerYear * f.Mean / 1e3
	f.Text = fmt.Sprintf("A crashed leader is replaced in %s (p99 %s). About %s leader crashes a year stop writes for %s "+
		"in all.", Spell(f.P50), Spell(f.P99), number(f.PerYear), spell(f.Seconds))
	return f
}

// drawn are the times of so many elections, shortest first.
func drawn(in *Input, e *ElectionTimeouts, n int) []float64 {
	d := newDrawer(in, e)
	took := make([]float64, n)
	for i := range took {
		took[i] = d.failover()
	}
	slices.Sort(took)
	return took
}
