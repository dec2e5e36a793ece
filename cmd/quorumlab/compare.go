package main

import (
	"context"
	"errors"
	"runtime"

	"github.com/spf13/pflag"

	"quorumlab/plots/folders"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/compare"
	"quorumlab/sim/engines"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/raftsim"
)

func init() {
	register(command{
		name:  "compare",
		args:  "[SCENARIO...] | --markdown FILE...",
		about: "Runs scenarios many times on two engines and shows how well sim predicts etcd",
		details: "Without a scenario, it runs every library scenario that both engines support, which takes hours on etcd " +
			"and minutes on etcd-virtual. docs/fidelity.md explains the table.",
		examples: []string{
			"quorumlab compare leader-crash",
			"quorumlab compare leader-crash --engine etcd-virtual --etcd-runs 1000",
			"quorumlab compare --markdown out/compare/compare.json",
		},
		next: scenarioNames,
		flags: func(fs *pflag.FlagSet) action {
			o := compareOptions{}
			fs.StringVar(&o.engine, "engine", "etcd", "what sim is held against: etcd in real time, or etcd-virtual, which "+
				"takes the scenario's own times, as sim does then")
			number(fs, &o.runs.real, "etcd-runs", 20,
				"runs of each scenario on etcd, with consecutive seeds from the scenario's")
			number(fs, &o.runs.model, "sim-runs", 1000, "runs of each scenario on sim")
			number(fs, &o.jobs, "jobs", roomFor(),
				"concurrent runs on etcd; more than one for every two processors skew the times; on etcd-virtual it may be "+
					"one for each")
			machineDefault(fs, "jobs", "one for every two processors")
			fs.BoolVar(&o.measured, "measured", true, "where a scenario sets no times, let sim use this machine's, measured "+
				"between the runs on etcd")
			fs.StringArrayVar(&o.sets, "set", nil, "change a setting in every scenario, like workload.rate=50/s (repeatable)")
			fs.StringVar(&o.out, "out", "out/compare", "folder for the table and the figures")
			forceFlag(fs, &o.force)
			fs.BoolVar(&o.json, "json", false, "print the table as JSON")
			fs.BoolVar(&o.markdown, "markdown", false, "run nothing; print the compare.json files of earlier comparisons as "+
				"one Markdown table")
			return o.run
		},
	})
}

// roomFor is how many runs on etcd do not get into each other's way: one keeps a third of a
// processor busy, with all its members at once. See docs/fidelity.md.
func roomFor() int { return max(1, runtime.NumCPU()/2) }

type compareOptions struct {
	engine   string
	runs     struct{ real, model int }
	jobs     int
	measured bool
	sets     []string
	out      string
	force    bool
	json     bool
	markdown bool
}

func (o *compareOptions) run(ctx context.Context, args []string, std streams) (err error) {
	if o.markdown {
		if len(args) == 0 {
			return badUsage("", "no files given: name some, like out/compare/compare.json")
		}
		ss, err := compare.ReadTables(args)
		if err != nil {
			return err
		}
		return compare.WriteMarkdown(std.out, ss)
	}
	if o.engine != "etcd" && o.engine != sim.EtcdVirtual {
		return badUsage("", "--engine: %q is neither etcd nor etcd-virtual", o.engine)
	}
	list, err := o.scenarios(args)
	if err != nil {
		return err
	}
	to := folders.ComparisonPlace(o.out)
	to.Force = o.force
	at, err := to.Take()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.Release()) }()
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	if err := at.MayWrite(folders.ComparisonFiles(names)); err != nil {
		return err
	}
	table := &compare.Comparison{Version: version, Goal: compare.Wanted, Host: examine()}
	for _, s := range list {
		c, err := o.compare(ctx, s, std)
		if err != nil {
			return err
		}
		table.Scenarios = append(table.Scenarios, c)
		if !o.json {
			printComparedScenario(std.out, c)
		}
	}
	if err := folders.Comparison(at, table); err != nil {
		return err
	}
	if !o.json {
		printComparisonEnd(std.out, table, o.out)
		return nil
	}
	return printIndented(std.out, table.JSON())
}

// scenarios are those asked for, or all library scenarios that both engines run.
func (o *compareOptions) scenarios(args []string) ([]*sim.Scenario, error) {
	if len(args) == 0 {
		all, err := common(o.engine)
		if err != nil {
			return nil, err
		}
		args = all
	}
	list, err := loadScenarios(args, o.sets, nil)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if _, err := pickEngines(s, "sim,"+o.engine); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// common are the library scenarios that name sim and the other engine, which can run them.
func common(engine string) (names []string, err error) {
	other, err := engines.Named(engine)
	if err != nil {
		return nil, err
	}
	for _, e := range scenarios.Library() {
		s, err := e.Scenario()
		if err != nil {
			return nil, err
		}
		if s.NamesEngine("sim") && s.NamesEngine(engine) && len(other.Refuse(s)) == 0 {
			names = append(names, e.Name)
		}
	}
	return names, nil
}

// compare runs one scenario on both engines, first on etcd, with the machine measured between
// the runs: so sim takes it as it was then, with all that others did on it. In virtual time there is no machine.
func (o *compareOptions) compare(ctx context.Context, s *sim.Scenario, std streams) (c compare.ScenarioComparison,
	err error) {
	meter, measure := o.meter(s.Cluster.Disk)
	on, err := engines.Named(o.engine)
	if err != nil {
		return c, err
	}
	truth := compare.Repetition{Scenario: s, Engine: on, Runs: o.runs.real, AtATime: o.jobs,
		Version: version, First: measure}
	onEtcd, err := repeat(ctx, truth, std)
	if err == nil && meter != nil {
		c.Machine, err = meter.Machine()
	}
	if err != nil {
		return c, err
	}
	c.Jobs, c.Load = o.jobs, loadAverage()
	model := compare.Repetition{Scenario: s, Engine: raftsim.Engine{Machine: c.Machine}, Runs: o.runs.model,
		AtATime: runtime.GOMAXPROCS(0), Version: version}
	defer holdMemory(model.Engine, s, model.AtATime)()
	onSim, err := repeat(ctx, model, std)
	if err != nil {
		return c, err
	}
	c.Agreement = compare.Between(truth, model, onEtcd, onSim)
	return c, nil
}

// repeat runs a scenario many times with a bar of their progress.
func repeat(ctx context.Context, r compare.Repetition, std streams) ([]compare.Measured, error) {
	bar := newProgress(std, r.Scenario.Name+" on "+r.Engine.Name(), r.Total())
	defer bar.done()
	r.Progress = bar.at
	return r.Do(ctx)
}

// meter measures the machine before each run, if asked to. It takes the run's place: a
// measurement beside a run would see the run and be seen by it, and its start alone would make one put
// in fifty slow. With several runs at a time both see as many others: one measures at a time, which
// also keeps the runs from being started all at once.
//
// The cluster that is measured has the scenario's disks where that states them. Real ones do not take
// exactly that: members whose fsyncs did would keep in step for a whole run, and which step it is decides
// how long a put waits.
func (o *compareOptions) meter(d sim.DiskSpec) (*etcdsim.MachineMeter, func(context.Context) error) {
	if !o.measured || o.engine != "etcd" {
		return nil, nil
	}
	var fsync sim.Distribution
	if d.FsyncStated {
		fsync = d.Fsync
	}
	m := etcdsim.NewMachineMeter("", fsync)
	return m, compare.InTurn(m.Measure)
}
