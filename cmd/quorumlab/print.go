package main

import (
	"fmt"
	"io"
	"path/filepath"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// printResult shows a run: its results, and where to look.
func printResult(w io.Writer, r result) {
	fmt.Fprintf(w, "%s on %s, seed %d: %s\n\n", r.trace.Scenario.Name, r.trace.Engine, r.trace.Seed, mark(r.judged.OK()))
	for _, s := range check.Story(r.trace) {
		hanging(w, "  ", s.Text)
	}
	fmt.Fprintln(w)
	for _, v := range r.judged.Verdicts {
		hanging(w, fmt.Sprintf("  %-8s  ", verdictMark(v)), v.Check+": "+v.Why)
	}
	if r.dir != "" {
		fmt.Fprintf(w, "  left in   %s\n", filepath.ToSlash(r.dir))
	}
	fmt.Fprintln(w)
}

// compared are the figures that are shown side by side, where both runs have them.
var compared = []string{"failover", "leaderless.longest", "leaderless.total", "downtime.longest", "elections",
	"writes.ok", "writes.failed", "writes.unknown", "reads.ok", "reads.failed", "throughput",
	"latency.put.p50", "latency.put.p99", "latency.get.p50", "latency.get.p99"}

// printComparisons shows the figures of a scenario's runs on two engines.
func printComparisons(w io.Writer, results []result) {
	for i := 1; i < len(results); i++ {
		printComparison(w, results[i-1], results[i])
	}
}

func printComparison(w io.Writer, a, b result) {
	fmt.Fprintf(w, "%-22s %14s %14s\n", a.trace.Scenario.Name, a.trace.Engine, b.trace.Engine)
	for _, name := range compared {
		m := check.MeasureNamed(name)
		if m == nil {
			continue
		}
		x, y := figure(a, m), figure(b, m)
		if x == "-" && y == "-" {
			continue
		}
		fmt.Fprintf(w, "  %-20s %14s %14s\n", name, x, y)
	}
	fmt.Fprintln(w)
}

// figure is a run's figure as text, or a dash.
func figure(r result, m *sim.Measure) string {
	f, ok := r.judged.Figure(m.Name)
	if !ok {
		return "-"
	}
	return m.Unit.FormatValue(f.Value)
}
