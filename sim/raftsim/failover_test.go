package raftsim_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/compare"
	"quorumlab/sim/raftsim"
)

// The cluster of these tests: three members, etcd's ticks, no load, and no time for disks.
const (
	tick    = 100 * time.Millisecond
	ticks   = 10 // of the election time; raft draws from [ticks, 2 ticks - 1]
	hop     = time.Millisecond
	crashAt = 5 * time.Second
)

// crashed is the failover time of a run.
func crashed(t *testing.T, seed uint64) time.Duration {
	t.Helper()
	s := base(3)
	s.Seed, s.Run = seed, crashAt+8*time.Second
	s.Cluster.Heartbeat, s.Cluster.Election = tick, sim.Fixed(ticks*tick)
	s.Cluster.Network.Latency, s.Cluster.Disk.Fsync = sim.Fixed(hop), sim.Distribution{}
	s.Workload.Clients = 0
	step(t, s, crashAt+time.Duration(seed%100)*time.Millisecond, "crash leader")
	rec := sim.NewRecorder(sim.AllKinds &^ sim.HighRate)
	if err := (raftsim.Engine{}).Run(t.Context(), s, rec, nil); err != nil {
		t.Fatal(err)
	}
	ms, ok := check.Read(rec.Trace(s, "sim", "")).Measure("failover", sim.Window{})
	if !ok {
		t.Fatalf("seed %d: no failover", seed)
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// By hand: a follower that has seen a heartbeat at 0 campaigns at its tick number D, D drawn from 10
// to 19, wherever its ticks lie. The other one grants the pre-vote only when its lease on the dead
// leader, 10 of its own ticks, is over; otherwise the first one has to wait for as long again, and the
// other one comes first. Then it takes a round trip for the pre-vote, one for the vote, and a message
// that shows the new leader.
func byHand(r *rand.Rand) (failover time.Duration, split bool) {
	heartbeat := -time.Duration(r.Int64N(int64(tick))) // the leader's last one, the crash is at 0
	var phase, stands, lease [2]time.Duration
	for i := range 2 {
		phase[i] = time.Duration(r.Int64N(int64(tick)))
		nth := func(n int) time.Duration { return heartbeat + hop + phase[i] + time.Duration(n-1)*tick }
		stands[i], lease[i] = nth(ticks+r.IntN(ticks)), nth(ticks)
	}
	first, second := 0, 1
	if stands[1] < stands[0] {
		first, second = 1, 0
	}
	at := stands[first]
	if at+hop < lease[second] {
		at = stands[second]
	}
	return at + 5*hop, stands[second]-stands[first] < 4*hop
}

// TestFailoverIsAsByHand holds the distribution of the engine's failover times against the one
// worked out by hand from etcd's rules, and both against the bounds that follow from them.
func TestFailoverIsAsByHand(t *testing.T) {
	alone(t)
	const runs, draws = 400, 20_000
	least, most := (ticks-2)*tick, (2*ticks-1)*tick+tick/2
	var measured, model []float64
	beyond := 0
	for seed := range uint64(runs) {
		d := crashed(t, seed+1)
		if d < least {
			t.Errorf("seed %d: %v is less than raft's timers allow", seed+1, d)
		}
		if d > most { // a split vote: everything from the beginning
			beyond++
		}
		measured = append(measured, sim.MillisOf(d))
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range draws {
		if d, split := byHand(r); !split {
			model = append(model, sim.MillisOf(d))
		}
	}
	if beyond > runs/20 {
		t.Errorf("%d of %d failovers took more than %v", beyond, runs, most)
	}
	a, b := compare.Of(measured), compare.Of(model)
	if d := compare.Distance(a, b); d > compare.Chance(len(a), len(b)) {
		t.Errorf("distance %.3f from the distribution by hand, chance allows %.3f; medians %.0f and %.0f ms",
			d, compare.Chance(len(a), len(b)), a.Median(), b.Median())
	}
}
