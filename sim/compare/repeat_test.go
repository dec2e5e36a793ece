package compare_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim/compare"
	"quorumlab/sim/raftsim"
)

// TestScriptsComeLaterBySeed holds that a repetition moves the whole script by one time below the
// election time, which differs between seeds and is the same for a seed.
func TestScriptsComeLaterBySeed(t *testing.T) {
	s, err := scenarios.Load("leader-crash")
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(s.Steps)
	seen := map[time.Duration]bool{}
	for seed := range uint64(20) {
		r := compare.Seeded(s, seed)
		later := r.Run - s.Run
		if later < 0 || later >= s.Cluster.Election.Lo {
			t.Errorf("seed %d comes later by %v", seed, later)
		}
		for i, st := range r.Steps {
			if st.At-s.Steps[i].At != later || st.For != s.Steps[i].For {
				t.Errorf("seed %d: step %d at %v, the run is later by %v", seed, i+1, st.At, later)
			}
		}
		if r.Seed != seed || s.Seed != 1 {
			t.Errorf("seeds %d and %d", r.Seed, s.Seed)
		}
		if again := compare.Seeded(s, seed); again.Run != r.Run {
			t.Errorf("seed %d comes later by %v, and then by %v", seed, later, again.Run-s.Run)
		}
		seen[later] = true
	}
	if len(seen) < 15 {
		t.Errorf("20 seeds have %d times", len(seen))
	}
	for i := range before {
		if before[i].At != s.Steps[i].At {
			t.Error("the scenario itself was changed")
		}
	}
}

// TestRepeatKeepsTheOrderOfSeeds runs side by side what has to come back in order, equal to
// running one by one.
func TestRepeatKeepsTheOrderOfSeeds(t *testing.T) {
	s, err := scenarios.Load("leader-crash")
	if err != nil {
		t.Fatal(err)
	}
	list := func(atATime int) []float64 {
		var first atomic.Int64
		count := func(context.Context) error {
			first.Add(1)
			return nil
		}
		r := compare.Repetition{Scenario: s, Engine: raftsim.Engine{}, Runs: 6, AtATime: atATime, First: count}
		ts, err := r.Do(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := first.Load(); n != 6 {
			t.Errorf("something was done first for %d of 6", n)
		}
		var out []float64
		for _, trial := range ts {
			out = append(out, trial["failover"]...)
		}
		return out
	}
	one, many := list(1), list(3)
	if len(one) != 6 || !slices.Equal(one, many) {
		t.Errorf("one by one %v, side by side %v", one, many)
	}
}
