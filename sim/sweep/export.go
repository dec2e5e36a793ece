package sweep

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// SweepJSON is a result for programs. Times are milliseconds, sizes bytes, shares 0 to 1,
// and null stands for what the trials do not determine.
type SweepJSON struct {
	Format     int             `json:"format"`
	Scenario   string          `json:"scenario"`
	Engine     string          `json:"engine,omitempty"` // none: sim
	Version    string          `json:"version"`
	Seed       uint64          `json:"seed"`
	Trials     int             `json:"trials"` // of all variations
	Intervals  string          `json:"intervals"`
	Variations []VariationJSON `json:"variations"`
}

// VariationJSON is a variation for programs. FailedInterval is the interval of the
// share of trials that failed.
type VariationJSON struct {
	Name           string                        `json:"name"`
	Set            map[string]string             `json:"set"`
	Trials         int                           `json:"trials"`
	Failed         int                           `json:"failed"`
	FailedInterval [2]number                     `json:"failed_interval"`
	Replay         []string                      `json:"replay,omitempty"` // the first that failed
	Measures       map[string]MeasureSummaryJSON `json:"measures"`
}

// MeasureSummaryJSON is a distribution for programs.
type MeasureSummaryJSON struct {
	Unit      sim.Unit             `json:"unit"`
	N         int                  `json:"n"`
	Absent    int                  `json:"absent"`
	Min       number               `json:"min"`
	P10       number               `json:"p10"`
	P50       number               `json:"p50"`
	Mean      number               `json:"mean"`
	P90       number               `json:"p90"`
	P99       number               `json:"p99"`
	Max       number               `json:"max"`
	Intervals map[string][2]number `json:"intervals"`
}

// number is written with at most six decimals; NaN is null.
type number float64

// MarshalJSON writes the number.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) {
		return []byte("null"), nil
	}
	return []byte(strconv.FormatFloat(math.Round(float64(n)*1e6)/1e6, 'f', -1, 64)), nil
}

// JSON is the result for programs.
func (r *Summary) JSON() SweepJSON {
	p := r.Design
	out := SweepJSON{Format: Format, Scenario: p.Scenario, Engine: p.Engine, Version: p.Version, Seed: p.Seed,
		Trials: p.Total(), Intervals: Intervals, Variations: []VariationJSON{}}
	for _, o := range r.Variations {
		v := VariationJSON{Name: o.Name, Set: setMap(o.Set), Trials: o.Trials, Failed: o.Failed,
			Measures: map[string]MeasureSummaryJSON{}}
		lo, hi := ShareInterval(o.Failed, o.Trials)
		v.FailedInterval = [2]number{number(lo), number(hi)}
		for _, t := range o.Failing {
			v.Replay = append(v.Replay, p.Replay(t))
		}
		for _, d := range o.Measures {
			v.Measures[d.Reading.String()] = d.json()
		}
		out.Variations = append(out.Variations, v)
	}
	return out
}

func (d MeasureSummary) json() MeasureSummaryJSON {
	in := map[string][2]number{}
	for i, name := range []string{"p50", "p90", "p99"} {
		in[name] = [2]number{number(d.At[i].Lo), number(d.At[i].Hi)}
	}
	if d.Reading.Op != "" {
		in = map[string][2]number{"mean": {number(d.Share.Lo), number(d.Share.Hi)}}
	}
	return MeasureSummaryJSON{d.Unit, d.N, d.Absent, number(d.Min), number(d.P10), number(d.P50), number(d.Mean),
		number(d.P90), number(d.P99), number(d.Max), in}
}

// setMap is a list of settings by their paths; a later one wins, as it does in a run.
func setMap(sets []string) map[string]string {
	m := map[string]string{}
	for _, s := range sets {
		path, value := cutSetting(s)
		m[path] = value
	}
	return m
}

func cutSetting(s string) (path, value string) {
	for i := range len(s) {
		if s[i] == '=' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// axisNames are the column names of the axes.
func (p *Design) axisNames() (names []string) {
	for _, a := range p.Axes {
		names = append(names, a.Name)
	}
	return names
}

func (p *Design) pointNames(v Variation) (names []string) {
	for i, at := range v.Points {
		names = append(names, p.Axes[i].Points[at].Name)
	}
	return names
}

// WriteTable writes a line for each variation and measure.
func (r *Summary) WriteTable(w io.Writer) error {
	c := text.NewCSV(w)
	head := append(r.Design.axisNames(), "measure", "unit", "trials", "failed", "n", "absent", "min", "p10", "p50",
		"p50_lo", "p50_hi",
		"mean", "mean_lo", "mean_hi", "p90", "p90_lo", "p90_hi", "p99", "p99_lo", "p99_hi", "max")
	if err := c.Write(head); err != nil {
		return err
	}
	for _, o := range r.Variations {
		for _, d := range o.Measures {
			line := append(r.Design.pointNames(o.Variation), d.Reading.String(), string(d.Unit), strconv.Itoa(o.Trials),
				strconv.Itoa(o.Failed), strconv.Itoa(d.N), strconv.Itoa(d.Absent))
			share := Interval{math.NaN(), math.NaN()}
			if d.Reading.Op != "" {
				share = d.Share
			}
			for _, v := range []float64{d.Min, d.P10, d.P50, d.At[0].Lo, d.At[0].Hi, d.Mean, share.Lo, share.Hi, d.P90,
				d.At[1].Lo, d.At[1].Hi, d.P99, d.At[2].Lo, d.At[2].Hi, d.Max} {
				line = append(line, cell(v))
			}
			if err := c.Write(line); err != nil {
				return err
			}
		}
	}
	return c.Flush()
}

// cell is a number in a CSV file, empty for NaN.
func cell(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// WriteTrials writes a line for each trial, in order.
func (rs Records) WriteTrials(w io.Writer) error {
	b := bufio.NewWriterSize(w, 1<<16)
	c := text.NewCSV(b)
	head := append(rs.Design.axisNames(), "seed", "ok")
	for _, f := range rs.Design.Measures {
		head = append(head, f.String())
	}
	if err := c.Write(head); err != nil {
		return err
	}
	err := rs.Each(0, rs.Design.Own(), func(place int, r *Record) error {
		if r == nil {
			return fmt.Errorf("trial %d is missing", place+1)
		}
		t := rs.Design.Trial(place)
		line := append(rs.Design.pointNames(rs.Design.Variations[t.Variation]),
			strconv.FormatUint(rs.Design.SeedOf(t), 10), strconv.FormatBool(!r.Failed))
		for _, v := range r.Values {
			line = append(line, cell(v))
		}
		return c.Write(line)
	})
	if err != nil {
		return err
	}
	if err := c.Flush(); err != nil {
		return err
	}
	return b.Flush()
}
