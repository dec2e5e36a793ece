package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"quorumlab/plots"
	"quorumlab/sim"
	"quorumlab/sim/compare"
	"quorumlab/sim/etcdsim/guard"
	"quorumlab/sim/run"
)

// comparison is what compare leaves.
type comparison struct {
	Goal      compare.Goal
	Machine   machine
	Scenarios []prediction
}

// prediction is a scenario's comparison, and how it came about.
type prediction struct {
	compare.Agreement
	Machine sim.Machine // that sim took; zero when it took its own defaults
	Jobs    int         // runs on etcd at a time
	Load    *float64    // average of the last minute of the runs on etcd; nil where the system does not tell
}

// comparisonFormat is that of comparisonJSON.
const comparisonFormat = 1

// comparisonJSON is the table for programs. Times are milliseconds.
type comparisonJSON struct {
	Format    int                    `json:"format"`
	Version   string                 `json:"version"`
	Goal      goalJSON               `json:"goal"`
	Machine   machine                `json:"machine"`
	Scenarios []scenarioComparedJSON `json:"scenarios"`
}

type goalJSON struct {
	Median   float64 `json:"median"`   // share by which the medians may differ
	Distance float64 `json:"distance"` // what the KS distance must stay below
}

type scenarioComparedJSON struct {
	Scenario string     `json:"scenario"`
	Seed     uint64     `json:"seed"`
	EtcdRuns int        `json:"etcd_runs"`
	SimRuns  int        `json:"sim_runs"`
	Jobs     int        `json:"jobs"`              // runs on etcd at a time
	Load     *float64   `json:"load,omitempty"`    // in the last minute of the runs on etcd
	Machine  *takesJSON `json:"machine,omitempty"` // absent: sim took its own defaults
	Figures  []rowJSON  `json:"figures"`
}

type rowJSON struct {
	Figure   string      `json:"figure"`
	Unit     sim.Unit    `json:"unit"`
	Per      string      `json:"per"`  // run or operation: what has a value
	Etcd     *sampleJSON `json:"etcd"` // null: nothing to measure
	Sim      *sampleJSON `json:"sim"`
	Ratio    *float64    `json:"ratio"` // of the medians, sim over etcd; null: there is none
	Distance float64     `json:"distance"`
	Chance   *float64    `json:"chance,omitempty"` // what chance alone stays below 19 times in 20
	Median   bool        `json:"median_met"`
	Near     bool        `json:"distance_met"`
}

