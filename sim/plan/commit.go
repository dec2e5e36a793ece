package plan

import "quorumlab/sim"

// Latency is a distribution of times in milliseconds.
type Latency struct {
	P50  float64 `json:"p50"`
	Mean float64 `json:"mean"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
}

func (d dist) latency() Latency {
	return Latency{P50: d.quantile(.5), Mean: d.mean(), P90: d.quantile(.9), P99: d.quantile(.99)}
}

// writing is how long writes take with the leader in one place.
type writing struct {
	commit dist // from the leader's taking the write up until it is committed
	answer dist // until it is applied too, and the client next to the leader knows
}

// writeDist is how long the leader takes to commit one entry: until its own WAL write
// is done, and a quorum, itself among it, has the entry on disk. The leader sends
// before it writes (Raft dissertation, section 10.2.1; server/etcdserver/raft.go), so a
// follower's part is a round trip and its fsync, side by side with the leader's fsync.
// No commit is seen before the leader's own write has ended: etcd takes up the next
// state of raft only then. A loop that is busy with an earlier write lets the entry
// wait, at the leader and at the follower, and the answers too.
//
// rtts are the round trips from the leader to each follower; perSecond is the load.
func writeDist(fsync sim.Distribution, rtts []sim.Distribution, perSecond float64) writing {
	step := gridFor(fsync, fsync, fsync, longest(rtts))
	own := onGrid(fsync, step)
	waits := own.rest(busy(own, perSecond))
	follower := own.plus(waits)
	byDistribution := map[sim.Distribution]dist{}
	followers := make([]dist, len(rtts))
	for i, r := range rtts {
		if _, ok := byDistribution[r]; !ok {
			byDistribution[r] = follower.plus(onGrid(r, step))
		}
		followers[i] = byDistribution[r]
	}
	need := Quorum(len(rtts)+1) - 1
	total := dist{step: step, cum: make([]float64, gridPoints)}
	for i := range total.cum {
		ps := make([]float64, len(followers))
		for j, f := range followers {
			ps[j] = f.cum[i]
		}
		total.cum[i] = own.cum[i] * atLeast(need, ps)
	}
	w := writing{commit: total.plus(waits)}
	if need > 0 {
		w.commit = w.commit.plus(waits)
	}
	w.answer = w.commit.plus(applied(fsync, step, perSecond))
	return w
}

// longest is the distribution with the largest top.
func longest(ls []sim.Distribution) (l sim.Distribution) {
	for _, x := range ls {
		if top(x) >= top(l) {
			l = x
		}
	}
	return l
}

// atLeast is the probability that k or more of independent events happen, by adding
// one event at a time (the Poisson binomial distribution).
func atLeast(k int, ps []float64) (sum float64) {
	happen := make([]float64, len(ps)+1)
	happen[0] = 1
	for i, p := range ps {
		for j := i + 1; j > 0; j-- {
			happen[j] = happen[j]*(1-p) + happen[j-1]*p
		}
		happen[0] *= 1 - p
	}
	for _, p := range happen[k:] {
		sum += p
	}
	return min(sum, 1)
}
