package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// defaultTrials is how many trials a variation has unless somebody says otherwise.
const defaultTrials = 1000

// spec is what the file says about being run many times.
func (s *sweep) spec(f *file) *sim.Sweep {
	out := &sim.Sweep{Trials: s.Trials, Checks: s.Checks, Against: s.Against}
	for _, r := range s.Measures {
		out.Measures = append(out.Measures, sim.Reading(r))
	}
	if out.Trials == 0 {
		out.Trials = defaultTrials
	}
	if len(out.Measures) == 0 {
		out.Measures = compared(f.Expect)
	}
	for _, e := range s.Show {
		out.Show = append(out.Show, sim.Example{Variation: e.Variation, Quantile: e.Quantile,
			About: strings.TrimSpace(e.About)})
	}
	for _, a := range s.Vary {
		axis := sim.SweepAxis{Name: a.Name}
		for _, p := range a.Points {
			axis.Points = append(axis.Points, sim.Point{Name: p.Name, Set: p.Set, Trials: p.Trials, Panel: p.Panel,
				Published: p.Published.quantiles()})
		}
		out.Axes = append(out.Axes, axis)
	}
	return out
}

// compared are the measures of the expectations, each once.
func compared(es []expectation) (rs []sim.Reading) {
	seen := map[sim.Reading]bool{}
	for _, e := range es {
		r := sim.Reading{Measure: e.Measure, Window: e.Window, In: e.In}
		if e.Measure != "" && !seen[r] {
			seen[r] = true
			rs = append(rs, r)
		}
	}
	if len(rs) == 0 {
		return []sim.Reading{{Measure: "failover", In: sim.Millis}}
	}
	return rs
}

func (p *published) quantiles() (qs []sim.Quantile) {
	for _, q := range []struct {
		share float64
		value duration
	}{{0, p.Min}, {0.1, p.P10}, {0.5, p.P50}, {0.9, p.P90}, {0.99, p.P99}, {0.999, p.P999}, {1, p.Max}} {
		if q.value > 0 {
			qs = append(qs, sim.Quantile{Share: q.share, Value: sim.MillisOf(time.Duration(q.value))})
		}
	}
	return qs
}

// MaxTrials bounds a variation: a billion trials are weeks on one machine.
const MaxTrials = 1_000_000_000

// sweep finds what is impossible in the sweep.
func (d *decoder) sweep(f *file, root *node) {
	bad := func(path, format string, args ...any) { d.bad(root.find(path, 0), format, args...) }
	if t := f.Sweep.Trials; t < 0 || t > MaxTrials {
		bad("sweep.trials", "%d is not between 1 and %d", t, MaxTrials)
	}
	if a := f.Sweep.Against; a != "" && a != "election-theory" {
		bad("sweep.against", `unknown theory %q; the only one is "election-theory"`, a)
	}
	if cs := f.Sweep.Checks; len(cs) > 1 && slices.Contains(cs, "none") {
		bad("sweep.checks", "none means no check; it can't be given together with others")
	}
	for i, name := range f.Sweep.Checks {
		if check.CheckNamed(name) == nil && name != "none" {
			bad(fmt.Sprintf("sweep.checks[%d]", i),
				`unknown check %q; quorumlab list checks shows them, and "none" means no check`, name)
		}
	}
	for i, a := range f.Sweep.Vary {
		path := fmt.Sprintf("sweep.vary[%d]", i)
		if len(a.Points) == 0 {
			bad(path+".points", "an axis needs points")
		}
		names := map[string]bool{}
		for j, p := range a.Points {
			at := fmt.Sprintf("%s.points[%d]", path, j)
			if names[p.Name] {
				bad(at+".name", "the name %q is used twice", p.Name)
			}
			names[p.Name] = true
			if p.Trials < 0 || p.Trials > MaxTrials {
				bad(at+".trials", "%d is not between 1 and %d", p.Trials, MaxTrials)
			}
		}
	}
}
