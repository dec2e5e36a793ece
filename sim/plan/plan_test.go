package plan

import (
	"math"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
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

// Without zones nothing but members fails, each by itself, and what was entered is told from defaults.
func TestWithoutZones(t *testing.T) {
	var in Input
	in.SetDefaults()
	in.Members = 5
	p, err := Make(in, "members", "quota")
	if err != nil {
		t.Fatal(err)
	}
	member := Repair{MTTF: 90 * 24 * time.Hour, MTTR: 4 * time.Hour}
	near(t, "unavailability", p.Availability.Unavailability, Unavailability(5, member.Share()), 1e-9)
	near(t, "losses a year", p.Availability.LossesPerYear, LossesPerYear(5, member), 1e-9)
	if len(p.Zones.Rows) > 0 || len(p.Zones.Placements) > 0 || p.Input.Zones != nil {
		t.Errorf("there are zones: %+v", p.Zones)
	}
	for _, m := range p.Scenario().Cluster.Members {
		if m.Zone != "" {
			t.Errorf("%s is in zone %s", m.Name, m.Zone)
		}
	}
	if given := p.AssumptionsInWords(true); given != "members 5, quota 2GiB" {
		t.Errorf("given is %q", given)
	}
	in.ZoneMTTF = Span(Year / 2)
	if ps := in.Validate(); len(ps) != 1 || ps[0].Field != "zone-mttf" {
		t.Errorf("zones that are not there fail: %v", ps)
	}
}

// A distribution through several quantiles is the one that is drawn from.
func TestQuantilesAreAsDrawn(t *testing.T) {
	for _, text := range []string{"p50 2ms p95 8ms p99.9 1s", "p10 1ms p50 2ms p90 2ms p99 40ms max 100ms",
		"p50 2ms p99 8ms"} {
		l, err := sim.ParseDistribution(text)
		if err != nil {
			t.Fatal(err)
		}
		const n = 200_000
		r, draws := sim.Stream(1, "test"), make([]float64, n)
		for i := range draws {
			draws[i] = ms(l.Draw(r))
		}
		for _, x := range []float64{.5, 1, 1.5, 3, 5, 10, 30, 80, 300, 1500} {
			below := 0
			for _, d := range draws {
				if d <= x {
					below++
				}
			}
			if got, want := cdf(l, x), float64(below)/n; math.Abs(got-want) > .004 {
				t.Errorf("%s: P(T <= %g ms) is %g, drawn %g", text, x, got, want)
			}
		}
	}
}

// A thousandth of the fsyncs that takes over a second holds up heartbeats: timers run out falsely, and the plan
// says so.
func TestSlowFsyncsExpireTimers(t *testing.T) {
	var in Input
	in.SetDefaults()
	in.Heartbeat, in.Election = Span(100*time.Millisecond), Span(time.Second)
	p, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	if p.Election.FalsePerYear > 0 {
		t.Errorf("with quick disks timers run out %g times a year", p.Election.FalsePerYear)
	}
	if in.Fsync, err = sim.ParseDistribution("p50 2ms p95 8ms p99.9 1s"); err != nil {
		t.Fatal(err)
	}
	if p, err = Make(in); err != nil {
		t.Fatal(err)
	}
	if p.Election.FalsePerYear < 1000 || strings.Contains(p.Election.Text, "no timer") {
		t.Errorf("%s", p.Election.Text)
	}
}
