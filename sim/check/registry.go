package check

import (
	"maps"
	"slices"
	"time"

	"quorumlab/sim"
)

// compute reads a measure off a window of a run. False: there is nothing to measure.
type compute func(r *run, w sim.Window) (float64, bool)

// evidence lists the events that explain a measure's value over a window.
type evidence func(r *run, w sim.Window) []uint64

// A measure or a check is registered in two forms: for others, who have a trace, and for this
// package, which digests a run once for all that is asked of it.
type (
	ownMeasure struct {
		*sim.Measure
		compute  compute
		evidence evidence
	}
	ownCheck struct {
		*sim.Check
		judge func(r *run) sim.Verdict
	}
)

var (
	ownMeasures = map[string]ownMeasure{}
	ownChecks   = map[string]ownCheck{}
)

// registerCheck adds a check.
func registerCheck(name, about string, always bool, judge func(r *run) sim.Verdict) {
	if _, twice := ownChecks[name]; twice {
		panic("check: " + name + " is registered twice")
	}
	c := &sim.Check{Name: name, About: about, Always: always,
		Judge: func(t *sim.Trace) sim.Verdict { return judge(newRun(t)) }}
	ownChecks[name] = ownCheck{c, judge}
}

// register adds a measure.
func register(name string, unit sim.Unit, rule sim.WindowRule, about string, c compute) {
	registerFamily(name, "", unit, rule, about, c)
}

// registerFamily adds one of several measures that are listed as one.
func registerFamily(name, family string, unit sim.Unit, rule sim.WindowRule, about string, c compute) {
	if _, twice := ownMeasures[name]; twice {
		panic("check: measure " + name + " is registered twice")
	}
	m := &sim.Measure{Name: name, Family: family, Unit: unit, Rule: rule, About: about}
	m.Compute = func(t *sim.Trace, w sim.Window) (float64, bool) { return measured(newRun(t), m, w) }
	ownMeasures[name] = ownMeasure{Measure: m, compute: c}
}

// explain says which events stand behind a measure's value.
func explain(name string, e evidence) {
	m := ownMeasures[name]
	m.evidence = e
	ownMeasures[name] = m
}

// meter lets a measure be read while a run goes on.
func meter(name string, m func(s *sim.Scenario) sim.Meter) { MeasureNamed(name).Meter = m }

// measured reads a measure off what lies in the window and in the run.
func measured(r *run, m *sim.Measure, w sim.Window) (float64, bool) {
	return ownMeasures[m.Name].compute(r, r.window(w))
}

// explained lists the events behind a measure's value over the same window.
func explained(r *run, m *sim.Measure, w sim.Window) []uint64 {
	if of := ownMeasures[m.Name].evidence; of != nil {
		return of(r, r.window(w))
	}
	return nil
}

// judged asks a check of a run.
func judged(r *run, c *sim.Check) sim.Verdict { return ownChecks[c.Name].judge(r) }

// Measures lists the measures by name.
func Measures() []*sim.Measure {
	ms := make([]*sim.Measure, 0, len(ownMeasures))
	for _, name := range slices.Sorted(maps.Keys(ownMeasures)) {
		ms = append(ms, ownMeasures[name].Measure)
	}
	return ms
}

// MeasureNamed finds a measure, or nil.
func MeasureNamed(name string) *sim.Measure { return ownMeasures[name].Measure }

// Metered lists the names of the measures that have a meter.
func Metered() (names []string) {
	for _, m := range Measures() {
		if m.Meter != nil {
			names = append(names, m.Name)
		}
	}
	return names
}

// Checks lists the checks by name.
func Checks() []*sim.Check {
	cs := make([]*sim.Check, 0, len(ownChecks))
	for _, name := range slices.Sorted(maps.Keys(ownChecks)) {
		cs = append(cs, ownChecks[name].Check)
	}
	return cs
}

// CheckNamed finds a check, or nil.
func CheckNamed(name string) *sim.Check { return ownChecks[name].Check }

// count is a measure's value for a number of things.
func count(n int) (float64, bool) { return float64(n), true }

// millis is a measure's value for a time.
func millis(d time.Duration) (float64, bool) { return sim.MillisOf(d), true }
