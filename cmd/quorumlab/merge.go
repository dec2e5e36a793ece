package main

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"quorumlab/sim/sweep"
)

func init() {
	register(command{
		name:  "merge",
		args:  "DIR...",
		about: "Merges the shards of a sweep into the result of the whole",
		details: "The shards may be given in any order; a folder that holds shards, like the one that --out named, stands " +
			"for those. Each record counts for its own trial of this sweep alone. The merged result is the same, byte for " +
			"byte, as that of the sweep run in one piece.",
		examples: []string{"quorumlab merge out/figure-16-sweep-1of2 out/figure-16-sweep-2of2",
			"quorumlab merge shards"},
		flags: func(fs *pflag.FlagSet) action {
			o := mergeOptions{}
			fs.StringVar(&o.out, "out", "out", "folder for the sweep's folder")
			forceFlag(fs, &o.force)
			fs.BoolVar(&o.json, "json", false, "print the result for programs")
			return o.run
		},
	})
}

type mergeOptions struct {
	out   string
	force bool
	json  bool
}

func (o *mergeOptions) run(ctx context.Context, args []string, std streams) (err error) {
	w, ts, err := sweep.Merge(o.out, args, version, sweep.Opening{Force: o.force}, newTrials)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return concludeSweep(ctx, w, ts, std, o.json)
}