type sampleJSON struct {
	N   int     `json:"n"`
	Min float64 `json:"min"`
	P10 float64 `json:"p10"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func (c *comparison) json() comparisonJSON {
	out := comparisonJSON{Format: comparisonFormat, Version: version, Goal: goalJSON(c.Goal), Machine: c.Machine, Scenarios: []scenarioComparedJSON{}}
	for _, s := range c.Scenarios {
		j := scenarioComparedJSON{Scenario: s.Name, Seed: s.Seed, EtcdRuns: s.Real.N, SimRuns: s.Model.N, Jobs: s.Jobs, Load: s.Load, Machine: takesOf(s.Machine), Figures: []rowJSON{}}
		for _, r := range s.Rows {
			j.Figures = append(j.Figures, c.row(r))
		}
		out.Scenarios = append(out.Scenarios, j)
	}
	return out
}

func (c *comparison) row(r compare.Row) rowJSON {
	j := rowJSON{Figure: r.Figure, Unit: r.Unit, Per: "operation", Etcd: sampleOf(r.Real), Sim: sampleOf(r.Model), Distance: rounded(r.Distance())}
	if r.PerRun {
		j.Per = "run"
	}
	if v, ok := r.Ratio(); ok {
		j.Ratio = new(rounded(v))
	}
	if v, ok := r.Chance(); ok {
		j.Chance = new(rounded(v))
	}
	j.Median, j.Near = r.Met(c.Goal)
	return j
}

// rounded leaves three decimals.
func rounded(v float64) float64 { return math.Round(v*1e3) / 1e3 }

func sampleOf(s compare.Sample) *sampleJSON {
	if len(s) == 0 {
		return nil
	}
	q := func(p float64) float64 { return rounded(s.Quantile(p)) }
	return &sampleJSON{len(s), q(0), q(0.1), q(0.5), q(0.9), q(0.99), q(1)}
}

// write leaves the table and the figures in a folder. Each file is written beside its
// place and renamed when whole; what else is in the folder stays.
func (c *comparison) write(dir string) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmp, remove, err := guard.TempDir(dir, ".writing-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := c.fill(tmp); err != nil {
		return err
	}
	files, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Rename(filepath.Join(tmp, f.Name()), filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) fill(dir string) error {
	b, err := indented(c.json())
	if err != nil {
		return err
	}
	write := func(name string, b []byte) {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), b, fs.FileMode(0o666)))
	}
	write("compare.json", b)
	for _, s := range c.Scenarios {
		svg, png, e := plots.Agreement(s.Agreement)
		if errors.Is(e, plots.ErrNothing) {
			continue
		}
		err = errors.Join(err, e)
		write(s.Name+".svg", svg)
		write(s.Name+".png", png)
	}
	markdown := func(w io.Writer) error { return printMarkdown(w, c.json().Scenarios) }
	return errors.Join(err, run.Create(filepath.Join(dir, "compare.csv"), c.csv), run.Create(filepath.Join(dir, "compare.md"), markdown))
}

// csv writes the table with a line a figure.
func (c *comparison) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"scenario", "figure", "unit", "per", "etcd_runs", "sim_runs", "etcd_n", "etcd_p50", "etcd_p99",
		"sim_n", "sim_p50", "sim_p99", "ratio", "distance", "chance", "median_met", "distance_met"}) // Flush keeps the error
	for _, s := range c.json().Scenarios {
		for _, r := range s.Figures {
			line := []string{s.Scenario, r.Figure, string(r.Unit), r.Per, strconv.Itoa(s.EtcdRuns), strconv.Itoa(s.SimRuns)}
			line = append(line, r.Etcd.fields()...)
			line = append(line, r.Sim.fields()...)
			_ = out.Write(append(line, number(r.Ratio), number(&r.Distance), number(r.Chance), strconv.FormatBool(r.Median), strconv.FormatBool(r.Near)))
		}
	}
	out.Flush()
	return out.Error()
}

func (s *sampleJSON) fields() []string {
	if s == nil {
		return []string{"0", "", ""}
	}
	return []string{strconv.Itoa(s.N), number(&s.P50), number(&s.P99)}
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// printComparedScenario shows the rows of a scenario: both medians, their ratio and the
// distance of the distributions, each with a mark where it misses the goal.
func printComparedScenario(w io.Writer, c prediction) {
	fmt.Fprintf(w, "%-30s %11s %11s %9s %9s\n", c.Name, runs(c.Real), runs(c.Model), "ratio", "KS")
	for _, r := range c.Rows {
		median, near := r.Met(compare.Wanted)
		ratio := "-"
		if v, ok := r.Ratio(); ok {
			ratio = fmt.Sprintf("%.2f", v)
		}
		fmt.Fprintf(w, "  %-28s %11s %11s %9s %9s\n", r.Figure, medianText(r, r.Real), medianText(r, r.Model),
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

// marked puts a mark behind what misses the goal.
func marked(text string, met bool) string {
	if met {
		return text + "  "
	}
	return text + " !"
}

// printEnd says what the table means and where it is.
func (c *comparison) printEnd(w io.Writer, dir string) {
	hanging(w, "", fmt.Sprintf("Medians of both engines, sim's over etcd's, and the Kolmogorov-Smirnov distance of the two "+
		"distributions; ! is more than %.0f%% off, or a distance of %.2f or more.", c.Goal.Median*100, c.Goal.Distance))
	if n := c.leastRuns(); n > 0 {
		hanging(w, "", fmt.Sprintf("With so few runs chance alone makes distances of up to %.2f.", n))
	}
	hanging(w, "", "machine: "+c.Machine.String())
	fmt.Fprintf(w, "left in %s\n", filepath.ToSlash(dir))
}

// leastRuns is the largest distance that chance makes, if that is beyond the goal.
func (c *comparison) leastRuns() (most float64) {
	for _, s := range c.Scenarios {
		for _, r := range s.Rows {
			if v, ok := r.Chance(); ok && len(r.Real) > 0 && len(r.Model) > 0 {
				most = max(most, v)
			}
		}
	}
	if most < c.Goal.Distance {
		return 0
	}
	return most
}
