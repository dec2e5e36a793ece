package main

import (
	"fmt"
	"io"
	"path/filepath"

	"quorumlab/sim/compare"
)

// printComparedScenario shows the rows of a scenario: both medians, their ratio and the
// distance of the distributions, each with a mark where it misses the goal.
func printComparedScenario(w io.Writer, c compare.ScenarioComparison) {
	wide := max(11, len(runs(c.Real))) // a longer name of an engine takes the room from the measures
	first := 41 - wide
	fmt.Fprintf(w, "%-*s %*s %11s %9s %9s\n", first, c.Name, wide, runs(c.Real), runs(c.Model), "ratio", "KS")
	for _, r := range c.Rows {
		median, near := r.Met(compare.Wanted)
		ratio := "-"
		if v, ok := r.Ratio(); ok {
			ratio = fmt.Sprintf("%.2f", v)
		}
		fmt.Fprintf(w, "  %-*s %*s %11s %9s %9s\n", first-2, r.Measure, wide, medianText(r, r.Real), medianText(r, r.Model),
			marked(ratio, median), marked(fmt.Sprintf("%.2f", r.Distance()), near))
	}
	if !c.Machine.IsZero() {
		hanging(w, "  machine: ", c.Machine.String())
	}
	fmt.Fprintln(w)
}

func runs(r compare.Runs) string { return fmt.Sprintf("%s x%d", r.Engine, r.N) }

func medianText(r compare.Row, s compare.Sample) string {
	if len(s) == 0 {
		return "-"
	}
	return r.Unit.FormatValue(s.Median())
}

// marked puts a mark after what misses the goal.
func marked(text string, met bool) string {
	if met {
		return text + "  "
	}
	return text + " !"
}

// printComparisonEnd says what the table means and where it is.
func printComparisonEnd(w io.Writer, t *compare.Comparison, dir string) {
	hanging(w, "", fmt.Sprintf("Medians of both engines, their ratio (sim/etcd), and the Kolmogorov-Smirnov distance "+
		"between the two distributions; ! marks a median more than %.0f%% off, or a distance of %.2f or more.",
		t.Goal.Median*100, t.Goal.Distance))
	if n := t.LeastRuns(); n > 0 {
		hanging(w, "", fmt.Sprintf("With so few runs, chance alone produces distances of up to %.2f.", n))
	}
	hanging(w, "", "machine: "+t.Host.String())
	fmt.Fprintf(w, "left in %s\n", filepath.ToSlash(dir))
}
