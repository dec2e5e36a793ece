package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"quorumlab/sim"
)

// Failover is how long it takes from the leader's crash until the others know the next one.
type Failover struct {
	Answer
	Latency
	PerYear float64      `json:"per_year"`              // crashes of the leader
	Seconds float64      `json:"leaderless_s_per_year"` // that they cost
	Curve   []CurvePoint `json:"curve"`
}

// failoverDraws is how many elections are drawn. The stream is fixed: same input, same plan.
const failoverDraws = 20_000

func failover(in *Input, e *Election) Failover {
	f := Failover{}
	f.Source = "raft/v3 with pre-vote and check-quorum; etcd draws from [e, 2e-1] ticks"
	f.Rule = "the first timer that runs out when a quorum has lost the leader's lease, 5 one-way trips and 2 fsyncs"
	if in.Members < 3 {
		f.Text = fmt.Sprintf("%d members have no quorum without their leader: nothing fails over.", in.Members)
		if in.Members == 1 {
			f.Text = "A single member has nobody to fail over to."
		}
		return f
	}
	r, slow := sim.Stream(1, "plan failover"), slowest(in)
	took := make([]float64, failoverDraws)
	sum := 0.0
	for i := range took {
		took[i] = drawFailover(r, in, slow, e)
		sum += took[i]
	}
	slices.Sort(took)
	at := func(p float64) float64 { return took[int(p*float64(len(took)-1))] }
	f.Latency = Latency{P50: at(.5), Mean: sum / failoverDraws, P90: at(.9), P99: at(.99)}
	for p := range 101 {
		f.Curve = append(f.Curve, CurvePoint{at(float64(p) / 100), float64(p) / 100})
	}
	f.PerYear = in.member().perYear()
	f.Seconds = f.PerYear * f.Mean / 1e3
	f.Text = fmt.Sprintf("A crashed leader is replaced in %s, %s at worst of 100; about %s crashes of it a year cost %s of writes.",
		Spell(f.P50), Spell(f.P99), number(f.PerYear), spell(f.Seconds))
	return f
}

// timer is a follower's, in milliseconds since the last heartbeat came.
type timer struct{ stands, lease float64 }

// drawFailover draws one election. The crash comes anywhere between two heartbeats. A
// follower stands at its tick number d, its first tick anywhere in an interval; it
// grants a pre-vote from its tick number e on. Who asks before a quorum grants has to
// wait for its next timeout, and another one is first.
func drawFailover(r *rand.Rand, in *Input, slow sim.Law, e *Election) float64 {
	sinceHeartbeat := r.Float64() * e.Heartbeat
	timers := make([]timer, in.Members-1)
	for i := range timers {
		first := r.Float64() * e.Heartbeat
		timers[i].stands = first + float64(e.Ticks+r.IntN(e.Ticks)-1)*e.Heartbeat
		timers[i].lease = first + float64(e.Ticks-1)*e.Heartbeat
	}
	slices.SortFunc(timers, func(a, b timer) int { return int(a.stands*1e6) - int(b.stands*1e6) })
	hop := func() float64 { return ms(slow.Draw(r)) / 2 }
	for i, t := range timers {
		asked, granted := t.stands+hop(), 1
		for j, o := range timers {
			if i != j && o.lease <= asked {
				granted++
			}
		}
		if granted >= Quorum(in.Members) || i == len(timers)-1 {
			return asked + hop() - sinceHeartbeat + // the heartbeat took one hop, counted below
				hop() + election2(in, r, slow) // pre-vote answered
		}
	}
	return 0
}

// election2 is the vote itself, after the pre-vote: the candidate's and a voter's terms on
// disk, a round trip, and the message that shows the leader.
func election2(in *Input, r *rand.Rand, slow sim.Law) float64 {
	return ms(in.Fsync.Draw(r)) + ms(slow.Draw(r)) + ms(in.Fsync.Draw(r)) + ms(slow.Draw(r))/2
}
