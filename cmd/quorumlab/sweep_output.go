package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"quorumlab/plots/report"
	"quorumlab/plots/sweeps"
	"quorumlab/sim"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/sweep"
)

// finishShard leaves the records of one shard.
func (w *work) finishShard(io streams) error {
	if err := w.publish(); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "%s, shard %d of %d: %d trials\nleft in   %s; quorumlab merge joins the shards\n",
		w.plan.Scenario, w.plan.Shard, w.plan.Shards, w.plan.Own(), filepath.ToSlash(w.dir))
	return nil
}

// conclude computes and leaves the result, and says whether all trials were good.
func (w *work) conclude(ctx context.Context, ts *trials, io streams, asJSON bool) error {
	res, err := sweep.Sum(w.records(), ts.until())
	if err != nil {
		return err
	}
	if err := w.write(ctx, ts, res); err != nil {
		return err
	}
	if err := w.publish(); err != nil {
		return err
	}
	if err := w.print(io.out, res, asJSON); err != nil {
		return err
	}
	if res.Failed() > 0 {
		return errFailed
	}
	return nil
}

// until is the measure that ends the trials, if it is the same one in all variations.
func (t *trials) until() string {
	name := t.variations[0].Until
	for _, s := range t.variations {
		if s.Until != name {
			return ""
		}
	}
	return name
}

// write leaves the result's files.
func (w *work) write(ctx context.Context, ts *trials, res *sweep.Result) error {
	b, err := indented(res.JSON())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(w.tmp, "summary.json"), b, 0o666); err != nil {
		return err
	}
	if err := create(filepath.Join(w.tmp, "table.csv"), res.WriteTable); err != nil {
		return err
	}
	if err := create(filepath.Join(w.tmp, "trials.csv"), w.records().WriteTrials); err != nil {
		return err
	}
	if err := w.draw(ctx, ts, res); err != nil {
		return err
	}
	return w.keepFailing(ctx, ts, res)
}

// draw leaves the sweep's pictures and its report.
func (w *work) draw(ctx context.Context, ts *trials, res *sweep.Result) error {
	dir := filepath.Join(w.tmp, "plots")
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o777)); err != nil {
		return err
	}
	s := &sweeps.Swept{Result: res, Scenarios: ts.variations}
	pictures, err := s.Draw(true)
	if err != nil {
		return err
	}
	for _, p := range pictures {
		if err := writePicture(filepath.Join(dir, p.Name), p.SVG, p.PNG); err != nil {
			return err
		}
	}
	examples, err := w.examples(ctx, ts, res)
	if err != nil {
		return err
	}
	for i, e := range examples {
		p, err := e.Picture(true)
		if err != nil {
			return err
		}
		if err := writePicture(filepath.Join(dir, fmt.Sprintf("trial-%d", i+1)), p.SVG, p.PNG); err != nil {
			return err
		}
	}
	return create(filepath.Join(w.tmp, "report.html"), func(out io.Writer) error {
		return report.Sweep(out, report.SweepInput{Sweep: s, Pictures: pictures, Examples: examples})
	})
}

func writePicture(name string, svg, png []byte) error {
	return errors.Join(os.WriteFile(name+".svg", svg, 0o666), os.WriteFile(name+".png", png, 0o666))
}

// examples runs the trials again that the report tells of. Those that this sweep does
// not have, because its variations are others, are left out.
func (w *work) examples(ctx context.Context, ts *trials, res *sweep.Result) (out []report.ShownTrial, err error) {
	for _, e := range w.plan.Show {
		t, value, err := res.Example(w.records(), e)
		if errors.Is(err, sweep.ErrNoExample) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r, err := job{ts.scenario(t), &raftsim.Engine{}}.run(ctx, streams{out: io.Discard, err: io.Discard})
		if err != nil {
			return nil, err
		}
		x := report.ShownTrial{About: e, Trial: t, Value: value, Trace: r.trace}
		if end := r.trace.End(); w.plan.Figures[0].Unit() == sim.Millis && r.trace.Scenario.Until != "" {
			took := time.Duration(value * float64(time.Millisecond))
			x.Window = sim.Window{From: max(0, end-took-took/20), To: end + took/50}
		}
		out = append(out, x)
	}
	return out, nil
}

