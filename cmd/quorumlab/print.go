package main

import (
	"fmt"
	"io"
	"path/filepath"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// printResult shows a run: what came out, and the folder that it left, if it did.
func printResult(w io.Writer, j *run.Judged, left string) {
	t := j.Trace
	fmt.Fprintf(w, "%s on %s, seed %d: %s\n\n", t.Scenario.Name, t.Engine, t.Seed, mark(j.OK()))
	if t.Module != "" {
		hanging(w, "  exact     ", "the same bytes again, on any machine, with the module "+t.Module)
	}
	for _, s := range check.Story(t) {
		hanging(w, "  ", s.Text)
	}
	fmt.Fprintln(w)
	for _, v := range j.Result.Verdicts {
		hanging(w, fmt.Sprintf("  %-8s  ", verdictMark(v)), v.Check+": "+v.Why)
	}
	if left != "" {
		fmt.Fprintf(w, "  left in   %s\n", filepath.ToSlash(left))
	}
	fmt.Fprintln(w)
}

// compared are the measures that are shown side by side, where both runs have them.
var compared = []string{"failover", "leaderless.longest", "leaderless.total", "downtime.longest", "elections",
	"writes.ok", "writes.failed", "writes.unknown", "reads.ok", "reads.failed", "throughput",
	"latency.put.p50", "latency.put.p99", "latency.get.p50", "latency.get.p99"}

// printComparisons shows the measures of a scenario's runs on two engines.
func printComparisons(w io.Writer, runs []*run.Judged) {
	for i := 1; i < len(runs); i++ {
		printComparison(w, runs[i-1], runs[i])
	}
}

func printComparison(w io.Writer, a, b *run.Judged) {
	fmt.Fprintf(w, "%-22s %14s %14s\n", a.Trace.Scenario.Name, a.Trace.Engine, b.Trace.Engine)
	for _, name := range compared {
		m := check.MeasureNamed(name)
		if m == nil {
			continue
		}
		x, y := measured(a, m), measured(b, m)
		if x == "-" && y == "-" {
			continue
		}
		fmt.Fprintf(w, "  %-20s %14s %14s\n", name, x, y)
	}
	fmt.Fprintln(w)
}

// measured is the value of a run's measure as text, or a dash.
func measured(j *run.Judged, m *sim.Measure) string {
	f, ok := j.Result.Measure(m.Name)
	if !ok {
		return "-"
	}
	return m.Unit.FormatValue(f.Value)
}
