package main

import (
	"context"
	"io"
	"os"
	"reflect"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/scenarios"
	"quorumlab/sim/plan"
)

func init() {
	register(command{
		name:  "plan",
		args:  "[FILE] | --compare A.yaml B.yaml",
		about: "Plans a cluster: members, zones, timeouts, latency, size, downtime",
		flags: func(fs *pflag.FlagSet) action {
			o := planOptions{}
			o.inputs(fs)
			fs.BoolVar(&o.compare, "compare", false, "lay the plans of two files side by side")
			fs.BoolVar(&o.json, "json", false, "print the plan for programs")
			return o.run
		},
	})
}

type planOptions struct {
	settings map[string]*string // of the plan's fields, by flag
	order    []string
	flags    *pflag.FlagSet
	compare  bool
	json     bool
}

// inputs declares a flag for each field of a plan's input.
func (o *planOptions) inputs(fs *pflag.FlagSet) {
	o.flags, o.settings = fs, map[string]*string{}
	for f := range reflect.TypeFor[plan.Input]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		o.order = append(o.order, name)
		o.settings[name] = fs.String(name, "", f.Tag.Get("about"))
	}
}

func (o *planOptions) run(_ context.Context, args []string, io streams) error {
	switch {
	case o.compare && len(args) != 2:
		return badUsage("", "--compare takes two files, not %d", len(args))
	case !o.compare && len(args) > 1:
		return badUsage("", "a plan is one file; --compare takes two")
	case !o.compare && len(args) == 0:
		args = []string{""}
	}
	var plans []*plan.Plan
	for _, a := range args {
		p, err := o.make(a)
		if err != nil {
			return usageError{err, "nothing was planned; quorumlab plan --help shows the fields"}
		}
		plans = append(plans, p)
	}
	return o.print(io.out, args, plans)
}

func (o *planOptions) print(w io.Writer, names []string, plans []*plan.Plan) error {
	if o.json {
		return printPlansJSON(w, names, plans)
	}
	if o.compare {
		printPlans(w, names, plans)
		return nil
	}
	printPlan(w, plans[0])
	return nil
}

// make plans a file, or with an empty name the flags alone. Flags go before the file.
func (o *planOptions) make(name string) (*plan.Plan, error) {
	text := []byte("{}")
	if name != "" {
		var err error
		if text, err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	var settings []scenarios.Setting
	for _, f := range o.order {
		if o.flags.Changed(f) {
			settings = append(settings, scenarios.Setting{Flag: "--" + f, Path: f, Value: *o.settings[f]})
		}
	}
	var in plan.Input
	doc, err := scenarios.ReadDocument(name, "a plan", text, settings, &in)
	if err != nil {
		return nil, err
	}
	for _, p := range in.Validate() {
		doc.Refuse(p.Field, p.Err)
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return plan.Make(in)
}
