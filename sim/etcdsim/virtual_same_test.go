package etcdsim_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"quorumlab/sim"
)

// digest is what one seed gives each time: who led in which term and when, each operation with its outcome, revision
// and times, and how many events of each kind there were. Events of one instant are in any order, and how large a
// database file is depends on the free pages that bbolt takes, from a map.
func digest(t testing.TB, s *sim.Scenario) []string {
	t.Helper()
	var lines []string
	counts := map[sim.Kind]int{}
	for _, e := range judged(t, s).Trace.Events {
		if e.Kind != sim.KindStoreSize {
			counts[e.Kind]++
		}
		if e.Kind == sim.KindState || e.Kind == sim.KindCall || e.Kind == sim.KindReturn {
			e.Seq = 0
			lines = append(lines, fmt.Sprintf("%+v", e))
		}
	}
	for k, n := range counts {
		lines = append(lines, fmt.Sprintf("%v: %d", k, n))
	}
	slices.Sort(lines)
	return lines
}

// differ is the first lines that two digests do not share, or nothing.
func differ(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i] + "\n" + b[i]
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d and %d lines", len(a), len(b))
	}
	return ""
}

// TestVirtualRunsAreTheSame: one seed gives the same leaders, terms, revisions, outcomes, times and counts, at
// GOMAXPROCS 1 and more, and with runs beside it. docs/internals/determinism.md says where that ends.
func TestVirtualRunsAreTheSame(t *testing.T) {
	runs := 20
	if testing.Short() {
		runs = 3
	}
	var want []string
	func() {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		want = digest(t, leaderCrash(t))
	}()
	for i := range runs {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if d := differ(digest(t, leaderCrash(t)), want); d != "" {
				t.Error(d)
			}
		})
	}
}
