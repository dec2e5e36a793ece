package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
	"quorumlab/sim/swarm"
)

// Trials runs the trials of a design on an engine. It may be used by many goroutines at once.
type Trials struct {
	design     *Design
	variations []*sim.Scenario
	engine     sim.Engine
	ask        *check.Questions
}

// ParseScenario reads a scenario's text under a file name, with settings changed: scenarios.ParseWith.
type ParseScenario func(name string, text []byte, sets []string) (*sim.Scenario, error)

// NewTrials reads the scenario of each variation, so that a setting that is invalid, or that the engine
// refuses, is found before anything runs: these errors are run.InputErrors. The engine must be able to run
// several scenarios at the same time; with the same seed it should do the same.
func NewTrials(p *Design, parse ParseScenario, e sim.Engine) (*Trials, error) {
	if err := p.check(); err != nil {
		return nil, run.BadInput("nothing was started", "%w", err)
	}
	t := &Trials{design: p, engine: e, ask: &check.Questions{Readings: p.Measures, Checks: p.Checks}}
	for i, v := range p.Variations {
		s, err := parse(fileName(cmp.Or(p.Load, p.Scenario)), []byte(p.Source), p.SetsOf(i))
		if err != nil {
			return nil, run.BadInput("nothing was started", "variation %q: %w", v.Name, err)
		}
		if p.RandomFaults {
			s = randomFrom(s, p.EngineName())
		}
		if rs := e.Refuse(s); len(rs) > 0 {
			return nil, run.BadInput("nothing was started", "variation %q: %w", v.Name,
				&sim.RefusedError{Scenario: s.Name, Engine: e.Name(), Refusals: rs})
		}
		t.variations = append(t.variations, s)
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

// Scenario is what a trial runs.
func (t *Trials) Scenario(tr Trial) *sim.Scenario {
	s := t.drawn(tr)
	s.Module = t.design.Module
	return s
}

// drawn is a trial's own scenario.
func (t *Trials) drawn(tr Trial) *sim.Scenario {
	seed := t.design.SeedOf(tr)
	switch base := t.variations[tr.Variation]; {
	case t.design.RandomFaults && t.design.Load == "":
		return swarm.Draw(base, seed)
	case t.design.RandomFaults:
		return swarm.Faults(base, seed)
	}
	s := *t.variations[tr.Variation]
	s.Seed = seed
	return &s
}

// Run runs one trial. A run with too many events gives no readings, and counts as failed. Errors are the
// engine's, with the command that runs the single trial.
func (t *Trials) Run(ctx context.Context, tr Trial) (Record, error) {
	j, err := run.Do(ctx, t.Scenario(tr), t.engine, run.Options{Version: t.design.Version, Ask: t.ask})
	if err != nil {
		return Record{}, fmt.Errorf("%s: %w", t.design.Replay(tr), err)
	}
	r := Record{Values: j.Answers.Values, Failed: !j.OK()}
	if j.Flood != nil {
		r.Values = slices.Repeat([]float64{math.NaN()}, len(t.design.Measures))
	}
	return r, nil
}

// Again runs a trial with its whole trace and full judgement.
func (t *Trials) Again(ctx context.Context, tr Trial) (*run.Judged, error) {
	return run.Do(ctx, t.Scenario(tr), t.engine, run.Options{Version: t.design.Version, Streamed: true})
}

// Memory is how many bytes of memory the largest of the trials takes at most as a run on sim, and how many the
// variations take that wait.
func (t *Trials) Memory() (trial, variations int64) {
	for _, s := range t.variations {
		trial = max(trial, run.Memory(s))
	}
	return trial, int64(len(t.variations)) * memoryOfVariation
}

// Until is the measure that ends the trials, if it is the same one in all variations.
func (t *Trials) Until() string {
	name := t.variations[0].Until
	for _, s := range t.variations {
		if s.Until != name {
			return ""
		}
	}
	return name
}

// Shown is a trial that the report shows, run again.
type Shown struct {
	About  sim.Example
	Trial  Trial
	Value  float64 // of the sweep's first measure
	Trace  *sim.Trace
	Window sim.Window // of the trace: what led to the value; zero: unknown
}

// shown runs the trials that the report shows again. Those that this sweep does not have, because its
// variations differ, are left out.
func (t *Trials) shown(ctx context.Context, res *Summary, rs Records) (out []Shown, err error) {
	for _, e := range t.design.Show {
		tr, value, err := res.Example(rs, e)
		if errors.Is(err, ErrNoExample) {
			continue
		}
		if err != nil {
			return nil, err
		}
		j, err := t.Again(ctx, tr)
		if err != nil {
			return nil, err
		}
		x := Shown{About: e, Trial: tr, Value: value, Trace: j.Trace}
		if end := j.Trace.End(); t.design.Measures[0].Unit() == sim.Millis && j.Trace.Scenario.Until != "" {
			took := time.Duration(value * float64(time.Millisecond))
			x.Window = sim.Window{From: max(0, end-took-took/20), To: end + took/50}
		}
		out = append(out, x)
	}
	return out, nil
}
