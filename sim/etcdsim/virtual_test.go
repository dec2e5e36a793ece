package etcdsim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/run"
)

func judged(t testing.TB, s *sim.Scenario) *run.Judged {
	t.Helper()
	j, err := run.Do(t.Context(), s, etcdsim.Virtual{}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func leaderCrash(t testing.TB) *sim.Scenario {
	t.Helper()
	s, err := scenarios.Load("leader-crash")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestVirtualRunsAreTheSame: one seed gives the same leaders and terms, with runs beside it. Messages may
// differ in a few places: the runtime chooses among the channels of a select that are ready at once.
func TestVirtualRunsAreTheSame(t *testing.T) {
	leaders := func() (out []string) {
		for _, e := range judged(t, leaderCrash(t)).Trace.Events {
			if e.Kind == sim.KindState && e.Role == sim.Leader {
				out = append(out, fmt.Sprintf("n%d in term %d", e.Member, e.Term))
			}
		}
		return out
	}
	want := leaders()
	if len(want) != 2 {
		t.Fatalf("%v: want a leader and one after its crash", want)
	}
	runs := 20
	if testing.Short() {
		runs = 3
	}
	for i := range runs {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if got := leaders(); !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

// TestVirtualRunEndsWhenItIsTold: an interrupt ends it, with the error of the context and with nothing left.
func TestVirtualRunEndsWhenItIsTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := leaderCrash(t)
	s.Run = 1000 * time.Hour
	if err := (etcdsim.Virtual{}).Run(ctx, s, sim.NewRecorder(sim.AllKinds), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// BenchmarkVirtual tells how many times faster than real time a run is.
func BenchmarkVirtual(b *testing.B) {
	s := leaderCrash(b)
	for b.Loop() {
		judged(b, s)
	}
	b.ReportMetric(s.Run.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "times-real")
}
