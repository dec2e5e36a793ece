package sim

import (
	"strings"
	"testing"
	"time"
)

// As many draws lie below each quantile as it says, and none beyond the largest value.
func TestQuantilesAreHit(t *testing.T) {
	for _, text := range []string{
		"p50 2ms p95 8ms p99.9 1s",
		"p10 1ms p50 2ms p90 2ms p99 40ms max 100ms",
		"p90 4ms p99.9 200ms",
		"p25 100us p75 3ms",
		"p50 10us p99.99 10h",
	} {
		l, err := ParseDistribution(text)
		if err != nil {
			t.Fatal(err)
		}
		if l.String() != text {
			t.Errorf("%s is written %s", text, l)
		}
		points, tail := l.Points()
		below := make([]int, len(points))
		r := Stream(1, "test")
		const n = 400_000
		for range n {
			d := l.Draw(r)
			if d > tail.Value || d < 0 {
				t.Fatalf("%s: %s was drawn, the end is %s", text, d, tail.Value)
			}
			for i, p := range points {
				if d <= p.Value {
					below[i]++
				}
			}
		}
		for i, p := range points {
			if i < len(points)-1 && points[i+1].Value == p.Value {
				continue // the next one says more
			}
			got, want := float64(below[i])/n, float64(p.Share)/float64(Whole)
			within := 0.003
			if want > .99 {
				within = 0.0004
			}
			if got < want-within || got > want+within {
				t.Errorf("%s: P(x <= %s) = %.5f", text, p.Value, got)
			}
		}
	}
}

// Two quantiles draw what they have always drawn, however they are written.
func TestTwoQuantilesAreTheLogNormal(t *testing.T) {
	points := []DistributionPoint{{Whole / 2, 2 * time.Millisecond}, {Whole / 100 * 99, 8 * time.Millisecond}}
	l, err := Quantiles(points, 0)
	if err != nil || l != (Distribution{P50: 2 * time.Millisecond, P99: 8 * time.Millisecond}) {
		t.Errorf("%+v, %v", l, err)
	}
	many, err := Quantiles(points, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r, s := Stream(1, "test"), Stream(1, "test")
	for range 100_000 { // in the table of the one, tails are coarser
		a, b := float64(l.Draw(r)), float64(many.Draw(s))
		if b > float64(time.Millisecond)*.6 && b < float64(time.Millisecond)*7 && (a > 1.02*b || a < .98*b) {
			t.Fatalf("one way draws %v, the other %v", time.Duration(a), time.Duration(b))
		}
	}
}

func TestBadQuantiles(t *testing.T) {
	for text, want := range map[string]string{
		"p50 2ms":                 "a time distribution is",
		"p50 2ms p99":             "a time distribution is",
		"p50 2ms p101 3ms":        `"p101" is not a quantile`,
		"p50 2ms p40 3ms":         "p40 3ms stands behind p50 2ms",
		"p50 2ms p90 1ms":         "times must not fall",
		"p50 0s p90 1ms":          "p50 must be above 0",
		"p50 1ms p90 2ms max 1ms": "max 1ms is below p90 2ms",
		"p50 1ms max 2ms":         "2 to 40 quantiles, not 1",
		"p50 1ms max 2ms p99 3ms": "a time distribution is",
		"p50 1ms p99.99999 2ms":   "too near to 100%",
		"p50 1ms p99 -2ms":        `"-2ms": a time can't be negative`,
		"p50 1ms p99 9999999999h": `"9999999999h": a time can be at most 292 years`,
		"9999999999h":             `"9999999999h": a time can be at most 292 years, which is 2562047h`,
		"-9999999999h":            `"-9999999999h": a time can't be negative`,
		"-1s":                     `"-1s": a time can't be negative`,
		"1ms..9999999999h":        `"9999999999h": a time can be at most 292 years`,
		"-1ms..5ms":               `"-1ms": a time can't be negative`,
		"5":                       `"5": a time distribution is`,
		"-":                       `"-": a time distribution is`,
		"soon":                    `"soon": a time distribution is`,
	} {
		if _, err := ParseDistribution(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestHalf(t *testing.T) {
	l, err := ParseDistribution("p50 2ms p95 8ms p99.9 1s max 3s")
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Half().String(); got != "p50 1ms p95 4ms p99.9 500ms max 1.5s" {
		t.Errorf("half is %s", got)
	}
}
