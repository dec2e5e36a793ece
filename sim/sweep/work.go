package sweep

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"quorumlab/internal/guard"
	"quorumlab/internal/input"
	"quorumlab/internal/result"
	"quorumlab/sim"
	"quorumlab/sim/run"
)

// Work is a sweep's folder. While the sweep is running, the folder's name ends in
// .partial and it holds the design and the records; when it is complete it gets its own
// name, replacing an older result.
type Work struct {
	design *Design
	code   Encoder
	dir    string // at the end
	tmp    string // until then
	file   *os.File
	place  *result.Taken
}

// Opening says how a sweep's folder is opened.
type Opening struct {
	Resume bool // go on with an earlier sweep of the same design
	Force  bool // replace what is there, whoever made it
}

const (
	designFile  = "sweep.json"
	recordsFile = "trials.bin"
)

// kind and unfinished are what a sweep's folder is, at the end and until then.
const (
	kind       = "sweep"
	unfinished = "sweep that is not finished"
)

// parts are the files that a sweep's folder may have before it is finished, as patterns.
var parts = []string{designFile, recordsFile, "summary.json", "table.csv", "trials.csv", "report.html", "plots/*.svg",
	"plots/*.png", "failing/*/*/summary.json", "failing/*/*/trace.jsonl", "failing/*/*/*.yaml"}

