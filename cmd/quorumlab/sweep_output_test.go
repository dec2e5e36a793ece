package main

import (
	"bytes"
	"strings"
	"testing"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/sweep"
)

// TestSweepTableFitsATerminal: with a long name and long values no line of the table has
// more than 80 columns.
func TestSweepTableFitsATerminal(t *testing.T) {
	for _, text := range []string{"failover", "failover > 2s"} {
		r, err := check.ParseReading(text)
		if err != nil {
			t.Fatal(err)
		}
		d := sweep.MeasureSummary{Reading: r, Unit: sim.Millis, N: 10000, P50: 430.9, P90: 888.7, Max: 1234.5, Mean: 0.4321,
			Share: sweep.Interval{Lo: 0.4321, Hi: 0.5432}, At: [3]sweep.Interval{{Lo: 397.6, Hi: 467.5}}}
		v := sweep.Variation{Name: "150-150ms, raft/v3 pre-vote, five members"}
		var out bytes.Buffer
		printDistributions(&out, &sweep.Summary{Variations: []sweep.VariationSummary{{Variation: v,
			Measures: []sweep.MeasureSummary{d}}}}, 0, r)
		for line := range strings.Lines(out.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}
