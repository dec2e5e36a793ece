package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/swarm"
	"quorumlab/sim/sweep"
)

// trials runs the trials of a plan on the sim engine. It may be used by many
// goroutines at once.
type trials struct {
	plan       *sweep.Plan
	variations []*sim.Scenario
	keep       sim.KindSet // 0: no trace is needed
	bug        raftsim.Bug // for tests: in the software that random faults meet
}

// newTrials reads the scenario of each variation, so that a setting that can't be is
// found before anything runs.
func newTrials(p *sweep.Plan) (*trials, error) {
	t := &trials{plan: p}
	for i, v := range p.Variations {
		s, err := scenarios.ParseWith(fileName(cmp.Or(p.Load, p.Scenario)), []byte(p.Source), p.SetsOf(i))
		if err != nil {
			return nil, usageError{fmt.Errorf("variation %q: %w", v.Name, err), "nothing was started"}
		}
		if p.RandomFaults {
			s = randomFrom(s)
		}
		if rs := (raftsim.Engine{}).Refuse(s); len(rs) > 0 {
			return nil, usageError{fmt.Errorf("variation %q: %w", v.Name, &sim.RefusedError{Scenario: s.Name, Engine: "sim", Refusals: rs}), "nothing was started"}
		}
		t.variations = append(t.variations, s)
		t.keep |= keepFor(p, s)
	}
	return t, nil
}

// fileName is the name that a scenario's text has for the parser.
func fileName(load string) string {
	if strings.HasSuffix(load, ".yaml") {
		return load
	}
	return load + ".yaml"
}

// keepFor is what a trial's trace must have. Where all figures have meters, also those
// of the expectations, and safety is the only check, no trace is needed: the run is
// read as it goes on.
func keepFor(p *sweep.Plan, s *sim.Scenario) sim.KindSet {
	read := slices.Clone(p.Figures)
	metered := p.Checks != nil
	for _, e := range s.Expect {
		metered = metered && e.Measure != ""
		read = append(read, sim.Reading(e))
	}
	for _, r := range read {
		if r.Measure == "catchup" || strings.HasPrefix(r.Measure, "messages.") {
			return sim.AllKinds
		}
		m := check.MeasureNamed(r.Measure)
		metered = metered && r.Window == sim.Window{} && m != nil && m.Meter != nil
	}
	for _, c := range p.Checks {
		metered = metered && (c == "safety" || c == "none")
	}
	if metered {
		return 0
	}
	return sim.AllKinds &^ sim.HighRate
}

// scenario is what a trial runs.
func (t *trials) scenario(tr sweep.Trial) *sim.Scenario {
	seed := t.plan.SeedOf(tr)
	switch base := t.variations[tr.Variation]; {
	case t.plan.RandomFaults && t.plan.Load == "":
		return swarm.Draw(base, seed)
	case t.plan.RandomFaults:
		return swarm.Faults(base, seed)
	}
	s := *t.variations[tr.Variation]
	s.Seed = seed
	return &s
}

// engine is what trials run on.
func (t *trials) engine() raftsim.Engine {
	if t.plan.RandomFaults {
		return raftsim.Engine{Bug: t.bug, MostEvents: mostEvents}
	}
	return raftsim.Engine{}
}

// run runs one trial.
func (t *trials) run(ctx context.Context, tr sweep.Trial) (sweep.Record, error) {
	s := t.scenario(tr)
	rec, err := t.observe(ctx, s)
	if err != nil {
		return sweep.Record{}, fmt.Errorf("%s: %w", t.plan.Replay(tr), err)
	}
	return rec, nil
}

func (t *trials) observe(ctx context.Context, s *sim.Scenario) (sweep.Record, error) {
	safety := check.NewSafety()
	var observers []sim.Observer
	if t.plan.Checks == nil || slices.Contains(t.plan.Checks, "safety") {
		observers = append(observers, safety)
	}
	if t.keep == 0 {
		return t.meter(ctx, s, safety, observers)
	}
	rec := sim.NewRecorder(t.keep, observers...)
	check.Until(rec, s)
	if err := t.engine().Run(ctx, s, rec, nil); errors.Is(err, raftsim.ErrFlood) {
		return sweep.Record{Values: slices.Repeat([]float64{math.NaN()}, len(t.plan.Figures)), Failed: true}, nil
	} else if err != nil {
		return sweep.Record{}, err
	}
	a := check.Ask(rec.Trace(s, "sim", version), check.Questions{Readings: t.plan.Figures, Checks: t.plan.Checks}, check.WithSafety(safety))
	return sweep.Record{Values: a.Values, Failed: !a.OK}, nil
}

// meter runs a trial whose figures and expectations are all read by meters.
func (t *trials) meter(ctx context.Context, s *sim.Scenario, safety *check.Safety, observers []sim.Observer) (sweep.Record, error) {
	meters := map[string]sim.Meter{}
	add := func(measure string) {
		if meters[measure] == nil {
			meters[measure] = check.MeasureNamed(measure).Meter(s)
			observers = append(observers, meters[measure])
		}
	}
	for _, r := range t.plan.Figures {
		add(r.Measure)
	}
	for _, e := range s.Expect {
		add(e.Measure)
	}
	rec := sim.NewRecorder(0, observers...)
	check.Until(rec, s)
	if err := (raftsim.Engine{}).Run(ctx, s, rec, nil); err != nil {
		return sweep.Record{}, err
	}
	out := sweep.Record{Failed: safety.Broken()}
	for _, r := range t.plan.Figures {
		v, ok := meters[r.Measure].Value()
		if !ok {
			v = math.NaN()
		} else {
			v = r.Of(v)
		}
		out.Values = append(out.Values, v)
	}
	for _, e := range s.Expect {
		v, ok := meters[e.Measure].Value()
		out.Failed = out.Failed || !ok || !e.Holds(v)
	}
	return out, nil
}
