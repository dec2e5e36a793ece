package check

import (
	"time"

	"quorumlab/sim"
)

// compute reads a measure off a window of a run. False: there is nothing to measure.
type compute func(r *run, w sim.Window) (float64, bool)

// evidence lists the events that explain a measure's value over a window.
type evidence func(r *run, w sim.Window) []uint64

// measure is a registered measure in the form that shares one run's digest with all
// others.
type measure struct {
	compute  compute
	evidence evidence
}

var (
	own       = map[string]measure{}
	ownChecks = map[string]func(r *run) sim.Verdict{}
)

// registerCheck adds a check of this package.
func registerCheck(name, about string, always bool, judge func(r *run) sim.Verdict) {
	ownChecks[name] = judge
	sim.RegisterCheck(sim.Check{Name: name, About: about, Always: always,
		Judge: func(t *sim.Trace) sim.Verdict { return judge(newRun(t)) }})
}

// register adds a measure of this package.
func register(name string, unit sim.Unit, about string, c compute) {
	registerFamily(name, "", unit, about, c)
}

// registerFamily adds one of several measures that are listed as one.
func registerFamily(name, family string, unit sim.Unit, about string, c compute) {
	own[name] = measure{compute: c}
	sim.RegisterMeasure(sim.Measure{Name: name, Family: family, Unit: unit, About: about,
		Compute: func(t *sim.Trace, w sim.Window) (float64, bool) { return c(newRun(t), w) }})
}

// explain says which events stand behind a measure's value.
func explain(name string, e evidence) {
	m := own[name]
	m.evidence = e
	own[name] = m
}

// meter lets a measure be read while a run goes on.
func meter(name string, m func(s *sim.Scenario) sim.Meter) { sim.MeasureNamed(name).Meter = m }

// measured reads a measure off a run: one of ours through the digest, any other
// through what it registered.
func measured(r *run, m *sim.Measure, w sim.Window) (float64, bool) {
	if o, ok := own[m.Name]; ok {
		return o.compute(r, w)
	}
	return m.Compute(r.t, w)
}

// judged asks a check of a run, as measured does.
func judged(r *run, c *sim.Check) sim.Verdict {
	if judge, ok := ownChecks[c.Name]; ok {
		return judge(r)
	}
	return c.Judge(r.t)
}

// count is a measure's value for a number of things.
func count(n int) (float64, bool) { return float64(n), true }

// millis is a measure's value for a time.
func millis(d time.Duration) (float64, bool) { return sim.MillisOf(d), true }
