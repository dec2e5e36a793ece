package outages_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"quorumlab/internal/outages"
)

// TestFirstClearIsWhatLookingAtEachMomentFinds holds FirstClear against a twin that tries one moment after the other.
func TestFirstClearIsWhatLookingAtEachMomentFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const moments = 30
		var all [2]outages.Outages
		var out [2][moments]bool
		for i := range all {
			for now := range out[i] {
				out[i][now] = rapid.Bool().Draw(t, "out")
				all[i].Set(time.Duration(now), out[i][now])
			}
		}
		from := rapid.IntRange(0, moments-1).Draw(t, "from")
		want, found := 0, false
		for now := from; now < moments && !found; now++ {
			want, found = now, !out[0][now] && !out[1][now]
		}
		got, ok := outages.FirstClear(time.Duration(from), &all[0], &all[1])
		if ok != found || ok && got != time.Duration(want) {
			t.Fatalf("from %d: %d, %t; not %d, %t of %v", from, got, ok, want, found, out)
		}
	})
}
