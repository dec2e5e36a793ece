package compare

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// Comparison is the comparison of several scenarios.
type Comparison struct {
	Version   string // of the program
	Goal      Goal
	Host      Host
	Scenarios []ScenarioComparison
}

// Host is what a comparison depends on besides the two engines.
type Host struct {
	Cores int      `json:"cores"`
	Load  *float64 `json:"load,omitempty"` // of the last minute, at the start; absent where the system does not report it
}

func (h Host) String() string {
	s := fmt.Sprintf("%d cores", h.Cores)
	if h.Load != nil {
		s += fmt.Sprintf(", load average %.2f at the start", *h.Load)
	}
	return s
}

// ScenarioComparison is a scenario's comparison, and how it came about.
type ScenarioComparison struct {
	Agreement
	Machine sim.Machine // that sim used; zero when it used its own defaults
	Jobs    int         // runs on etcd at a time
	Load    *float64    // average of the last minute of the runs on etcd; nil where the system does not report it
}

// TableFormat is the version of ComparisonJSON.
const tableFormat = 2

// ComparisonJSON is the table for programs. Times are milliseconds.
type ComparisonJSON struct {
	Format    int            `json:"format"`
	Version   string         `json:"version"`
	Goal      GoalJSON       `json:"goal"`
	Machine   Host           `json:"machine"`
	Scenarios []ScenarioJSON `json:"scenarios"`
}

// GoalJSON is a goal for programs.
type GoalJSON struct {
	Median   float64 `json:"median"`   // share by which the medians may differ
	Distance float64 `json:"distance"` // what the KS distance must stay below
}

// ScenarioJSON is a scenario of the table for programs.
type ScenarioJSON struct {
	Scenario string     `json:"scenario"`
	Seed     uint64     `json:"seed"`
	Engine   string     `json:"engine,omitempty"` // that stands for etcd; none: etcd itself
	EtcdRuns int        `json:"etcd_runs"`
	SimRuns  int        `json:"sim_runs"`
	Jobs     int        `json:"jobs"`              // runs on etcd at a time
	Load     *float64   `json:"load,omitempty"`    // in the last minute of the runs on etcd
	Machine  *TakesJSON `json:"machine,omitempty"` // absent: sim used its own defaults
	Measures []RowJSON  `json:"measures"`
}

// RowJSON is a row for programs.
type RowJSON struct {
	Measure  string      `json:"measure"`
	Unit     sim.Unit    `json:"unit"`
	Per      string      `json:"per"`  // run or operation: what has a value
	Etcd     *SampleJSON `json:"etcd"` // null: nothing to measure
	Sim      *SampleJSON `json:"sim"`
	Ratio    *float64    `json:"ratio"` // of the medians, sim over etcd; null: there is none
	Distance float64     `json:"distance"`
	Chance   *float64    `json:"chance,omitempty"` // what chance alone stays below 19 times in 20
	Median   bool        `json:"median_met"`
	Near     bool        `json:"distance_met"`
}

// SampleJSON is a sample for programs: how many values, and quantiles.
type SampleJSON struct {
	N   int     `json:"n"`
	Min float64 `json:"min"`
	P10 float64 `json:"p10"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// JSON is the table for programs.
func (t *Comparison) JSON() ComparisonJSON {
	out := ComparisonJSON{Format: tableFormat, Version: t.Version, Goal: GoalJSON(t.Goal), Machine: t.Host,
		Scenarios: []ScenarioJSON{}}
	for _, s := range t.Scenarios {
		j := ScenarioJSON{Scenario: s.Name, Seed: s.Seed, Engine: standIn(s.Real.Engine), EtcdRuns: s.Real.N,
			SimRuns: s.Model.N, Jobs: s.Jobs, Load: s.Load, Machine: takesOf(s.Machine), Measures: []RowJSON{}}
		for _, r := range s.Rows {
			j.Measures = append(j.Measures, t.row(r))
		}
		out.Scenarios = append(out.Scenarios, j)
	}
	return out
}

// standIn is an engine that stands for etcd.
func standIn(engine string) string {
	if engine == "etcd" {
		return ""
	}
	return engine
}

func (t *Comparison) row(r Row) RowJSON {
	j := RowJSON{Measure: r.Measure, Unit: r.Unit, Per: "operation", Etcd: sampleOf(r.Real), Sim: sampleOf(r.Model),
		Distance: rounded(r.Distance())}
	if r.PerRun {
		j.Per = "run"
	}
	if v, ok := r.Ratio(); ok {
		j.Ratio = new(rounded(v))
	}
	if v, ok := r.Chance(); ok {
		j.Chance = new(rounded(v))
	}
	j.Median, j.Near = r.Met(t.Goal)
	return j
}

// rounded leaves three decimals.
func rounded(v float64) float64 { return math.Round(v*1e3) / 1e3 }

func sampleOf(s Sample) *SampleJSON {
	if len(s) == 0 {
		return nil
	}
	q := func(p float64) float64 { return rounded(s.Quantile(p)) }
	return &SampleJSON{len(s), q(0), q(0.1), q(0.5), q(0.9), q(0.99), q(1)}
}

// WriteCSV writes the table with a line a measure.
func (t *Comparison) WriteCSV(w io.Writer) error {
	out := text.NewCSV(w)
	_ = out.Write([]string{"scenario", "measure", "unit", "per", "etcd_runs", "sim_runs", "etcd_n", "etcd_p50", "etcd_p99",
		"sim_n", "sim_p50", "sim_p99", "ratio", "distance", "chance", "median_met", "distance_met"}) // Flush keeps the error
	for _, s := range t.JSON().Scenarios {
		for _, r := range s.Measures {
			line := []string{s.Scenario, r.Measure, string(r.Unit), r.Per, strconv.Itoa(s.EtcdRuns), strconv.Itoa(s.SimRuns)}
			line = append(line, r.Etcd.fields()...)
			line = append(line, r.Sim.fields()...)
			_ = out.Write(append(line, number(r.Ratio), number(&r.Distance), number(r.Chance),
				strconv.FormatBool(r.Median), strconv.FormatBool(r.Near)))
		}
	}
	return out.Flush()
}

func (s *SampleJSON) fields() []string {
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

// TakesJSON is what members took on the machine, as text.
type TakesJSON struct {
	Fsync  string `json:"fsync"`
	Commit string `json:"commit"`
	Client string `json:"client"`
	Hop    string `json:"message"`
}

// takesOf is what the members take, for programs; nil when it was not measured.
func takesOf(m sim.Machine) *TakesJSON {
	if m.IsZero() {
		return nil
	}
	return &TakesJSON{m.Fsync.String(), m.Commit.String(), m.Client.String(), m.Hop.String()}
}

// LeastRuns is the largest distance that chance makes, if that is beyond the goal; else 0.
func (t *Comparison) LeastRuns() (most float64) {
	for _, s := range t.Scenarios {
		for _, r := range s.Rows {
			if v, ok := r.Chance(); ok && len(r.Real) > 0 && len(r.Model) > 0 {
				most = max(most, v)
			}
		}
	}
	if most < t.Goal.Distance {
		return 0
	}
	return most
}
