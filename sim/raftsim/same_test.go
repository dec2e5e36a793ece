package raftsim_test

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// same fails the test at the first event in which two runs part.
func same(t rapid.TB, what string, a, b *sim.Trace) {
	t.Helper()
	for i := range min(len(a.Events), len(b.Events)) {
		if a.Events[i] != b.Events[i] {
			t.Errorf("%s, seed %d: the runs part at event %d:\n%s%s", what, a.Seed, i+1, lines(t, a.Events[i]),
				lines(t, b.Events[i]))
			return
		}
	}
	if len(a.Events) != len(b.Events) {
		t.Errorf("%s, seed %d: one run has %d events, the other %d", what, a.Seed, len(a.Events), len(b.Events))
	}
}

// TestSkippedTicks holds the clock that skips ticks against the one that does not.
func TestSkippedTicks(t *testing.T) {
	alone(t)
	for seed := range *seeds {
		s := chaos(t, seed)
		if seed%4 == 0 { // raft gives up on what these leave
			s.Steps = slices.Insert(s.Steps, 0, breakDisks(t)...)
		}
		same(t, "skipped and plain ticks", play(t, raftsim.Engine{}, s), play(t, raftsim.EveryTick(raftsim.Engine{}), s))
		if t.Failed() {
			return
		}
	}
}

// TestSkippedTicksOfAnyScenario does so for clusters, timings, loads and scripts that are
// drawn, so that it finds the smallest in which the clocks differ.
func TestSkippedTicksOfAnyScenario(t *testing.T) {
	alone(t)
	rapid.Check(t, func(t *rapid.T) {
		s := anyScenario(t)
		same(t, "skipped and plain ticks", play(t, raftsim.Engine{}, s), play(t, raftsim.EveryTick(raftsim.Engine{}), s))
	})
}

// anyScenario is a short run in which ticks may mean anything.
func anyScenario(t *rapid.T) *sim.Scenario {
	s := base(rapid.IntRange(1, 5).Draw(t, "members"))
	s.Seed, s.Run = rapid.Uint64().Draw(t, "seed"), 6*time.Second // the last fault ends at 6 s at the latest
	c := &s.Cluster
	c.Tick = time.Duration(rapid.SampledFrom([]int{1, 3, 10, 50}).Draw(t, "tick")) * ms
	c.Heartbeat = c.Tick * time.Duration(rapid.IntRange(1, 4).Draw(t, "heartbeat"))
	lo := c.Heartbeat * time.Duration(rapid.IntRange(2, 6).Draw(t, "election"))
	c.Election = sim.Distribution{Lo: lo, Hi: lo + c.Tick*time.Duration(rapid.IntRange(1, int(lo/c.Tick)).Draw(t,
		"range"))}
	c.PreVote, c.CheckQuorum = rapid.Bool().Draw(t, "pre-vote"), rapid.Bool().Draw(t, "check-quorum")
	c.Disk.Mode = rapid.SampledFrom([]string{"etcd", "async"}).Draw(t, "disk")
	c.Disk.Fsync = rapid.SampledFrom([]sim.Distribution{{}, sim.Fixed(c.Tick), {P50: 2 * ms, P99: 40 * ms}}).Draw(t,
		"fsync")
	c.Network.Latency = rapid.SampledFrom([]sim.Distribution{{}, sim.Fixed(c.Tick), {Lo: ms, Hi: 30 * ms}}).Draw(t,
		"latency")
	c.Network.Loss = sim.Share(rapid.IntRange(0, 3).Draw(t, "loss")) * sim.Whole / 100
	s.Workload.Clients = rapid.IntRange(0, 2).Draw(t, "clients")
	if c.CheckQuorum && rapid.Bool().Draw(t, "lease") {
		s.Workload.Reads = sim.ReadLease
	}
	for at, n := 500*ms, rapid.IntRange(0, 6).Draw(t, "steps"); n > 0; n-- {
		do := rapid.SampledFrom([]string{"campaign n1", "move-leader a-follower", "put k v", ""}).Draw(t, "do")
		if lasts := time.Duration(rapid.IntRange(1, 1500).Draw(t, "for")) * ms; do != "" {
			step(t, s, at, do)
		} else if do = trouble(sim.Stream(rapid.Uint64().Draw(t, "trouble"), "trouble")); s.Workload.Clients > 0 ||
			!strings.HasPrefix(do, "load ") {
			step(t, s, at, do, lasts)
		}
		at += time.Duration(rapid.IntRange(0, 800).Draw(t, "later")) * ms
	}
	return s
}

// breakDisks makes disks lose what they had promised to keep.
func breakDisks(t *testing.T) []sim.Step {
	s := base(3)
	step(t, s, ms, "lose-unsynced random 2", 10*time.Second)
	step(t, s, time.Second, "crash random 1", time.Second)
	step(t, s, 1500*ms, "wipe random 1", time.Second)
	return s.Steps
}

func TestSameSeedSameTrace(t *testing.T) {
	s := chaos(t, 7)
	want := play(t, raftsim.Engine{}, s)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for procs := 1; procs <= 4; procs++ {
		runtime.GOMAXPROCS(procs)
		same(t, "the same run again", want, play(t, raftsim.Engine{}, s))
	}
}

func TestSideBySide(t *testing.T) {
	const seeds = 4
	var scenarios [seeds]*sim.Scenario
	var alone [seeds]*sim.Trace
	for i := range scenarios {
		scenarios[i] = chaos(t, uint64(i))
		alone[i] = play(t, raftsim.Engine{}, scenarios[i])
	}
	var beside [8]*sim.Trace
	var all sync.WaitGroup
	for i := range beside {
		all.Go(func() { beside[i], _ = run(raftsim.Engine{}, scenarios[i%seeds]) })
	}
	all.Wait()
	for i := range beside {
		same(t, "alone and beside others", alone[i%seeds], beside[i])
	}
}
