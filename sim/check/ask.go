package check

import (
	"math"

	"quorumlab/sim"
)

// Questions are what is asked of one of many runs, besides its expectations.
type Questions struct {
	Readings []sim.Reading
	Checks   []string // nil: all that are always on; "none": no check
	// Excused says that what the scenario expects of statements only excuses them: whether they come to
	// it is not asked.
	Excused bool
}

// Answers are what Ask returns: a value per reading, NaN where there is nothing to measure,
// and whether every verdict was good.
type Answers struct {
	Values []float64
	OK     bool
}

// Ask judges a run as [Judge] does, but computes nothing that is not asked for: it is
// for one of thousands of runs, of which only a few numbers are kept.
func Ask(t *sim.Trace, q Questions, opts ...Option) Answers {
	j := newJudge(t, opts)
	out := Answers{OK: true}
	for _, c := range Checks() {
		if q.asks(c) && !j.check(c).OK {
			out.OK = false
		}
	}
	for _, e := range t.Scenario.Expect {
		switch c := CheckNamed(e.Check); {
		case e.Outcome != "":
			out.OK = out.OK && (q.Excused || j.expectStep(e).OK)
		case e.Measure != "":
			out.OK = out.OK && j.expect(e).OK
		case c == nil || !q.asks(c):
			out.OK = out.OK && c != nil && j.check(c).OK
		}
	}
	for _, r := range q.Readings {
		v := math.NaN()
		if x, ok := measured(j.run, MeasureNamed(r.Measure), r.Window); ok {
			v = r.Of(x)
		}
		out.Values = append(out.Values, v)
	}
	return out
}

func (q Questions) asks(c *sim.Check) bool {
	if q.Checks == nil {
		return c.Always
	}
	for _, name := range q.Checks {
		if name == c.Name {
			return true
		}
	}
	return false
}
