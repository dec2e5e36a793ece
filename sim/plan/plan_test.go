package plan

import (
	"math"
	"testing"
	"time"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within*math.Abs(want) {
		t.Errorf("%s is %g, want %g within %g%%", what, got, want, 100*within)
	}
}

// Published and derived figures.
func TestReferences(t *testing.T) {
	for n, tolerated := range map[int]int{1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 6: 2, 7: 3, 8: 3, 9: 4} {
		if Tolerates(n) != tolerated {
			t.Errorf("%d members tolerate %d, want %d", n, Tolerates(n), tolerated)
		}
	}
	for n, u := range map[int]float64{1: .01, 3: 2.98e-4, 4: 5.92e-4, 5: 9.85e-6} {
		near(t, "unavailability", Unavailability(n, .01), u, .002)
	}
	r := Repair{MTTF: 90 * 24 * time.Hour, MTTR: 4 * time.Hour}
	near(t, "unavailability of 3", Unavailability(3, r.Share()), 1.024e-5, .001)
	near(t, "seconds a year of 3", Unavailability(3, r.Share())*Year.Seconds(), 323, .002)
	near(t, "years to the first loss of 3", yearsToFirstLoss(3, r), 22.4, .005)
	near(t, "seconds a year of 5", Unavailability(5, r.Share())*Year.Seconds(), 2.0, .05)
	near(t, "years to the first loss of 5", yearsToFirstLoss(5, r), 2426, .002)
	for p, u := range map[string]float64{"111": 3.627e-6, "32": 1.003e-4, "5": 1.000e-4} {
		var pl Placement
		for _, c := range p {
			pl = append(pl, int(c-'0'))
		}
		near(t, "unavailability of "+pl.String(), pl.Unavailability(.001, 1e-4), u, .001)
	}
}

// Two of three without repair: 1/(3 l) + 1/(2 l).
func TestWithoutRepair(t *testing.T) {
	never := Repair{MTTF: 10000 * time.Hour, MTTR: 1 << 62}
	near(t, "hours", yearsToFirstLoss(3, never)*Year.Hours(), 8333.33, .01)
}

func BenchmarkMake(b *testing.B) {
	var in Input
	in.SetDefaults()
	for b.Loop() {
		if _, err := Make(in); err != nil {
			b.Fatal(err)
		}
	}
}
