package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestDistanceByHand(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []float64
		want float64
	}{
		// Up to 3: three of four against one of five; up to 4: all against two of five.
		{"shifted", []float64{1, 2, 3, 4}, []float64{3, 4, 5, 6, 7}, 0.6},
		{"equal", []float64{1, 2, 3}, []float64{3, 2, 1}, 0},
		{"apart", []float64{1, 2}, []float64{3}, 1},
		{"ties", []float64{1, 1, 1, 2}, []float64{1, 2, 2, 2}, 0.5},
		{"one is empty", []float64{1}, nil, 1},
		{"both are empty", nil, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Distance(Of(c.a), Of(c.b)); math.Abs(got-c.want) > 1e-12 {
				t.Errorf("distance %v, want %v", got, c.want)
			}
			if got := Distance(Of(c.b), Of(c.a)); math.Abs(got-c.want) > 1e-12 {
				t.Errorf("the other way round %v, want %v", got, c.want)
			}
		})
	}
}

// dumbDistance counts, at every value of either sample, how many are not above it.
func dumbDistance(a, b []float64) (d float64) {
	share := func(s []float64, x float64) float64 {
		n := 0
		for _, v := range s {
			if v <= x {
				n++
			}
		}
		return float64(n) / float64(len(s))
	}
	for _, x := range slices.Concat(a, b) {
		d = max(d, math.Abs(share(a, x)-share(b, x)))
	}
	return d
}

func TestDistanceAgainstTheDumbTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 12).Draw(t, "v")) })
		values := rapid.SliceOfN(value, 1, 40)
		a, b := values.Draw(t, "a"), values.Draw(t, "b")
		if got, want := Distance(Of(a), Of(b)), dumbDistance(a, b); math.Abs(got-want) > 1e-9 {
			t.Fatalf("distance %v, the dumb twin says %v", got, want)
		}
	})
}

// TestChanceIsWhatItSays draws pairs of samples from one distribution and counts how often
// they lie farther apart.
func TestChanceIsWhatItSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) Sample {
		vs := make([]float64, n)
		for i := range vs {
			vs[i] = r.ExpFloat64()
		}
		return Of(vs)
	}
	const pairs = 2000
	beyond := 0
	for range pairs {
		if Distance(draw(20), draw(500)) > Chance(20, 500) {
			beyond++
		}
	}
	if share := float64(beyond) / pairs; share < 0.02 || share > 0.07 {
		t.Errorf("%v of the pairs lie farther apart than chance allows 1 in 20", share)
	}
}

func TestSteps(t *testing.T) {
	got := Of([]float64{3, 1, 3, 2}).Steps()
	want := []Rise{{1, 0.25}, {2, 0.5}, {3, 1}}
	if !slices.Equal(got, want) {
		t.Errorf("steps %v, want %v", got, want)
	}
	if Of(nil).Steps() != nil {
		t.Error("an empty sample has steps")
	}
}

func TestQuantile(t *testing.T) {
	s := Of([]float64{40, 10, 30, 20})
	for p, want := range map[float64]float64{0: 10, 0.25: 10, 0.5: 20, 0.51: 30, 0.99: 40, 1: 40} {
		if got := s.Quantile(p); got != want {
			t.Errorf("quantile %v is %v, want %v", p, got, want)
		}
	}
	if !math.IsNaN(Of(nil).Median()) {
		t.Error("an empty sample has a median")
	}
}

func TestRatioAndGoal(t *testing.T) {
	for _, c := range []struct {
		name        string
		real, model []float64
		ratio       float64
		has         bool
		median, ks  bool
	}{
		{"near", []float64{100, 100, 101}, []float64{100, 105, 110}, 1.05, true, true, false},
		{"at the edge", []float64{100}, []float64{110}, 1.10, true, true, false},
		{"beyond the edge", []float64{100}, []float64{112}, 1.12, true, false, false},
		{"the same", []float64{1, 2, 3}, []float64{1, 2, 3}, 1, true, true, true},
		{"both zero", []float64{0, 0, 0}, []float64{0, 0, 0}, 1, true, true, true},
		{"zero against some", []float64{0}, []float64{2}, 0, false, false, false},
		{"nothing against some", nil, []float64{2}, 0, false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Row{Real: Of(c.real), Model: Of(c.model), PerRun: true}
			if ratio, ok := r.Ratio(); ok != c.has || math.Abs(ratio-c.ratio) > 1e-9 {
				t.Errorf("ratio %v %v, want %v %v", ratio, ok, c.ratio, c.has)
			}
			if median, ks := r.Met(Wanted); median != c.median || ks != c.ks {
				t.Errorf("met %v %v, want %v %v", median, ks, c.median, c.ks)
			}
		})
	}
}
