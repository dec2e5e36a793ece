package stats

import (
	"testing"

	"pgregory.net/rapid"
)

// byDefinition counts: the smallest value that at least a share of percent of all do not exceed.
func byDefinition(sorted []int, percent int) int {
	for i, v := range sorted {
		if (i+1)*100 >= percent*len(sorted) {
			return v
		}
	}
	panic("no value")
}

func TestQuantileIsTheNearestRank(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sorted := make([]int, rapid.IntRange(1, 400).Draw(t, "n"))
		for i := range sorted {
			sorted[i] = i
		}
		percent := rapid.IntRange(0, 100).Draw(t, "percent")
		if got, want := Quantile(sorted, float64(percent)/100), byDefinition(sorted, percent); got != want {
			t.Fatalf("p%d of %d values has rank %d, want %d", percent, len(sorted), got, want)
		}
	})
}

func TestQuantileOfNothing(t *testing.T) {
	if Rank(0.5, 0) != -1 || Quantile([]float64{}, 0.5) != 0 || Median[int](nil) != 0 {
		t.Error("nothing has a quantile")
	}
}

func TestMedianTakesAnyOrder(t *testing.T) {
	if got := Median([]int{9, 1, 5, 7}); got != 5 {
		t.Errorf("the median is %d, want 5: the lower of the two in the middle", got)
	}
}
