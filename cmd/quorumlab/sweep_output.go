package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"quorumlab/plots/folders"
	"quorumlab/sim"
	"quorumlab/sim/sweep"
)

// finishShard leaves the records of one shard.
func finishShard(w *sweep.Work, p *sweep.Design, std streams) error {
	if err := w.Publish(); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s, shard %d of %d: %d trials\nleft in   %s; quorumlab merge joins the shards\n",
		p.Scenario, p.Shard, p.Shards, p.Own(), filepath.ToSlash(w.Dir()))
	return nil
}

// concludeSweep computes, writes and prints the result, and reports whether all trials passed.
func concludeSweep(ctx context.Context, w *sweep.Work, ts *sweep.Trials, std streams, asJSON bool) error {
	res, err := w.Conclude(ctx, ts, folders.SweepFolder{})
	if err != nil {
		return err
	}
	if err := printSweep(std.out, w, res, asJSON); err != nil {
		return err
	}
	if res.Failed() > 0 {
		return errFailed
	}
	return nil
}

func printSweep(out io.Writer, w *sweep.Work, res *sweep.Summary, asJSON bool) error {
	if asJSON {
		return printIndented(out, res.JSON())
	}
	p := res.Design
	fmt.Fprintf(out, "%s on %s, %s from seed %d: %s\n", p.Scenario, p.EngineName(),
		counted(p.Total(), "trial"), p.Seed, failures(res))
	for f, reading := range p.Measures {
		fmt.Fprintln(out)
		printDistributions(out, res, f, reading)
	}
	fmt.Fprintln(out)
	hanging(out, "  ", sweep.Intervals+".")
	printFailing(out, w, res)
	fmt.Fprintf(out, "  left in   %s\n", filepath.ToSlash(w.Dir()))
	return nil
}

func failures(res *sweep.Summary) string {
	if n := res.Failed(); n > 0 {
		return fmt.Sprintf("%d FAILED", n)
	}
	return "ok"
}

// printDistributions is the table of one measure, a line a variation.
func printDistributions(out io.Writer, res *sweep.Summary, measure int, reading sim.Reading) {
	width := len("variation")
	for _, o := range res.Variations {
		width = max(width, len([]rune(o.Name)))
	}
	width = min(max(width, len(reading.String())), 27)
	if reading.Op != "" {
		fmt.Fprintf(out, "  %-*s %8s %10s  %s\n", width, reading.String(), "n", "share", "95% interval")
	} else {
		fmt.Fprintf(out, "  %-*s %5s %8s  %-18s %7s %7s\n", width, reading.String(), "n", "p50", "95% CI", "p90", "max")
	}
	for _, o := range res.Variations {
		printDistribution(out, width, o, o.Measures[measure])
	}
}

func printDistribution(out io.Writer, width int, o sweep.VariationSummary, d sweep.MeasureSummary) {
	name := []rune(o.Name)
	if len(name) > width {
		name = append(name[:width-1], '~')
	}
	if d.Reading.Op != "" {
		fmt.Fprintf(out, "  %-*s %8d %10s  %s\n", width, string(name), d.N, share(d.Mean),
			share(d.Share.Lo)+" to "+share(d.Share.Hi))
		return
	}
	v := func(x float64) string { return value(d, x) }
	in := strings.TrimSpace(v(d.At[0].Lo)) + " to " + strings.TrimSpace(v(d.At[0].Hi))
	fmt.Fprintf(out, "  %-*s %5d %8s  %-18s %7s %7s\n", width, string(name), d.N, v(d.P50), in, v(d.P90), v(d.Max))
}

// value is a measure's value for people. What lies beyond the run is said to.
func value(d sweep.MeasureSummary, x float64) string {
	switch {
	case math.IsNaN(x) && d.Beyond && d.Absent > 0:
		return "beyond"
	case math.IsNaN(x):
		return "-"
	}
	return d.Unit.FormatValue(x)
}

func share(x float64) string {
	if math.IsNaN(x) {
		return "-"
	}
	return strconv.FormatFloat(x*100, 'f', 2, 64) + "%"
}

// printFailing names the trials that failed and how to run them again.
func printFailing(out io.Writer, w *sweep.Work, res *sweep.Summary) {
	for _, o := range res.Variations {
		if o.Failed == 0 {
			continue
		}
		lo, hi := sweep.ShareInterval(o.Failed, o.Trials)
		says := fmt.Sprintf("%s: %d of %s (%s to %s of all)", o.Name, o.Failed, counted(o.Trials, "trial"), share(lo),
			share(hi))
		if o.Blamed != "" {
			says += fmt.Sprintf("; in the %s below mostly: %s", counted(len(o.Failing), "trial"), o.Blamed)
		}
		hanging(out, "  FAILED    ", says)
		for _, t := range o.Failing {
			replay := res.Design.Replay(t)
			if res.Design.RandomFaults {
				replay = "quorumlab run " + filepath.ToSlash(w.Script(t))
			}
			fmt.Fprintf(out, "            %s\n", replay)
			if p := res.Design; p.RandomFaults && p.EngineName() == sim.EtcdVirtual && p.Module == "" {
				fmt.Fprintf(out, "            quorumlab shrink %s --exact\n", filepath.ToSlash(w.Script(t)))
			}
		}
	}
}
