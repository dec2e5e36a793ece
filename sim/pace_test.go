package sim

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPaceIsItsRate holds the times of operations against a twin that adds up the rate in small steps.
func TestPaceIsItsRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Pace{Rate: rapid.IntRange(0, 400).Draw(t, "from"), To: rapid.IntRange(0, 400).Draw(t, "to"),
			Over: time.Duration(rapid.IntRange(100, 9000).Draw(t, "over")) * time.Millisecond}
		const step = time.Millisecond
		begun, n := 0.0, int64(0)
		for now := time.Duration(0); now < p.Over+2*time.Second; now += step {
			share := min(1, float64(now)/float64(p.Over))
			begun += (float64(p.Rate) + share*float64(p.To-p.Rate)) * step.Seconds()
			for {
				due, more := p.Due(n)
				if !more || due > now+step {
					break
				}
				n++
			}
			if d := float64(n) - begun; d < -2 || d > 2 {
				t.Fatalf("%v: %d operations by %v, not %.1f", p, n, now+step, begun)
			}
		}
	})
}

func TestParsePace(t *testing.T) {
	for text, want := range map[string]Pace{
		"200/s":                  {Rate: 200},
		"0/s":                    {},
		"100/s..2000/s over 30s": {Rate: 100, To: 2000, Over: 30 * time.Second},
		"50/s..0/s over 500ms":   {Rate: 50, Over: 500 * time.Millisecond},
	} {
		got, err := ParsePace(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"fast":                `"fast" is not a rate`,
		"100/s..200/s":        `is not a change of the rate: write from where to where`,
		"100/s over 3s":       `is not a change of the rate`,
		"1/s..x over 3s":      `"x" is not a rate`,
		"1/s..2/s over soon":  `"soon"`,
		"1/s..2/s over 0s":    "write more than 0",
		"10/s..10/s over 10s": "from 10/s to 10/s is no change",
	} {
		if _, err := ParsePace(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}