// keepFailing runs the failing trials again, which come out the same, and leaves their
// traces.
func (w *work) keepFailing(ctx context.Context, ts *trials, res *sweep.Result) error {
	if err := os.RemoveAll(filepath.Join(w.tmp, "failing")); err != nil {
		return err
	}
	for i, o := range res.Variations {
		for _, t := range o.Failing {
			r, err := job{ts.scenario(t), ts.engine()}.run(ctx, streams{out: io.Discard, err: io.Discard})
			if err != nil {
				return err
			}
			if w.plan.RandomFaults {
				r.script, r.same = r.trace.Scenario.Name+".yaml", true
			}
			if err := r.write(filepath.Join(w.tmp, "failing", strconv.Itoa(i+1)), []string{"summary", "trace"}, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *work) print(out io.Writer, res *sweep.Result, asJSON bool) error {
	if asJSON {
		b, err := indented(res.JSON())
		if err != nil {
			return err
		}
		_, err = out.Write(b)
		return err
	}
	fmt.Fprintf(out, "%s on sim, %s from seed %d: %s\n", w.plan.Scenario, counted(w.plan.Total(), "trial"), w.plan.Seed, failures(res))
	for f, reading := range w.plan.Figures {
		fmt.Fprintln(out)
		printDistributions(out, res, f, reading)
	}
	fmt.Fprintln(out)
	hanging(out, "  ", sweep.Intervals+".")
	w.printFailing(out, res)
	fmt.Fprintf(out, "  left in   %s\n", filepath.ToSlash(w.dir))
	return nil
}

func failures(res *sweep.Result) string {
	if n := res.Failed(); n > 0 {
		return fmt.Sprintf("%d FAILED", n)
	}
	return "ok"
}

// printDistributions is the table of one figure, a line a variation.
func printDistributions(out io.Writer, res *sweep.Result, figure int, reading sim.Reading) {
	width := len("variation")
	for _, o := range res.Variations {
		width = max(width, len([]rune(o.Name)))
	}
	width = min(max(width, len(reading.String())), 27)
	if reading.Op != "" {
		fmt.Fprintf(out, "  %-*s %8s %10s  %s\n", width, reading.String(), "n", "share", "95% interval")
	} else {
		fmt.Fprintf(out, "  %-*s %5s %8s  %-18s %7s %7s\n", width, reading.String(), "n", "p50", "its interval", "p90", "max")
	}
	for _, o := range res.Variations {
		printDistribution(out, width, o, o.Figures[figure])
	}
}

func printDistribution(out io.Writer, width int, o sweep.Outcome, d sweep.Distribution) {
	name := []rune(o.Name)
	if len(name) > width {
		name = append(name[:width-1], '~')
	}
	if d.Figure.Op != "" {
		fmt.Fprintf(out, "  %-*s %8d %10s  %s\n", width, string(name), d.N, share(d.Mean), share(d.Share.Lo)+" to "+share(d.Share.Hi))
		return
	}
	v := func(x float64) string { return value(d, x) }
	in := strings.TrimSpace(v(d.At[0].Lo)) + " to " + strings.TrimSpace(v(d.At[0].Hi))
	fmt.Fprintf(out, "  %-*s %5d %8s  %-18s %7s %7s\n", width, string(name), d.N, v(d.P50), in, v(d.P90), v(d.Max))
}

// value is a figure's value for people. What lies beyond the run is said to.
func value(d sweep.Distribution, x float64) string {
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

// printFailing names the trials that failed and how to see them again.
func (w *work) printFailing(out io.Writer, res *sweep.Result) {
	for i, o := range res.Variations {
		if o.Failed == 0 {
			continue
		}
		lo, hi := sweep.ShareInterval(o.Failed, o.Trials)
		hanging(out, "  FAILED    ", fmt.Sprintf("%s: %d of %s (%s to %s of all)", o.Name, o.Failed, counted(o.Trials, "trial"), share(lo), share(hi)))
		for _, t := range o.Failing {
			replay := res.Plan.Replay(t)
			if w.plan.RandomFaults {
				replay = "quorumlab run " + filepath.ToSlash(randomScript(filepath.Join(w.dir, "failing", strconv.Itoa(i+1)), res.Plan.SeedOf(t)))
			}
			fmt.Fprintf(out, "            %s\n", replay)
		}
	}
}
