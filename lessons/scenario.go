package lessons

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"quorumlab/plots"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/raftsim"
)

// ScenarioRun runs a scenario and tells facts of it: "ok" (whether all checks and
// expectations hold: yes or no), and the figures in Facts.
type ScenarioRun struct {
	// Name is a scenario of the library; or File is the text of one of the lesson's own, with
	// Name as its name.
	Name string
	File []byte
	// Engine is "sim" or "etcd"; empty: the first that the scenario names.
	Engine string
	Sets   []string // changed settings, like "cluster.members=5"
	// Facts are the measures to tell, as in expectations, with a window or without:
	// "writes.lost", "writes.ok[6s..14s]". On sim they are exact.
	Facts []string
	// Exact are those of Facts that are exact on etcd as well.
	Exact []string
	// Figures are the figures of the trace to draw, by name.
	Figures []string
	// Messages is the window of the figure "messages"; the zero value lets it choose.
	Messages sim.Window
}

// Load reads the scenario. Errors are its mistakes.
func (r ScenarioRun) Load() (*sim.Scenario, error) {
	if r.File == nil {
		return scenarios.Load(r.Name, r.Sets...)
	}
	return scenarios.ParseWith(r.Name+".yaml", r.File, r.Sets)
}

// Do runs the scenario once.
func (r ScenarioRun) Do(ctx context.Context, env *Env) (*Outcome, error) {
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

// Tell is the outcome of a run of the scenario. A step that reads more of the trace runs the
// scenario itself and adds to it.
func (r ScenarioRun) Tell(t *sim.Trace, result *check.Result) (*Outcome, error) {
	o := &Outcome{}
	o.Tell("ok", yesNo(result.OK()), "whether every check and expectation holds")
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
	run := plots.Read(t)
	run.Messages = r.Messages
	return o, o.DrawRun(run, r.Figures...)
}

// DrawTrace adds figures of a trace, by name. What a figure has nothing to show of is an
// error: a lesson names what is there to see.
func (o *Outcome) DrawTrace(t *sim.Trace, names ...string) error {
	return o.DrawRun(plots.Read(t), names...)
}

// DrawRun adds figures of a trace that was read, and of which the window of the messages may
// have been chosen.
func (o *Outcome) DrawRun(run *plots.Run, names ...string) error {
	for _, name := range names {
		f, err := plots.FigureNamed(name)
		if err != nil {
			return err
		}
		p, err := run.Draw(f, true)
		if err != nil {
			return err
		}
		o.Pictures = append(o.Pictures, Picture{Name: run.Scenario.Name + "-" + name, Title: f.Title, About: f.About, SVG: p.SVG, PNG: p.PNG, Exact: run.Engine == "sim"})
	}
	return nil
}

// RunScenario runs a scenario on the engine of that name and judges it. Errors: what the
// engine refuses, and those of the machine.
func RunScenario(ctx context.Context, s *sim.Scenario, engine, version string) (*sim.Trace, *check.Result, error) {
	e := engineNamed(engine)
	if !s.NamesEngine(e.Name()) {
		return nil, nil, fmt.Errorf("%s does not run on %s", s.Name, engine)
	}
	if e.Name() == "sim" {
		e = bounded(s)
	}
	safety := check.NewSafety()
	rec := sim.NewRecorder(sim.AllKinds, safety)
	check.Until(rec, s)
	err := e.Run(ctx, s, rec, nil)
	if err != nil && !errors.Is(err, raftsim.ErrFlood) {
		return nil, nil, err
	}
	t := rec.Trace(s, e.Name(), version)
	result := check.Judge(t, check.WithSafety(safety))
	if err != nil {
		result.Verdicts = append(result.Verdicts, sim.Verdict{Check: "bounded", Why: err.Error()})
	}
	return t, result, nil
}

func engineNamed(name string) sim.Engine {
	if name == "etcd" {
		return etcdsim.Engine{}
	}
	return raftsim.Engine{}
}

// bounded is the sim engine for one scenario: a learner's may have members whose disks broke
// their promises and that answer each other without end. The bound is several times what the
// heartbeats and the operations of seven members take.
func bounded(s *sim.Scenario) raftsim.Engine {
	rate := s.Workload.Rate
	if rate == 0 && s.Workload.Clients > 0 {
		rate = 3000 // as fast as the answers come
	}
	return raftsim.Engine{MostEvents: 100_000 + int(s.Run.Seconds())*(5000+60*rate)}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
