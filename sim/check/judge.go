package check

import (
	"fmt"
	"math"

	"quorumlab/sim"
)

// Result is the judgement on a run: the verdicts of the checks and of the
// scenario's expectations, what became of the script, and the measures.
type Result struct {
	Verdicts []sim.Verdict
	Steps    []sim.StepResult // what became of each step of the script
	Measures []MeasuredValue
}

// MeasuredValue is the value of a measure over the whole run.
type MeasuredValue struct {
	Name  string
	Unit  sim.Unit
	Value float64
}

// Option changes how a run is judged.
type Option func(*judge)

// WithSafety takes the verdict of an observer that saw the whole run, instead of
// judging the events that the trace kept. A run that is recorded without its
// high-rate events is judged so. The observer then gives back the memory that it has of the logs.
func WithSafety(s *Safety) Option {
	return func(j *judge) {
		j.known["safety"] = s.Verdict(j.run.t)
		s.forget()
	}
}

// Judge asks the checks that are always on, by name, then the scenario's
// expectations in their order. A check that the scenario breaks on purpose ("not
// safety") must find something, and its verdict is inverted. Then it reads
// all measures over the whole run, by name; those that have nothing to measure are
// left out. A check that is always on and also expected is asked once, in its first
// place.
func Judge(t *sim.Trace, opts ...Option) *Result {
	j := newJudge(t, opts)
	res := &Result{}
	for _, c := range Checks() {
		if !c.Always {
			continue
		}
		if v := j.check(c); c.Name != carriedOutCheck || !v.OK || j.expected[c.Name] {
			res.Verdicts = append(res.Verdicts, v)
		}
	}
	for _, e := range t.Scenario.Expect {
		c := CheckNamed(e.Check)
		switch {
		case e.Outcome != "":
			res.Verdicts = append(res.Verdicts, j.expectStep(e))
		case e.Measure != "":
			res.Verdicts = append(res.Verdicts, j.expect(e))
		case c == nil:
			res.Verdicts = append(res.Verdicts, sim.Verdict{Check: e.Check, Unknown: true,
				Why: fmt.Sprintf("there is no check %q", e.Check)})
		case !c.Always:
			res.Verdicts = append(res.Verdicts, j.check(c))
		}
	}
	res.Steps = j.run.steps()
	for _, m := range Measures() {
		if v, ok := measured(j.run, m, sim.Window{}); ok {
			res.Measures = append(res.Measures, MeasuredValue{m.Name, m.Unit, v})
		}
	}
	return res
}

// OK reports whether every verdict is good. One that could not be reached is not.
func (r *Result) OK() bool {
	for _, v := range r.Verdicts {
		if !v.OK {
			return false
		}
	}
	return true
}

// Measure finds a measure's value by name; false if the run had nothing to measure for it.
func (r *Result) Measure(name string) (MeasuredValue, bool) {
	for _, f := range r.Measures {
		if f.Name == name {
			return f, true
		}
	}
	return MeasuredValue{}, false
}

type judge struct {
	run    *run
	known  map[string]sim.Verdict
	broken map[string]bool // the checks that the scenario breaks on purpose
	// expected are those that it names.
	expected map[string]bool
}

func newJudge(t *sim.Trace, opts []Option) *judge {
	j := &judge{run: newRun(t), known: map[string]sim.Verdict{}, broken: map[string]bool{}, expected: map[string]bool{}}
	for _, e := range t.Scenario.Expect {
		j.expected[e.Check] = true
		j.broken[e.Check] = j.broken[e.Check] || e.Broken
	}
	for _, o := range opts {
		o(j)
	}
	return j
}

// check asks one check, unless its verdict is known.
func (j *judge) check(c *sim.Check) sim.Verdict {
	v, ok := j.known[c.Name]
	if !ok {
		v = judged(j.run, c)
	}
	if j.broken[c.Name] {
		return turned(v)
	}
	return v
}

