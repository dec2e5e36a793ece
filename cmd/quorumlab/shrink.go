package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/plots/folders"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/shrink"
)

func init() {
	register(command{
		name:  "shrink",
		args:  "SCENARIO",
		about: "Finds the smallest scenario that fails in the same way",
		details: "It removes steps, members, clients and keys, restores default settings and shortens times, as long " +
			"as the same check or expectation still fails.",
		examples: []string{
			"quorumlab shrink paused-leader-lease-reads --set 'expect=[linearizable]'",
			"quorumlab shrink my.yaml --engine etcd-virtual",
		},
		next: oneScenario,
		flags: func(fs *pflag.FlagSet) action {
			o := shrinkOptions{}
			fs.StringVar(&o.engine, "engine", "sim", "what the scenario fails on: sim or etcd-virtual")
			exactFlag(fs, &o.exact)
			fs.Uint64Var(&o.seed, "seed", 0, "the failing run's seed (default: the scenario's)")
			fs.StringArrayVar(&o.sets, "set", nil, "change a setting, like cluster.members=3 (repeatable)")
			fs.StringVar(&o.check, "check", "", "the failure to keep: a check or an expectation (default: the first that fails)")
			number(fs, &o.seeds, "seeds", 5, "number of seeds to try each smaller scenario with")
			fs.StringVar(&o.out, "out", "out", "folder for the result's folder")
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

type shrinkOptions struct {
	engine string
	exact  bool
	seed   uint64
	seeded bool
	sets   []string
	check  string
	seeds  int
	out    string
	force  bool
	json   bool

	on sim.Engine // for tests: instead of the engine of that name, one with a bug
}

func (o *shrinkOptions) run(ctx context.Context, args []string, std streams) (err error) {
	engine := o.on
	if engine == nil {
		if engine, err = exactEngine(o.engine, o.exact); err != nil {
			return err
		}
	}
	s, defaults, err := o.scenario(args, engine)
	if err != nil {
		return err
	}
	to := folders.RunPlace(o.out, shrink.Named(s), engine.Name())
	to.Force = o.force
	at, err := to.Take()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.Release()) }()
	first, err := job{s, engine}.run(ctx, streams{out: std.err, err: std.err, width: std.width})
	if err != nil {
		return err
	}
	f, err := shrink.FailureOf(first, o.check)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.err, "%s fails: %s: %s\n", s.Name, f.Check, f.Why)
	from := f.Alone(s)
	small, runs := shrink.Shrink(ctx, from, shrink.Options{Defaults: defaults, Seeds: o.seeds,
		Fails:   func(ctx context.Context, c *sim.Scenario) bool { return f.Is(ctx, engine, c) },
		Smaller: func(p shrink.BestSoFar) { fmt.Fprintf(std.err, "  %4d runs: %s\n", p.Runs, sizeOf(p.Best)) }})
	done := shrunk{Failure: f, from: s, runs: runs, whole: ctx.Err() == nil}
	if err := done.leave(context.WithoutCancel(ctx), small, engine, at); err != nil {
		return err
	}
	return errors.Join(done.print(std.out, o.json), ctx.Err())
}

// scenario reads the scenario, and one with the defaults.
func (o *shrinkOptions) scenario(args []string, e sim.Engine) (s, defaults *sim.Scenario, err error) {
	if len(args) != 1 {
		return nil, nil, badUsage("", "shrink takes one scenario, not %d", len(args))
	}
	var seed *uint64
	if o.seeded {
		seed = &o.seed
	}
	list, err := loadScenarios(args, o.sets, seed)
	if err != nil {
		return nil, nil, err
	}
	if rs := e.Refuse(list[0]); len(rs) > 0 {
		return nil, nil, notStarted(&sim.RefusedError{Scenario: list[0].Name, Engine: e.Name(), Refusals: rs})
	}
	named := strings.TrimSuffix(e.Name(), "-virtual") // etcd-virtual runs what names etcd
	defaults, err = scenarios.Parse("", []byte("name: defaults\nengines: ["+named+"]\nrun: 1s\n"))
	if err == nil {
		err = shrink.CheckName(list[0], o.check)
	}
	return list[0], defaults, err
}

// sizeOf is how large a scenario is, for people.
func sizeOf(s *sim.Scenario) string {
	return fmt.Sprintf("%s, %s, %s, %s, %s", counted(len(s.Steps), "step"), counted(len(s.Cluster.Members), "member"),
		counted(s.Workload.Clients, "client"), counted(s.Workload.Keys, "key"), sim.FormatDuration(s.Run))
}

// print shows the result.
func (d *shrunk) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return printIndented(out, d.json())
	}
	s := &d.left.Trace.Scenario
	fmt.Fprintf(out, "%s with seed %d, shrunk in %s\n\n", d.from.Name, d.from.Seed, counted(d.runs, "run"))
	hanging(out, "  fails     ", d.Check+": "+d.why())
	fmt.Fprintf(out, "  from      %s\n  to        %s\n\n", sizeOf(d.from), sizeOf(s))
	fmt.Fprintln(out, strings.TrimRight(string(scenarios.Format(s)), "\n"))
	on := ""
	if name := d.left.Trace.Engine; name != s.Engines[0] { // which run takes by itself
		on = " --engine " + name
	}
	fmt.Fprintf(out, "\n  run it    quorumlab run %s%s\n", d.file(), on)
	fmt.Fprintf(out, "  see it    %s\n", d.svg())
	fmt.Fprintf(out, "  left in   %s\n", filepath.ToSlash(d.dir))
	return nil
}
