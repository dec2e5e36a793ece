package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/internal/text"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/exact"
	"quorumlab/sim/run"
	"quorumlab/sim/sweep"
)

func init() {
	register(command{
		name:  "sweep",
		args:  "SCENARIO | --random-faults [SCENARIO]",
		about: "Runs a scenario many times in virtual time, over seeds and settings",
		details: "Trial i of a variation runs with the scenario's seed plus i. On sim, the result is the same, byte for " +
			"byte, for any --jobs, after --resume, and for merged shards, and on etcd-virtual with --exact; without it times " +
			"may differ a little.",
		examples: []string{
			"quorumlab sweep leader-crash --vary cluster.members=3,5,7 --measure failover --measure 'failover > 2s'",
			"quorumlab sweep --random-faults --trials 1000",
			"quorumlab sweep --random-faults --engine etcd-virtual --trials 100",
		},
		next: oneScenario,
		flags: func(fs *pflag.FlagSet) action {
			o := sweepOptions{}
			o.trialFlags(fs)
			exactFlag(fs, &o.exact)
			number(fs, &o.jobs, "jobs", runtime.GOMAXPROCS(0),
				"number of trials to run at once, which does not change the result")
			machineDefault(fs, "jobs", "the number of processors")
			fs.StringVar(&o.shard, "shard", "1/1",
				"run only part I of N, given as I/N, or as I+1/N where I counts from 0; quorumlab merge joins them")
			fs.BoolVar(&o.resume, "resume", false, "resume an interrupted sweep of the same design")
			fs.StringVar(&o.out, "out", "out", "folder for the sweep's folder")
			forceFlag(fs, &o.force)
			fs.BoolVar(&o.json, "json", false, "print the result as JSON")
			return func(ctx context.Context, args []string, std streams) error {
				o.seeded = fs.Changed("seed")
				o.engine = exactName(o.engine, fs.Changed("engine"), o.exact)
				return o.run(ctx, args, std)
			}
		},
	})
}

type sweepOptions struct {
	engine   string
	exact    bool
	trials   int
	vary     []string
	measures []string
	checks   []string
	sets     []string
	seed     uint64
	seeded   bool
	random   bool
	jobs     int
	shard    string
	resume   bool
	out      string
	force    bool
	json     bool
}

// trialFlags declares the flags that say which trials a sweep has.
func (o *sweepOptions) trialFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.engine, "engine", "sim", "what the trials run on: sim or etcd-virtual")
	number(fs, &o.trials, "trials", 0, "number of trials of each variation (default: the file's, or 1000)")
	fs.StringArrayVar(&o.vary, "vary", nil, "vary a setting, like cluster.members=3,5,7; given twice: all combinations "+
		"(default: what the file varies)")
	fs.StringSliceVar(&o.measures, "measure", nil, "what to read off each trial: a measure, or a comparison for a "+
		"share, like 'failover > 2s'")
	fs.StringSliceVar(&o.checks, "check", nil, "checks to judge each trial by, in addition to the expectations; or none "+
		"(default: those of a run)")
	fs.StringArrayVar(&o.sets, "set", nil, "change a setting in all trials, like cluster.members=3 (repeatable)")
	fs.Uint64Var(&o.seed, "seed", 0, "the first trial's seed (default: the scenario's)")
	fs.BoolVar(&o.random, "random-faults", false, "draw each trial's faults from its seed; without a scenario, also the "+
		"cluster and the load")
}