// turned is the verdict on a check that the scenario expects to be broken.
func turned(v sim.Verdict) sim.Verdict {
	v.Check = "not " + v.Check
	if v.Unknown {
		return v
	}
	v.OK = !v.OK
	if v.OK {
		v.Why = "broken, as expected: " + v.Why
	} else {
		v.Why = "not broken, although the scenario expects it to be: " + v.Why
	}
	return v
}

// expect judges a comparison.
func (j *judge) expect(e sim.Expectation) sim.Verdict {
	v := sim.Verdict{Check: e.String()}
	m := MeasureNamed(e.Measure)
	if m == nil {
		v.Why = fmt.Sprintf("there is no measure %q", e.Measure)
		return v
	}
	where := "in the run"
	if e.Window != (sim.Window{}) {
		where = "in " + e.Window.String()
	}
	value, ok := measured(j.run, m, e.Window)
	if !ok {
		v.Why = fmt.Sprintf("there is nothing to measure %s: %s is %s", where, m.Name, m.About)
		return v
	}
	v.OK = e.Holds(value)
	v.Why = fmt.Sprintf("%s %s is %s", m.Name, where, m.Unit.FormatValue(value))
	if !v.OK {
		v.Why += fmt.Sprintf(", expected %s %s (%s)", e.Op, m.Unit.FormatValue(e.Value), m.About)
	}
	v.Events = explained(j.run, m, e.Window)
	return v
}

// ResultJSON is a result as programs read it, in summary.json and behind --json.
type ResultJSON struct {
	OK       bool                   `json:"ok"`
	Verdicts []VerdictJSON          `json:"verdicts"`
	Steps    []StepOutcomeJSON      `json:"steps"`    // what became of each statement of the script
	Measures map[string]MeasureJSON `json:"measures"` // written in order of their names
}

// StepOutcomeJSON is what became of a step as programs read it; At and Took are milliseconds.
type StepOutcomeJSON struct {
	Step      int             `json:"step"` // its number in the script
	Statement string          `json:"statement"`
	Outcome   sim.StepOutcome `json:"outcome"`
	By        string          `json:"by"`
	Why       string          `json:"why"`
	At        float64         `json:"at"`
	Took      float64         `json:"took"`
}

// VerdictJSON is a verdict as programs read it; Events are never null.
type VerdictJSON struct {
	Check   string   `json:"check"`
	OK      bool     `json:"ok"` // whether it holds
	Unknown bool     `json:"unknown,omitempty"`
	Why     string   `json:"why"`
	Events  []uint64 `json:"events"`
}

// MeasureJSON is a measure's value, with at most three decimals, for shares six.
type MeasureJSON struct {
	Value float64  `json:"value"`
	Unit  sim.Unit `json:"unit"`
}

// JSON is the result for programs.
func (r *Result) JSON() ResultJSON {
	out := ResultJSON{OK: r.OK(), Verdicts: make([]VerdictJSON, 0, len(r.Verdicts)),
		Steps: make([]StepOutcomeJSON, 0, len(r.Steps)), Measures: map[string]MeasureJSON{}}
	for _, v := range r.Verdicts {
		events := v.Events
		if events == nil {
			events = []uint64{}
		}
		out.Verdicts = append(out.Verdicts, VerdictJSON{v.Check, v.OK, v.Unknown, v.Why, events})
	}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, StepOutcomeJSON{
			s.Step, s.Statement, s.Outcome, s.By, s.Why, sim.MillisOf(s.At), sim.MillisOf(s.Took)})
	}
	for _, f := range r.Measures {
		out.Measures[f.Name] = MeasureJSON{f.Rounded(), f.Unit}
	}
	return out
}

// Rounded is the value as it is written: three decimals, for shares six.
func (f MeasuredValue) Rounded() float64 {
	scale := 1e3
	if f.Unit == sim.Shares {
		scale = 1e6
	}
	return math.Round(f.Value*scale) / scale
}
