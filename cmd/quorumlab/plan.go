package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/internal/input"
	"quorumlab/internal/result"
	"quorumlab/plots/folders"
	"quorumlab/plots/plans"
	"quorumlab/scenarios"
	"quorumlab/sim/plan"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

func init() {
	register(command{
		name:  "plan",
		args:  "[FILE] | --compare A.yaml B.yaml",
		about: "Plans a cluster: members, zones, timeouts, latency, size, downtime",
		details: "A file uses the names of the flags, which take precedence. Values in parentheses are the " +
			"defaults. Each answer names its rule and the rule's source.",
		examples: []string{
			"quorumlab plan --members 5 --zones 2+2+1 --rtt 40ms",
			"quorumlab plan --nodes 1000 --pods 30000 --churn 600/h --out out",
		},
		flags: func(fs *pflag.FlagSet) action {
			o := planOptions{}
			o.inputs(fs)
			fs.BoolVar(&o.compare, "compare", false, "show the plans of two files side by side")
			fs.BoolVar(&o.check, "check", false, "also run the planned cluster on sim, and compare its writes and failovers "+
				"with the plan")
			fs.StringVar(&o.out, "out", "", "folder for the plan's folder, with plots, report.html, plan.json and the cluster "+
				"as a scenario (default: none)")
			forceFlag(fs, &o.force)
			fs.BoolVar(&o.json, "json", false, "print the plan as JSON")
			return o.run
		},
	})
}

type planOptions struct {
	settings map[string]*string // of the plan's fields, by flag
	order    []string
	flags    *pflag.FlagSet
	compare  bool
	check    bool
	out      string
	force    bool
	json     bool
}

// inputs declares a flag for each field of a plan's input.
func (o *planOptions) inputs(fs *pflag.FlagSet) {
	o.flags, o.settings = fs, map[string]*string{}
	for f := range reflect.TypeFor[plan.Input]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		o.order = append(o.order, name)
		about := f.Tag.Get("about")
		if least, most, ok := plan.Bounds(name); ok {
			about = withBounds(about, span{least, most})
		}
		o.settings[name] = fs.String(name, "", about)
	}
}

func (o *planOptions) run(ctx context.Context, args []string, std streams) (err error) {
	switch {
	case o.compare && len(args) != 2:
		return badUsage("", "--compare takes two files, not %d", len(args))
	case !o.compare && len(args) > 1:
		return badUsage("", "a plan is one file; --compare takes two")
	case !o.compare && len(args) == 0:
		args = []string{""}
	}
	var ps []*plans.Planned
	names := shortNames(args)
	for i, a := range args {
		p, err := o.make(a)
		if err != nil {
			return &run.InputError{Err: err, Hint: "nothing was planned; quorumlab plan --help shows the fields"}
		}
		ps = append(ps, &plans.Planned{Plan: p, Name: names[i]})
	}
	var at *result.Taken
	if o.out != "" {
		to := folders.PlanFolder{Plans: ps}.Place(o.out)
		to.Force = o.force
		if at, err = to.Take(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, at.Release()) }()
	}
	if o.check {
		for _, p := range ps {
			var err error
			if p.Simulated, err = p.Simulate(ctx, raftsim.Engine{}); err != nil {
				return err
			}
		}
	}
	left := ""
	if at != nil {
		left = at.Path
		if err := writePlans(at, ps); err != nil {
			return err
		}
	}
	return o.print(std.out, ps, left)
}

// shortNames are the names of files without their folders, or with as few of them as tell two
// apart: a report that is passed on has nothing of the machine it was made on.
func shortNames(files []string) []string {
	names := make([]string, len(files))
	for keep := 1; ; keep++ {
		cut := false
		for i, f := range files {
			parts := strings.Split(filepath.ToSlash(f), "/")
			from := max(len(parts)-keep, 0)
			names[i], cut = strings.Join(parts[from:], "/"), cut || from > 0
		}
		if len(files) < 2 || names[0] != names[1] || !cut {
			return names
		}
	}
}

func (o *planOptions) print(w io.Writer, ps []*plans.Planned, left string) error {
	if o.json {
		b, err := plansJSON(ps)
		if err != nil {
			return err
		}
		_, err = w.Write(b)
		return err
	}
	if o.compare {
		printPlans(w, ps)
	} else {
		printPlan(w, ps[0].Plan)
	}
	for _, p := range ps {
		if p.Simulated != nil {
			if o.compare {
				fmt.Fprintf(w, "\n%s", p.Name)
			}
			printSimulated(w, p.Simulated)
		}
	}
	if left != "" {
		fmt.Fprintf(w, "\nleft in %s\n", filepath.ToSlash(left))
	}
	return nil
}

// make plans a file, or with an empty name the flags alone. Flags go before the file.
func (o *planOptions) make(name string) (*plan.Plan, error) {
	text := []byte("{}")
	if name != "" {
		var err error
		if text, err = readInput(name); err != nil {
			return nil, err
		}
	}
	var settings []scenarios.FlagSetting
	for _, f := range o.order {
		if o.flags.Changed(f) {
			if *o.settings[f] == "" {
				return nil, fmt.Errorf("--%s: the value is empty", f)
			}
			value, err := fromFile(f, *o.settings[f])
			if err != nil {
				return nil, err
			}
			settings = append(settings, scenarios.FlagSetting{Flag: "--" + f, Path: f, Value: value})
		}
	}
	var in plan.Input
	doc, err := scenarios.ReadDocument(name, "a plan", text, settings, &in)
	if err != nil {
		return nil, err
	}
	for _, p := range in.Validate(doc.Names()...) {
		doc.Refuse(p.Field, p.Err)
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return plan.Make(in, doc.Names()...)
}

// readInput reads a file that the user named.
func readInput(path string) ([]byte, error) {
	text, err := input.Read(path, input.MostText)
	if errors.Is(err, os.ErrNotExist) {
		return nil, run.BadInput("", "%s: there is no such file", path)
	}
	if err != nil {
		return nil, run.BadInput("", "%w", err)
	}
	return text, nil
}

// fromFile is a flag's value: that of --fsync may be a file with what was measured.
func fromFile(flag, value string) (string, error) {
	path, is := strings.CutPrefix(value, "@")
	if flag != "fsync" || !is {
		return value, nil
	}
	text, err := readInput(path)
	if err != nil {
		return "", fmt.Errorf("--fsync: %w", err)
	}
	l, err := plan.ReadFsync(text)
	if err != nil {
		return "", fmt.Errorf("--fsync: %s: %w", path, err)
	}
	return l.String(), nil
}
