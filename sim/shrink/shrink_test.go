package shrink_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/shrink"
	"quorumlab/sim/swarm"
)

// parse reads a scenario.
func parse(t testing.TB, text string) *sim.Scenario {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func defaults(t testing.TB) *sim.Scenario { return parse(t, "engines: [sim]\nrun: 1s\n") }

// judged runs a scenario and lists what failed.
func judged(ctx context.Context, e raftsim.Engine, s *sim.Scenario, checks []string) (failed bool) {
	e.MostEvents = 300_000
	safety := check.NewSafety()
	rec := sim.NewRecorder(sim.AllKinds&^sim.HighRate, safety)
	check.Until(rec, s)
	if err := e.Run(ctx, s, rec, nil); err != nil && !errors.Is(err, raftsim.ErrFlood) {
		return false
	}
	return !check.Ask(rec.Trace(s, "sim", "test"), check.Questions{Checks: checks}, check.WithSafety(safety)).OK
}

// TestPlantedBugsShrink: what the swarm finds of a planted bug comes down to at most six
// steps, which still fail and are a file.
func TestPlantedBugsShrink(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and each on one goroutine")
	}
	for _, tt := range []struct {
		name  string
		bug   raftsim.Bug
		check string
		from  uint64 // the seed to begin at: where it is found, to save the time
	}{
		{"a vote forgotten", raftsim.ForgetVote, "safety", 391},
		{"an acknowledgement forged", raftsim.ForgeAcks, "safety", 17},
		{"a stale read passed off", raftsim.StaleReads, "revisions", 0},
		{"an fsync that lies", raftsim.LyingDisks, "no-lost-writes", 0},
		{"a write left out", raftsim.SkipApply, "equal-state", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, checks := raftsim.Engine{Bug: tt.bug}, []string{tt.check}
			fails := func(ctx context.Context, s *sim.Scenario) bool { return judged(ctx, e, s, checks) }
			s := found(t, tt.from, fails)
			o := shrink.Options{Fails: fails, Defaults: defaults(t), Seeds: 3}
			small, runs := shrink.Shrink(t.Context(), s, o)
			text := scenarios.Format(small)
			t.Logf("from %d steps to %d in %d runs:\n%s", len(s.Steps), len(small.Steps), runs, text)
			if len(small.Steps) > 6 || !fails(t.Context(), small) {
				t.Errorf("%d steps are left", len(small.Steps))
			}
			back, err := scenarios.Parse(small.Name+".yaml", text)
			if err != nil || !fails(t.Context(), back) {
				t.Errorf("the file does not fail: %v", err)
			}
		})
	}
}

// found is the first random scenario from a seed on that fails.
func found(t *testing.T, from uint64, fails func(context.Context, *sim.Scenario) bool) *sim.Scenario {
	t.Helper()
	for seed := from; seed < from+1000; seed++ {
		s := swarm.Draw(defaults(t), seed)
		s.Expect = nil
		if fails(t.Context(), s) {
			return s
		}
	}
	t.Fatal("not found in 1000 random scenarios")
	return nil
}

// big has one crash that matters, and much beside it.
const big = `
engines: [sim]
seed: 9
cluster: {members: 5, network: {loss: 1%}, disk: {mode: async}}
workload: {clients: 7, keys: 9}
steps:
  - {at: 2s, for: 1s, do: pause n5}
  - {at: 3.217s, do: crash n4 n1 n2}
  - {at: 4s, do: heal}
  - {at: 5s, within: 1s, do: restart n4}
run: 20s
`

// crashesN1 fails for any scenario that crashes n1 at 1 s or later.
func crashesN1(_ context.Context, s *sim.Scenario) bool {
	return slices.ContainsFunc(s.Steps, func(st sim.Step) bool {
		return st.Do.Verb == "crash" && st.At >= time.Second && slices.Contains(st.Do.Groups[0], sim.Named("n1"))
	})
}

// TestShrinksToWhatMatters: all else goes, and the same again comes to the same.
func TestShrinksToWhatMatters(t *testing.T) {
	o := shrink.Options{Fails: crashesN1, Defaults: defaults(t), Seeds: 2}
	small, _ := shrink.Shrink(t.Context(), parse(t, big), o)
	want := `name: test
engines: [sim]
seed: 9
cluster:
  members: 1
workload:
  clients: 0
  mix: {put: 1}
  keys: 1
  value: 1B
steps:
  - {at: 1s, do: crash n1}
run: 1s
`
	if got := string(scenarios.Format(small)); got != want {
		t.Errorf("it shrinks to\n%swant\n%s", got, want)
	}
	again, _ := shrink.Shrink(t.Context(), parse(t, big), o)
	if !bytes.Equal(scenarios.Format(again), scenarios.Format(small)) {
		t.Error("it shrinks to something else the second time")
	}
}

// TestInterrupted: when the context is done, the smallest so far comes back.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	small, n := shrink.Shrink(ctx, parse(t, big), shrink.Options{Defaults: defaults(t), Seeds: 1, Fails: func(ctx context.Context, s *sim.Scenario) bool {
		if runs++; runs == 5 {
			cancel()
		}
		return crashesN1(ctx, s)
	}})
	if n != 5 || len(small.Steps) >= 4 || !crashesN1(ctx, small) {
		t.Errorf("after %d runs %d steps are left", n, len(small.Steps))
	}
}
