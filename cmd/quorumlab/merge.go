package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"quorumlab/sim/sweep"
)

func init() {
	register(command{
		name:  "merge",
		args:  "DIR...",
		about: "Joins the shards of a sweep to the result of the whole",
		details: "The shards may come in any order. The merged result is the same, byte for byte, as that of the sweep " +
			"in one piece.",
		examples: []string{"quorumlab merge out/figure-16-sweep-1of2 out/figure-16-sweep-2of2"},
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

// shard is one of the folders that are merged.
type shard struct {
	dir  string
	plan *sweep.Plan
	file *os.File
}

func (o *mergeOptions) run(ctx context.Context, args []string, io streams) (err error) {
	shards, err := openShards(args)
	defer func() {
		for _, s := range shards {
			err = errors.Join(err, s.file.Close())
		}
	}()
	if err != nil {
		return err
	}
	plan := *shards[0].plan
	plan.Shard, plan.Shards = 1, 1
	ts, err := newTrials(&plan)
	if err != nil {
		return err
	}
	w, err := openWork(o.out, &plan, false)
	if err != nil {
		return err
	}
	if err := w.join(shards); err != nil {
		return err
	}
	return w.conclude(ctx, ts, io, o.json)
}

// openShards opens the folders and sees that they are all the shards of one sweep,
// each once and whole. It returns them in their order, also those opened before an
// error.
func openShards(dirs []string) (opened []shard, err error) {
	if len(dirs) == 0 {
		return nil, badUsage("", "the shards' folders are missing, like out/figure-16-sweep-*of4")
	}
	byNumber := map[int]shard{}
	var first *shard
	for _, dir := range dirs {
		s, err := openShard(dir)
		if s.file != nil {
			opened = append(opened, s)
		}
		if err != nil {
			return opened, usageError{err, "nothing was merged"}
		}
		if first == nil {
			first = &s
		}
		if err := first.plan.SameSweep(s.plan); err != nil {
			return opened, badUsage("nothing was merged", "%s can't be merged with %s: %w", dir, first.dir, err)
		}
		if other, ok := byNumber[s.plan.Shard]; ok {
			return opened, badUsage("nothing was merged", "%s and %s are both shard %d", other.dir, dir, s.plan.Shard)
		}
		byNumber[s.plan.Shard] = s
	}
	inOrder := make([]shard, first.plan.Shards)
	for i := range inOrder {
		s, ok := byNumber[i+1]
		if !ok {
			return opened, badUsage("nothing was merged", "shard %d of %d is missing", i+1, len(inOrder))
		}
		inOrder[i] = s
	}
	return inOrder, nil
}

func openShard(dir string) (shard, error) {
	p, err := readPlan(dir)
	var path *fs.PathError
	if errors.As(err, &path) {
		return shard{}, fmt.Errorf("%s is not the folder of a sweep: it has no %s", dir, planFile)
	}
	if err != nil {
		return shard{}, fmt.Errorf("%s: %w", dir, err)
	}
	if p.Version != version {
		return shard{}, fmt.Errorf("%s was made by version %s; this is %s, and may run a seed differently", dir, p.Version, version)
	}
	f, err := os.Open(filepath.Join(dir, recordsFile))
	if err != nil {
		return shard{}, err
	}
	s := shard{dir, p, f}
	missing, err := sweep.Records{Plan: p, File: f}.Missing()
	if err == nil && missing > 0 {
		err = fmt.Errorf("%s is not finished: %d of %s are missing; run its command again with --resume", dir, missing, counted(p.Own(), "trial"))
	}
	return s, err
}

// join copies the shards' records to their places in the whole.
func (w *work) join(shards []shard) error {
	for _, s := range shards {
		var buf []byte
		err := sweep.Records{Plan: s.plan, File: s.file}.Each(0, s.plan.Own(), func(place int, r *sweep.Record) error {
			buf = w.plan.AppendRecord(buf[:0], *r)
			at := place*len(shards) + s.plan.Shard - 1
			_, err := w.file.WriteAt(buf, int64(at)*int64(w.plan.RecordSize()))
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.dir, err)
		}
	}
	return nil
}
