package lessons

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"quorumlab/plots"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/engines"
	"quorumlab/sim/run"
)

// ScenarioRun runs a scenario and reports facts about it: "ok" (whether all checks and
// expectations hold: yes or no), and the measures in Facts.
type ScenarioRun struct {
	// Name is a scenario from the library; if File is set, it is the text of one of the
	// lesson's own scenarios, called Name.
	Name string
	File []byte
	// Engine is "sim" or "etcd"; empty: the first one that the scenario names.
	Engine string
	Sets   []string // changed settings, like "cluster.members=5"
	// Facts are the measures to report, as in expectations, with or without a window:
	// "writes.lost", "writes.ok[6s..14s]". On sim they are exact.
	Facts []string
	// Exact lists those of Facts that are exact on etcd as well.
	Exact []string
	// Figures are the figures of the trace to draw, by name.
	Figures []string
	// Messages is the window of the figure "messages"; the zero value lets it choose.
	Messages sim.Window
}

// Load reads the scenario. Errors are mistakes in it.
func (r ScenarioRun) Load() (*sim.Scenario, error) {
	if r.File == nil {
		return scenarios.Load(r.Name, r.Sets...)
	}
	return scenarios.ParseWith(r.Name+".yaml", r.File, r.Sets)
}

// Do runs the scenario once.
func (r ScenarioRun) Do(ctx context.Context, env *Env) (*Observations, error) {
	s, err := r.Load()
	if err != nil {
		return nil, err
	}
	engine := cmp.Or(r.Engine, s.Engines[0])
	env.Say("%s on %s", s.Name, engine)
	t, result, err := RunScenario(ctx, s, engine, env.Version)
	if err != nil {
		return nil, err
	}
	return r.Tell(t, result)
}

// Tell is the outcome of a run of the scenario. A step that needs more from the trace runs the
// scenario itself and adds to the outcome.
func (r ScenarioRun) Tell(t *sim.Trace, result *check.Result) (*Observations, error) {
	o := &Observations{}
	o.Tell("ok", YesNo(result.OK()), "whether every check and expectation holds")
	for _, name := range r.Facts {
		reading, err := check.ParseReading(name)
		if err != nil {
			return nil, err
		}
		m := check.MeasureNamed(reading.Measure)
		f := Fact{Name: name, Unit: m.Unit, About: m.About, Exact: t.Engine == "sim" || slices.Contains(r.Exact, name)}
		v, ok := m.Compute(t, reading.Window)
		if f.Value = v; !ok {
			f.Text = "none"
		}
		o.Facts = append(o.Facts, f)
	}
	read := plots.Read(t)
	read.Messages = r.Messages
	return o, o.DrawRun(read, r.Figures...)
}

// DrawTrace adds figures of a trace, by name. A figure with nothing to show is an error: a
// lesson names only what can be seen.
func (o *Observations) DrawTrace(t *sim.Trace, names ...string) error {
	return o.DrawRun(plots.Read(t), names...)
}

// DrawRun adds figures of a trace that has been read, and whose message window may have been
// chosen.
func (o *Observations) DrawRun(read *plots.Run, names ...string) error {
	for _, name := range names {
		f, err := plots.FigureNamed(name)
		if err != nil {
			return err
		}
		p, err := read.Draw(f, true)
		if err != nil {
			return err
		}
		pic := Picture{Name: read.Scenario.Name + "-" + name, Title: f.Title, About: f.About, SVG: p.SVG, PNG: p.PNG,
			Exact: read.Engine == "sim"}
		if pace := read.Scenario.Alerts.Pace; pace > 1 {
			pic.Title = read.Scenario.Title + ": " + f.Title
			pic.About += fmt.Sprintf(" The rules run %d times as fast as in production: a second here is %d s there.",
				pace, pace)
		}
		o.Pictures = append(o.Pictures, pic)
	}
	return nil
}

// RunScenario runs a scenario on the engine with that name and judges it. Errors: what the
// engine refuses, and those of the machine.
func RunScenario(ctx context.Context, s *sim.Scenario, engine, version string) (*sim.Trace, *check.Result, error) {
	e, err := engines.Named(engine)
	if err != nil {
		return nil, nil, err
	}
	if !s.NamesEngine(engine) {
		return nil, nil, fmt.Errorf("%s does not run on %s", s.Name, engine)
	}
	j, err := run.Do(ctx, s, e, run.Options{Version: version})
	if err != nil {
		return nil, nil, err
	}
	return j.Trace, j.Result, nil
}
