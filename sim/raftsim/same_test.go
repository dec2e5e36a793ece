package raftsim_test

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// same fails the test at the first event in which two runs part.
func same(t testing.TB, what string, a, b *sim.Trace) {
	t.Helper()
	for i := range min(len(a.Events), len(b.Events)) {
		if a.Events[i] != b.Events[i] {
			t.Errorf("%s, seed %d: the runs part at event %d:\n%s%s", what, a.Seed, i+1, lines(t, a.Events[i]), lines(t, b.Events[i]))
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
