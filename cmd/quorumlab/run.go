package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/internal/result"
	"quorumlab/plots/folders"
	"quorumlab/sim"
	"quorumlab/sim/engines"
	"quorumlab/sim/run"
	"quorumlab/sim/script"
)

func init() {
	register(command{
		name:  "run",
		args:  "SCENARIO...",
		about: "Runs scenarios and writes verdicts, a trace, plots and a report",
		details: "A scenario is a name from the library or a file. Exit code 0: every check and expectation held; " +
			"1: one failed, but the report was written; 2: bad input; 130: interrupted. A run on sim takes 100 MB of " +
			"memory and 400 bytes for each operation of its clients.",
		examples: []string{
			"quorumlab run leader-crash --engine both",
			"quorumlab run my.yaml --seed 7 --set cluster.members=5",
		},
		next: scenarioNames,
		flags: func(fs *pflag.FlagSet) action {
			o := runOptions{}
			fs.StringVar(&o.engine, "engine", "", "sim, etcd, etcd-virtual, some with commas, both (sim and etcd) or all "+
				"(default: the first that the scenario names)")
			exactFlag(fs, &o.exact)
			fs.Uint64Var(&o.seed, "seed", 0, "the run's seed (default: the scenario's)")
			fs.StringArrayVar(&o.sets, "set", nil, "change a setting, like cluster.members=3 (repeatable)")
			fs.StringVar(&o.out, "out", "out", "folder for the runs' folders")
			forceFlag(fs, &o.force)
			fs.StringSliceVar(&o.write, "write", []string{"all"}, "what to write: summary, trace, plots, report; all or none")
			fs.BoolVar(&o.json, "json", false, "print the result as JSON")
			return func(ctx context.Context, args []string, std streams) error {
				o.seeded = fs.Changed("seed")
				if fs.Changed("engine") && o.engine == "" {
					return badUsage("", "--engine: the name is empty; the engines are %s, %s and %s",
						strings.Join(engines.Names(), ", "), engines.Both, engines.All)
				}
				o.engine = exactName(o.engine, fs.Changed("engine"), o.exact)
				return o.run(ctx, args, std)
			}
		},
	})
}

type runOptions struct {
	engine string
	exact  bool
	seed   uint64
	seeded bool
	sets   []string
	out    string
	force  bool
	write  []string
	json   bool
}

// task is one scenario and the engines that it runs on, one after the other.
type task struct {
	scenario *sim.Scenario
	engines  []sim.Engine
}

func (o *runOptions) run(ctx context.Context, args []string, std streams) (err error) {
	want, err := wanted(o.write)
	if err != nil {
		return err
	}
	tasks, err := o.tasks(args)
	if err != nil {
		return err
	}
	places, release, err := takeAll(o.claims(tasks, want))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	var all []*run.Judged
	for _, t := range tasks {
		var own []*result.Taken
		if len(want) > 0 {
			own, places = places[:len(t.engines)], places[len(t.engines):]
		}
		js, err := o.do(ctx, t, own, want, std)
		if err != nil {
			return err
		}
		all = append(all, js...)
	}
	return o.conclude(all, std)
}

// claims are those of the runs' folders, in the order of the tasks and their engines.
func (o *runOptions) claims(tasks []task, want []string) (cs []result.Destination) {
	if len(want) == 0 {
		return nil
	}
	for _, t := range tasks {
		for _, e := range t.engines {
			c := folders.RunPlace(o.out, t.scenario, e.Name())
			if c.Force = o.force; !slices.Contains(want, "trace") {
				c.Room = 0 // most of it is the trace's
			}
			cs = append(cs, c)
		}
	}
	return cs
}

func (o *runOptions) tasks(args []string) ([]task, error) {
	var seed *uint64
	if o.seeded {
		seed = &o.seed
	}
	list, err := loadScenarios(args, o.sets, seed)
	if err != nil {
		return nil, err
	}
	var tasks []task
	for _, s := range list {
		picked, err := pickEngines(s, o.engine)
		if err != nil {
			return nil, err
		}
		if o.exact {
			if err := makeExact(picked); err != nil {
				return nil, err
			}
		}
		tasks = append(tasks, task{s, picked})
	}
	return tasks, nil
}

// do runs a scenario on its engines, then writes and prints the results: each
// report shows the numbers of the other engine too.
func (o *runOptions) do(ctx context.Context, t task, places []*result.Taken, want []string, std streams) ([]*run.Judged,
	error) {
	var js []*run.Judged
	for _, e := range t.engines {
		j, err := job{t.scenario, e}.run(ctx, std)
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", t.scenario.Name, e.Name(), err)
		}
		js = append(js, j)
	}
	defer holdMemory(t.engines[0], t.scenario, len(js))()
	for i, j := range js {
		var at *result.Taken
		if len(want) > 0 {
			at = places[i]
		}
		left, err := folders.RunFolder{Judged: j, Others: js}.Leave(at, want)
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", t.scenario.Name, j.Trace.Engine, err)
		}
		if !o.json {
			printResult(std.out, j, left)
		}
	}
	for _, j := range js {
		if err := j.Trace.Close(); err != nil { // a long list of scenarios must not keep all traces
			return nil, err
		}
	}
	if !o.json {
		printComparisons(std.out, js)
	}
	return js, nil
}

// job is one run of a scenario on an engine.
type job struct {
	scenario *sim.Scenario
	engine   sim.Engine
}

// run runs it with a bar of its progress.
func (j job) run(ctx context.Context, std streams) (*run.Judged, error) {
	if at := script.AwaitedStarts(j.scenario); j.engine.Name() == "sim" && len(at) > 0 {
		hanging(std.err, "note: ", fmt.Sprintf("a quorum waits for the members that step %d starts. Sim leaves out what "+
			"etcd needs to open its files and connect, some 100 to 200 ms; there the outage lasts that much longer.", at[0]))
	}
	bar := newProgress(std, j.scenario.Name+" on "+j.engine.Name(), j.scenario.Run)
	defer bar.done()
	defer holdMemory(j.engine, j.scenario, 1)()
	return run.Do(ctx, j.scenario, j.engine, run.Options{Version: version, Progress: bar.at, Streamed: true})
}

// conclude prints the final output, and reports whether all is well.
func (o *runOptions) conclude(js []*run.Judged, std streams) error {
	if o.json {
		if err := printIndented(std.out, forPrograms(js)); err != nil {
			return err
		}
	}
	for _, j := range js {
		if !j.OK() {
			return errFailed
		}
	}
	return nil
}

// forPrograms is one run as an object, and several as an array.
func forPrograms(js []*run.Judged) any {
	all := make([]run.JudgedJSON, len(js))
	for i, j := range js {
		all[i] = j.JSON()
	}
	if len(all) == 1 {
		return all[0]
	}
	return all
}