// OpenWork starts a sweep in a folder of its own in out, or resumes an earlier one of the same design; Close it. No
// other process can open it until then. Errors are those of the system, a ResumeError and a result.PlaceError.
func OpenWork(out string, p *Design, how Opening) (_ *Work, err error) {
	w := &Work{design: p, code: p.Encoder(), dir: filepath.Join(out, p.FolderName())}
	w.tmp = w.dir + ".partial"
	if how.Resume {
		if _, err := w.older(); err != nil { // it says more than that the place is taken
			return nil, err
		}
	}
	if w.place, err = w.claim(how.Force).Take(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if err := w.place.MayReplace(w.tmp, unfinished); err != nil && w.place.MayReplace(w.tmp, kind) != nil {
		return nil, err // it was not killed while it was published, either
	}
	if how.Resume {
		if found, err := w.resume(); found || err != nil {
			return w, err
		}
	}
	if err := result.Remove(w.tmp); err != nil {
		return nil, err
	}
	return w, w.begin()
}

// claim is that of the sweep's place.
func (w *Work) claim(force bool) result.Destination {
	const usual, perLine = 8 << 20, 64 // bytes: of pages and pictures, and of a line in trials.csv
	room := usual + int64(w.design.Own())*int64(w.design.RecordSize()+perLine)
	return result.Destination{Path: w.dir, Kind: kind, Force: force, Room: room}
}

// Close gives the sweep's place up. What was not published can be resumed. Calls after the first do nothing.
func (w *Work) Close() error {
	var err error
	if w.file != nil {
		if err = w.file.Close(); errors.Is(err, os.ErrClosed) {
			err = nil
		}
	}
	return errors.Join(err, w.place.Release())
}

// ResumeError is the error for a sweep that can't be resumed because the folder holds another one, or a damaged one.
type ResumeError struct {
	Dir string // the folder that was found
	Err error
}

func (e *ResumeError) Error() string { return filepath.ToSlash(e.Dir) + ": " + e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *ResumeError) Unwrap() error { return e.Err }

// begin makes a folder with the design and no records. It gets its name when it is whole: a sweep that is killed in
// between leaves nothing that could not be resumed.
func (w *Work) begin() (err error) {
	fresh, remove, err := guard.TempDir(filepath.Dir(w.tmp), ".beginning-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	b, err := run.Indented(w.design)
	if err != nil {
		return err
	}
	err = errors.Join(os.Chmod(fresh, 0o755), result.MarkUnfinished(fresh, unfinished, parts),
		os.WriteFile(filepath.Join(fresh, designFile), b, 0o666),
		os.WriteFile(filepath.Join(fresh, recordsFile), nil, 0o666))
	if err == nil {
		err = os.Rename(fresh, w.tmp)
	}
	if err == nil {
		w.file, err = os.OpenFile(filepath.Join(w.tmp, recordsFile), os.O_RDWR, 0o666)
	}
	return err
}

// resume opens an interrupted sweep, or a finished one, which has nothing left to do.
func (w *Work) resume() (found bool, err error) {
	dir, err := w.older()
	if dir == "" || err != nil {
		return false, err
	}
	if dir == w.dir {
		if err := os.Rename(w.dir, w.tmp); err != nil {
			return false, err
		}
	}
	if err := result.MarkUnfinished(w.tmp, unfinished, parts); err != nil {
		return false, err
	}
	w.file, err = os.OpenFile(filepath.Join(w.tmp, recordsFile), os.O_RDWR, 0o666)
	return true, err
}

// older finds the folder that can be resumed; empty: there is none. Records of another design are an error: they
// would be lost.
func (w *Work) older() (dir string, err error) {
	for _, dir := range []string{w.tmp, w.dir} {
		p, err := readDesign(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			if err = w.design.SameSweep(p); err == nil && p.Shard != w.design.Shard {
				err = fmt.Errorf("%w: its shard is %d", ErrOtherSweep, p.Shard)
			}
		}
		if err != nil {
			return "", &ResumeError{dir, err}
		}
		return dir, nil
	}
	return "", nil
}

// readDesign reads the design of a sweep's folder.
func readDesign(dir string) (*Design, error) {
	b, err := input.Read(filepath.Join(dir, designFile), input.MostData)
	if err != nil {
		return nil, err
	}
	p := &Design{}
	var of struct{ Format int } // first of all: another format may have other fields
	if err := json.Unmarshal(b, &of); err == nil && of.Format != Format {
		return nil, fmt.Errorf("%s: unknown format %d; this version reads format %d", designFile, of.Format, Format)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", designFile, err)
	}
	if p.Shards < 1 || p.Shard < 1 || p.Shard > p.Shards {
		return nil, fmt.Errorf("%s: there is no shard %d of %d", designFile, p.Shard, p.Shards)
	}
	return p, nil
}

func (w *Work) records() Records { return Records{w.design, w.file, w.code} }

// Dir is the folder of the complete sweep.
func (w *Work) Dir() string { return w.dir }

// kept says of an error of the work, but for an interruption, where its records are.
func (w *Work) kept(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return &result.KeptError{Kept: w.tmp, Err: err}
}

// Publish gives the folder its name: for a shard, whose records are to be merged, that is all that remains to do. The
// error is a result.KeptError.
func (w *Work) Publish() error { return w.kept(w.publish()) }

func (w *Work) publish() error {
	if err := w.file.Close(); err != nil {
		return err
	}
	if err := result.Mark(w.tmp, kind); err != nil {
		return err
	}
	if err := w.place.Replace(w.tmp); err != nil {
		return err
	}
	return w.Close()
}

// Leaver writes what needs a drawing library or the scenario language, neither of which a sweep imports:
// package plots/folders has one.
type Leaver interface {
	// Sweep writes pictures and pages into the sweep's folder.
	Sweep(dir string, res *Summary, variations []*sim.Scenario, shown []Shown) error
	// Failing writes a failed run into a folder in dir; drawn says that its script is in no file yet.
	Failing(dir string, j *run.Judged, drawn bool) error
}

// Conclude computes the result, writes it and gives the folder its name. Without a Leaver (nil) the folder
// has the numbers alone. The error is a result.KeptError, unless ctx ends it.
func (w *Work) Conclude(ctx context.Context, ts *Trials, l Leaver) (*Summary, error) {
	res, err := w.conclude(ctx, ts, l)
	return res, w.kept(err)
}

func (w *Work) conclude(ctx context.Context, ts *Trials, l Leaver) (*Summary, error) {
	res, err := Sum(w.records(), ts.Until())
	if err != nil {
		return nil, err
	}
	if err := w.tables(res); err != nil {
		return nil, err
	}
	shown, err := ts.shown(ctx, res, w.records())
	if err != nil {
		return nil, err
	}
	if l != nil {
		if err := l.Sweep(w.tmp, res, ts.variations, shown); err != nil {
			return nil, err
		}
		if err := w.keepFailing(ctx, ts, res, l); err != nil {
			return nil, err
		}
	}
	return res, w.publish()
}

// tables leaves the numbers.
func (w *Work) tables(res *Summary) error {
	b, err := run.Indented(res.JSON())
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(w.tmp, "summary.json"), b, 0o666); err != nil {
		return err
	}
	if err := run.Create(filepath.Join(w.tmp, "table.csv"), res.WriteTable); err != nil {
		return err
	}
	return run.Create(filepath.Join(w.tmp, "trials.csv"), w.records().WriteTrials)
}

// keepFailing runs the failing trials again, which come out the same, and leaves their traces.
func (w *Work) keepFailing(ctx context.Context, ts *Trials, res *Summary, l Leaver) error {
	if err := os.RemoveAll(failing(w.tmp)); err != nil {
		return err
	}
	for i, o := range res.Variations {
		blames := map[string]int{}
		for _, t := range o.Failing {
			j, err := ts.Again(ctx, t)
			if err != nil {
				return err
			}
			if err := l.Failing(filepath.Join(failing(w.tmp), strconv.Itoa(i+1)), j, w.design.RandomFaults); err != nil {
				return err
			}
			if most := &res.Variations[i].Blamed; j.Result != nil {
				for _, v := range j.Result.Verdicts {
					if v.OK || v.Unknown {
						continue
					}
					if blames[v.Check]++; blames[v.Check] > blames[*most] {
						*most = v.Check
					}
				}
			}
		}
	}
	return nil
}

// failing is where the failing trials of a sweep's folder are, by number of their variation from 1.
func failing(dir string) string { return filepath.Join(dir, "failing") }

// Script is the path of the script of a failing trial with random faults.
func (w *Work) Script(t Trial) string {
	return randomScript(filepath.Join(failing(w.dir), strconv.Itoa(t.Variation+1)), w.design.EngineName(),
		w.design.SeedOf(t))
}
