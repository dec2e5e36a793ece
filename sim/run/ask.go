package run

import (
	"math"
	"strings"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// meters reports whether everything that is asked can be read while the run goes on: all readings and
// expectations are of measures over the whole run that have a meter, and safety is the only check.
func meters(s *sim.Scenario, q *check.Questions) bool {
	if q.Checks == nil {
		return false
	}
	for _, c := range q.Checks {
		if c != safetyCheck && c != "none" {
			return false
		}
	}
	for _, r := range q.Readings {
		if !hasMeter(r.Measure, r.Window) {
			return false
		}
	}
	for _, e := range s.Expect {
		if !asksNothing(e, q) && !hasMeter(e.Measure, e.Window) {
			return false
		}
	}
	return true
}

// asksNothing tells whether an expectation only excuses steps that were not carried out.
func asksNothing(e sim.Expectation, q *check.Questions) bool {
	return e.Outcome != "" && (e.Statement == "" || q.Excused)
}

func hasMeter(measure string, w sim.Window) bool {
	m := check.MeasureNamed(measure)
	return m != nil && m.Meter != nil && w == sim.Window{}
}

// needed are the kinds of events that a trace must have for the questions and the expectations.
func needed(s *sim.Scenario, q *check.Questions) sim.KindSet {
	for _, r := range q.Readings {
		if readsAll(r.Measure) {
			return sim.AllKinds
		}
	}
	for _, e := range s.Expect {
		if readsAll(e.Measure) {
			return sim.AllKinds
		}
	}
	return sim.AllKinds &^ sim.HighRate
}

// readsAll reports whether a measure counts events that are too many to keep needlessly.
func readsAll(measure string) bool {
	return measure == "catchup" || strings.HasPrefix(measure, "messages.")
}

// metered are the meters of a run without a trace.
type metered struct {
	byMeasure map[string]sim.Meter
	observers []sim.Observer
}

func newMetered(s *sim.Scenario, q *check.Questions) *metered {
	m := &metered{byMeasure: map[string]sim.Meter{}}
	for _, r := range q.Readings {
		m.add(s, r.Measure)
	}
	for _, e := range s.Expect {
		if !asksNothing(e, q) {
			m.add(s, e.Measure)
		}
	}
	return m
}

func (m *metered) add(s *sim.Scenario, measure string) {
	if m.byMeasure[measure] == nil {
		meter := check.MeasureNamed(measure).Meter(s)
		m.byMeasure[measure] = meter
		m.observers = append(m.observers, meter)
	}
}

// answers are those that check.Ask would give for the whole trace.
func (m *metered) answers(s *sim.Scenario, q *check.Questions, safety *check.Safety) check.Answers {
	out := check.Answers{OK: safety == nil || !safety.Broken()}
	for _, r := range q.Readings {
		v, ok := m.byMeasure[r.Measure].Value()
		if ok {
			v = r.Of(v)
		} else {
			v = math.NaN()
		}
		out.Values = append(out.Values, v)
	}
	for _, e := range s.Expect {
		if asksNothing(e, q) {
			continue
		}
		v, ok := m.byMeasure[e.Measure].Value()
		out.OK = out.OK && ok && e.Holds(v)
	}
	return out
}
