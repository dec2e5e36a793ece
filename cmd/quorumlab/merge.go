package main

import (
	"context"

	"github.com/spf13/pflag"

	"quorumlab/sim/sweep"
)

func init() {
	register(command{
		name:  "merge",
		args:  "DIR...",
		about: "Joins the shards of a sweep to the result of the whole",
		flags: func(fs *pflag.FlagSet) action {
			o := mergeOptions{}
			fs.StringVar(&o.out, "out", "out", "folder for the sweep's folder")
			fs.BoolVar(&o.json, "json", false, "print the result for programs")
			return o.run
		},
	})
}

type mergeOptions struct {
	out  string
	json bool
}

func (o *mergeOptions) run(ctx context.Context, args []string, io streams) error {
	w, ts, err := sweep.Merge(o.out, args, version, newTrials)
	if err != nil {
		return err
	}
	return concludeSweep(ctx, w, ts, io, o.json)
}
