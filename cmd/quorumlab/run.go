package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"quorumlab/sim"
	"quorumlab/sim/run"
)

func init() {
	register(command{
		name:  "run",
		args:  "SCENARIO...",
		about: "Runs scenarios and writes verdicts, a trace, plots and a report",
		details: "A scenario is a name from the library or a file. Exit code 0: every check and expectation held; " +
			"1: one failed, but the report was written; 2: bad input; 130: interrupted.",
		examples: []string{
			"quorumlab run leader-crash --engine both",
			"quorumlab run my.yaml --seed 7 --set cluster.members=5",
		},
		next: scenarioNames,
		flags: func(fs *pflag.FlagSet) action {
			o := runOptions{}
			fs.StringVar(&o.engine, "engine", "", "sim, etcd or both (default: the first that the scenario names)")
			fs.Uint64Var(&o.seed, "seed", 0, "the run's seed (default: the scenario's)")
			fs.StringArrayVar(&o.sets, "set", nil, "change a setting, like cluster.members=3 (repeatable)")
			fs.StringVar(&o.out, "out", "out", "folder for the runs' folders")
			fs.StringSliceVar(&o.write, "write", []string{"all"}, "what to write: summary, trace, plots, report; all or none")
			fs.BoolVar(&o.json, "json", false, "print the result as JSON")
			return func(ctx context.Context, args []string, io streams) error {
				o.seeded = fs.Changed("seed")
				return o.run(ctx, args, io)
			}
		},
	})
}

type runOptions struct {
	engine string
	seed   uint64
	seeded bool
	sets   []string
	out    string
	write  []string
	json   bool
}

// task is one scenario and the engines that it runs on, one after the other.
type task struct {
	scenario *sim.Scenario
	engines  []sim.Engine
}

func (o *runOptions) run(ctx context.Context, args []string, io streams) error {
	want, err := wanted(o.write)
	if err != nil {
		return err
	}
	tasks, err := o.tasks(args)
	if err != nil {
		return err
	}
	var results []result
	for _, t := range tasks {
		rs, err := o.do(ctx, t, want, io)
		if err != nil {
			return err
		}
		results = append(results, rs...)
	}
	return o.conclude(results, io)
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
		tasks = append(tasks, task{s, picked})
	}
	return tasks, nil
}

// do runs a scenario on its engines, then writes and prints the results: each
// report shows the numbers of the other engine too.
func (o *runOptions) do(ctx context.Context, t task, want []string, io streams) ([]result, error) {
	var results []result
	for _, e := range t.engines {
		r, err := job{t.scenario, e}.run(ctx, io)
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", t.scenario.Name, e.Name(), err)
		}
		results = append(results, r)
	}
	for i := range results {
		r := &results[i]
		if err := r.write(o.out, want, results); err != nil {
			return nil, fmt.Errorf("%s on %s: %w", t.scenario.Name, r.trace.Engine, err)
		}
		if !o.json {
			printResult(io.out, *r)
		}
	}
	for _, r := range results {
		r.trace.Events = nil // a long list of scenarios must not keep all traces
	}
	if !o.json {
		printComparisons(io.out, results)
	}
	return results, nil
}

// job is one run of a scenario on an engine.
type job struct {
	scenario *sim.Scenario
	engine   sim.Engine
}

// run runs it with a bar of its progress.
func (j job) run(ctx context.Context, io streams) (result, error) {
	bar := newProgress(io, j.scenario.Name+" on "+j.engine.Name(), j.scenario.Run)
	defer bar.done()
	judged, err := run.Do(ctx, j.scenario, j.engine, run.Options{Version: version, Progress: bar.at})
	if err != nil {
		return result{}, err
	}
	return newResult(judged), nil
}

// conclude prints what is printed at the end, and says whether all is well.
func (o *runOptions) conclude(results []result, io streams) error {
	if o.json {
		if err := printJSON(io.out, results); err != nil {
			return err
		}
	}
	for _, r := range results {
		if !r.judged.OK() {
			return errFailed
		}
	}
	return nil
}

// printJSON writes one run as an object and several as an array.
func printJSON(w io.Writer, results []result) error {
	all := make([]run.JSON, len(results))
	for i, r := range results {
		all[i] = r.run().JSON()
	}
	var v any = all
	if len(all) == 1 {
		v = all[0]
	}
	b, err := indented(v)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// seconds is a time rounded for people.
func seconds(d time.Duration) string { return sim.Millis.FormatValue(sim.MillisOf(d)) }