func (o *sweepOptions) run(ctx context.Context, args []string, std streams) (err error) {
	design, err := o.design(args)
	if err != nil {
		return err
	}
	ts, err := newTrials(design)
	if err != nil {
		return err
	}
	w, err := sweep.OpenWork(o.out, design, sweep.Opening{Resume: o.resume, Force: o.force})
	if other := new(sweep.ResumeError); errors.As(err, &other) {
		return &run.InputError{Err: fmt.Errorf("--resume: %w", err), Hint: "without --resume the sweep starts over"}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := runTrials(ctx, w, ts, design, o.jobs, std); err != nil {
		return err
	}
	if design.Shards > 1 {
		return finishShard(w, design, std)
	}
	return concludeSweep(ctx, w, ts, std, o.json)
}

// newTrials are the trials of a design on its engine.
func newTrials(p *sweep.Design) (*sweep.Trials, error) {
	e, err := exactEngine(p.EngineName(), p.Module != "")
	if err != nil {
		return nil, err
	}
	return sweep.NewTrials(p, scenarios.ParseWith, e)
}

// runTrials runs the trials that are missing, and says how to go on when it is interrupted.
func runTrials(ctx context.Context, w *sweep.Work, ts *sweep.Trials, p *sweep.Design, jobs int, std streams) error {
	own := p.Own()
	bar := newCounter(std, p.Scenario, own)
	defer bar.done()
	done, err := w.RunAll(ctx, ts, jobs, bar.add)
	if errors.Is(err, context.Canceled) && done < own {
		bar.done()
		fmt.Fprintf(std.err, "%d of %d trials are kept; run the same command with --resume to go on\n", done, own)
	}
	return err
}

// design reads the command line and the scenario's file.
func (o *sweepOptions) design(args []string) (*sweep.Design, error) {
	if len(args) != 1 && (len(args) != 0 || !o.random) {
		return nil, badUsage("quorumlab list scenarios shows the library", "sweep takes one scenario, not %d", len(args))
	}
	shard, shards, err := sweep.ParseShard(o.shard)
	if err != nil {
		return nil, badUsage("", "--shard: %w", err)
	}
	on := cmp.Or(o.engine, "sim")
	if _, err := exactEngine(on, o.exact); err != nil {
		return nil, err
	}
	module := ""
	if o.exact {
		if module, err = exact.OwnHash(); err != nil {
			return nil, err
		}
	}
	load, name, source, err := o.open(args)
	if err != nil {
		return nil, &run.InputError{Err: err, Hint: "nothing was started"}
	}
	s, spec, err := scenarios.ParseSweep(name, source, o.sets)
	if err != nil {
		return nil, &run.InputError{Err: err, Hint: "nothing was started"}
	}
	if !s.NamesEngine(on) {
		return nil, notStarted(fmt.Errorf("%s does not run on the %s engine; it names %s", s.Name, on,
			strings.Join(s.Engines, ", ")))
	}
	if err := o.override(spec); err != nil {
		return nil, err
	}
	if err := sweep.CheckAxes(spec.Axes); err != nil {
		return nil, badUsage("vary less at once, or run several sweeps", "%w", err)
	}
	seed := s.Seed
	if o.seeded {
		seed = o.seed
	}
	return &sweep.Design{Format: sweep.Format, Version: version, Scenario: s.Name, Load: load, Source: string(source),
		Engine: named(on), Module: module, RandomFaults: o.random, Sets: slices.Concat([]string{}, o.sets), Seed: seed,
		Measures: spec.Measures, Checks: spec.Checks, Against: spec.Against, Show: spec.Show, Axes: spec.Axes,
		Variations: sweep.Cross(spec.Axes, spec.Trials), Shard: shard, Shards: shards}, nil
}

// named is how a design names its engine: sim's from before there was another one name none.
func named(engine string) string {
	if engine == "sim" {
		return ""
	}
	return engine
}

// open finds the scenario that is swept, and how a run of it is called.
func (o *sweepOptions) open(args []string) (load, name string, source []byte, err error) {
	if len(args) == 0 {
		if len(o.sets)+len(o.vary) > 0 {
			err = errors.New("--set and --vary need a scenario: without one, each trial draws its cluster and its load")
		}
		return "", sweep.RandomName + ".yaml", []byte(sweep.RandomBase(o.engine)), err
	}
	name, source, err = scenarios.Open(args[0])
	return loadName(args[0]), name, source, err
}

// loadName is how a run of the same scenario is called, whatever folder it is in.
func loadName(arg string) string { return filepath.Base(arg) }

// override replaces what the file says by what the command line says.
func (o *sweepOptions) override(spec *sim.Sweep) error {
	if o.trials > 0 {
		spec.Trials = o.trials
		for _, a := range spec.Axes {
			for i := range a.Points {
				a.Points[i].Trials = min(a.Points[i].Trials, o.trials)
			}
		}
	}
	if len(o.vary) > 0 {
		spec.Axes = nil
	}
	if o.random {
		spec.Against, spec.Show = "", nil
		spec.Measures = sweep.RandomReadings()
	}
	for _, v := range o.vary {
		a, err := sweep.ParseAxis(v)
		if err != nil {
			return badUsage("", "--vary: %w", err)
		}
		spec.Axes = append(spec.Axes, a)
	}
	if len(o.measures) > 0 {
		spec.Measures = nil
	}
	for _, f := range o.measures {
		r, err := check.ParseReading(f)
		if err != nil {
			return badUsage("", "--measure: %w", err)
		}
		spec.Measures = append(spec.Measures, r)
	}
	if len(o.checks) > 0 {
		spec.Checks = o.checks
	}
	if len(spec.Checks) > 1 && slices.Contains(spec.Checks, "none") {
		return badUsage("", "--check: none means no check; it can't be given together with others")
	}
	for _, c := range spec.Checks {
		if c != "none" && check.CheckNamed(c) == nil {
			return badUsage("quorumlab list checks shows them", "--check: unknown check %q%s", c,
				text.DidYouMean(c, checkNames()))
		}
	}
	return nil
}

func checkNames() (names []string) {
	for _, c := range check.Checks() {
		names = append(names, c.Name)
	}
	return names
}
