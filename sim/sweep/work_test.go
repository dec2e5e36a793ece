package sweep_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
	"quorumlab/sim/sweep"
)

// crashed is a scenario that is swept here.
const crashed = `
title: A crash
about: The leader crashes.
engines: [sim]
steps: [{at: 1s, do: crash leader}]
run: 4s
`

// small is a sweep of three variations, with a measure that a meter reads and one that takes a trace.
func small(trials, shard, shards int) *sweep.Design {
	members, err := sweep.ParseAxis("cluster.members=3,4,5")
	if err != nil {
		panic(err)
	}
	axes := []sim.SweepAxis{members}
	return &sweep.Design{Format: sweep.Format, Version: "test", Scenario: "crashed", Load: "crashed.yaml", Source: crashed,
		Sets: []string{}, Seed: 1, Measures: []sim.Reading{{Measure: "failover", In: sim.Millis}, {Measure: "elections"}},
		Axes:       axes,
		Variations: sweep.Cross(axes, trials), Shard: shard, Shards: shards}
}

// trialsOf are the trials of a design on the sim engine.
func trialsOf(d *sweep.Design) (*sweep.Trials, error) {
	return sweep.NewTrials(d, scenarios.ParseWith, raftsim.Engine{})
}

// leaver leaves no pictures, and counts the failing runs.
type leaver struct{ failing []string }

func (*leaver) Sweep(string, *sweep.Summary, []*sim.Scenario, []sweep.Shown) error { return nil }

func (l *leaver) Failing(dir string, j *run.Judged, drawn bool) error {
	l.failing = append(l.failing, filepath.Base(dir)+" "+j.Trace.Scenario.Name)
	return nil
}

// begun is the work of a design, its trials run on so many workers.
func begun(t *testing.T, out string, d *sweep.Design, jobs int) (*sweep.Work, *sweep.Trials) {
	t.Helper()
	ts, err := trialsOf(d)
	if err != nil {
		t.Fatal(err)
	}
	w, err := sweep.OpenWork(out, d, sweep.Opening{})
	if err != nil {
		t.Fatal(err)
	}
	if done, err := w.RunAll(t.Context(), ts, jobs, nil); err != nil || done != d.Own() {
		t.Fatalf("%d of %d done, %v", done, d.Own(), err)
	}
	return w, ts
}

