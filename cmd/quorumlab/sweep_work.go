package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"quorumlab/sim/sweep"
)

// work is a sweep's folder. While it is under way the folder has .partial behind its
// name and holds the plan and the records; it gets its own name, in the place of an
// older result, when it is whole.
type work struct {
	plan *sweep.Plan
	dir  string // in the end
	tmp  string // until then
	file *os.File
}

const (
	planFile    = "sweep.json"
	recordsFile = "trials.bin"
)

// openWork begins a sweep, or goes on with what an earlier one of the same plan left.
func openWork(out string, p *sweep.Plan, resume bool) (*work, error) {
	w := &work{plan: p, dir: filepath.Join(out, workName(p))}
	w.tmp = w.dir + ".partial"
	if err := recoverDir(w.dir); err != nil {
		return nil, err
	}
	if resume {
		found, err := w.resume()
		if found || err != nil {
			return w, err
		}
	}
	if err := os.RemoveAll(w.tmp); err != nil {
		return nil, err
	}
	return w, w.begin()
}

// begin makes an empty folder with the plan.
func (w *work) begin() error {
	if err := os.MkdirAll(w.tmp, 0o777); err != nil {
		return err
	}
	b, err := indented(w.plan)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(w.tmp, planFile), b, 0o666); err != nil {
		return err
	}
	w.file, err = os.Create(filepath.Join(w.tmp, recordsFile))
	return err
}

// resume opens an interrupted sweep, or a finished one, which has nothing left to do.
// Records of another plan are an error: they would be lost.
func (w *work) resume() (found bool, err error) {
	for _, dir := range []string{w.tmp, w.dir} {
		p, err := readPlan(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			if err = w.plan.SameSweep(p); err == nil && p.Shard != w.plan.Shard {
				err = fmt.Errorf("%w: its shard is %d", sweep.ErrOtherPlan, p.Shard)
			}
		}
		if err != nil {
			return false, usageError{fmt.Errorf("--resume: %s: %w", filepath.ToSlash(dir), err), "without --resume the sweep begins anew"}
		}
		if dir == w.dir {
			if err := os.Rename(w.dir, w.tmp); err != nil {
				return false, err
			}
		}
		w.file, err = os.OpenFile(filepath.Join(w.tmp, recordsFile), os.O_RDWR, 0o666)
		return true, err
	}
	return false, nil
}

// readPlan reads the plan of a sweep's folder.
func readPlan(dir string) (*sweep.Plan, error) {
	b, err := os.ReadFile(filepath.Join(dir, planFile))
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	p := &sweep.Plan{}
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", planFile, err)
	}
	if p.Format != sweep.Format {
		return nil, fmt.Errorf("%s: format %d is not known here; this version reads format %d", planFile, p.Format, sweep.Format)
	}
	if p.Shards < 1 || p.Shard < 1 || p.Shard > p.Shards {
		return nil, fmt.Errorf("%s: there is no shard %d of %d", planFile, p.Shard, p.Shards)
	}
	return p, nil
}

func (w *work) records() sweep.Records { return sweep.Records{Plan: w.plan, File: w.file} }

// publish gives the folder its name.
func (w *work) publish() error {
	if err := w.file.Close(); err != nil {
		return err
	}
	return replaceDir(w.tmp, w.dir)
}