// concluded is what the folder of a work has in the end.
func concluded(t *testing.T, w *sweep.Work, ts *sweep.Trials) string {
	t.Helper()
	if _, err := w.Conclude(t.Context(), ts, &leaver{}); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range []string{"sweep.json", "trials.bin", "summary.json", "table.csv", "trials.csv"} {
		b, err := os.ReadFile(filepath.Join(w.Dir(), name))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

// TestTheSameHoweverItIsRun: on one worker or on many, interrupted and gone on with, in shards that are merged
// in any order, the folder has the same bytes.
func TestTheSameHoweverItIsRun(t *testing.T) {
	const trials = 40
	w, ts := begun(t, t.TempDir(), small(trials, 1, 1), 1)
	want := concluded(t, w, ts)

	t.Run("on many workers", func(t *testing.T) {
		w, ts := begun(t, t.TempDir(), small(trials, 1, 1), 4)
		if concluded(t, w, ts) != want {
			t.Error("it has other bytes")
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		out, d := t.TempDir(), small(trials, 1, 1)
		ts, err := trialsOf(d)
		if err != nil {
			t.Fatal(err)
		}
		w, err := sweep.OpenWork(out, d, sweep.Opening{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done, err := w.RunAll(ctx, ts, 1, func(int) { cancel() })
		if !errors.Is(err, context.Canceled) || done == 0 || done == d.Own() {
			t.Fatalf("%d of %d done, %v", done, d.Own(), err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if w, err = sweep.OpenWork(out, d, sweep.Opening{Resume: true}); err != nil {
			t.Fatal(err)
		}
		told := 0
		if done, err := w.RunAll(t.Context(), ts, 2, func(more int) { told += more }); err != nil ||
			done != d.Own() || told != done {
			t.Fatalf("%d of %d done, told %d, %v", done, d.Own(), told, err)
		}
		if concluded(t, w, ts) != want {
			t.Error("it has other bytes")
		}
	})
	t.Run("in shards", func(t *testing.T) {
		out := t.TempDir()
		var dirs []string
		for shard := range 3 {
			w, _ := begun(t, out, small(trials, shard+1, 3), 1)
			if err := w.Publish(); err != nil {
				t.Fatal(err)
			}
			dirs = append(dirs, w.Dir())
		}
		slices.Reverse(dirs)
		w, ts, err := sweep.Merge(out, dirs, "test", sweep.Opening{}, trialsOf)
		if err != nil {
			t.Fatal(err)
		}
		if concluded(t, w, ts) != want {
			t.Error("it has other bytes")
		}
		input := new(run.InputError)
		if _, _, err := sweep.Merge(out, dirs[:2], "test", sweep.Opening{}, trialsOf); !errors.As(err, &input) ||
			err.Error() != "shard 1 of 3 is missing" {
			t.Errorf("with a shard too few: %v", err)
		}
		if _, _, err := sweep.Merge(out, dirs, "newer", sweep.Opening{}, trialsOf); !errors.As(err, &input) {
			t.Errorf("by another version: %v", err)
		}
	})
}

// TestResumeKeepsToItsSweep: what another sweep has left is not gone on with, and is still there.
func TestResumeKeepsToItsSweep(t *testing.T) {
	out := t.TempDir()
	w, ts := begun(t, out, small(3, 1, 1), 1)
	had := concluded(t, w, ts)
	other := new(sweep.ResumeError)
	if _, err := sweep.OpenWork(out, small(5, 1, 1), sweep.Opening{Resume: true}); !errors.As(err, &other) ||
		!errors.Is(err, sweep.ErrOtherSweep) {
		t.Fatalf("another sweep: %v", err)
	}
	w, err := sweep.OpenWork(out, small(3, 1, 1), sweep.Opening{Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if done, err := w.RunAll(t.Context(), ts, 1, nil); err != nil || done != 9 {
		t.Errorf("%d are done of a sweep that was whole, %v", done, err)
	}
	if concluded(t, w, ts) != had {
		t.Error("it has other bytes")
	}
}

// TestFailingTrials: a trial fails by what the scenario expects, and by too many events, of which nothing is read.
func TestFailingTrials(t *testing.T) {
	d := small(5, 1, 1)
	d.Source += "expect: [elections < 1]\n"
	w, ts := begun(t, t.TempDir(), d, 2)
	l := &leaver{}
	sum, err := w.Conclude(t.Context(), ts, l)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Failed() != 15 || len(l.failing) != 3*sweep.MostFailing || l.failing[3] != "2 crashed" {
		t.Errorf("%d failed, left %v", sum.Failed(), l.failing)
	}

	flooded, err := sweep.NewTrials(small(5, 1, 1), scenarios.ParseWith, flood{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := flooded.Run(t.Context(), sweep.Trial{})
	if err != nil || !r.Failed || len(r.Values) != 2 || r.Values[0] == r.Values[0] {
		t.Errorf("a flood: %+v, %v", r, err)
	}
}

// flood is an engine whose runs have too many events.
type flood struct{ raftsim.Engine }

func (flood) Run(context.Context, *sim.Scenario, *sim.Recorder, func(time.Duration)) error {
	return sim.ErrFlood
}

func (f flood) Bounded(int) sim.Engine { return f }

// TestBadVariations: a setting that can't be, and a scenario that the engine refuses, are found before anything runs.
func TestBadVariations(t *testing.T) {
	for name, set := range map[string]string{"no such setting": "cluster.membrs=3",
		"refused": "cluster.tls={peers: true}"} {
		d := small(3, 1, 1)
		d.Sets = []string{set}
		input := new(run.InputError)
		if _, err := trialsOf(d); !errors.As(err, &input) || !strings.HasPrefix(err.Error(), `variation "members=3": `) ||
			input.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDesignsThatNoSweepHas(t *testing.T) {
	for want, spoil := range map[string]func(*sweep.Design){
		"there is no shard 0 of 0": func(d *sweep.Design) { d.Shard, d.Shards = 0, 0 },
		"there is no shard 3 of 2": func(d *sweep.Design) { d.Shard, d.Shards = 3, 2 },
		"no variations":            func(d *sweep.Design) { d.Variations = nil },
		"measures nothing":         func(d *sweep.Design) { d.Measures = nil },
	} {
		d := small(1, 1, 1)
		spoil(d)
		var bad *run.InputError
		if _, err := trialsOf(d); !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
