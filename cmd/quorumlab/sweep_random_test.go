package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/sweep"
)

// TestPlantedBugFromSweepToShrink: a sweep of random faults over broken software leaves
// the scenarios that fail as files, and shrink makes one of them small.
func TestPlantedBugFromSweepToShrink(t *testing.T) {
	if testing.Short() {
		t.Skip("long; the race detector has seen sweeps elsewhere")
	}
	t.Chdir(t.TempDir())
	o := sweepOptions{random: true, trials: 3, shard: "1/1", jobs: 2, out: "out"}
	p, err := o.design(nil)
	if err != nil {
		t.Fatal(err)
	}
	ts, err := sweep.NewTrials(p, scenarios.ParseWith, raftsim.Engine{Bug: raftsim.SkipApply})
	if err != nil {
		t.Fatal(err)
	}
	w, err := sweep.OpenWork(o.out, p, sweep.Opening{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.RunAll(t.Context(), ts, o.jobs, nil); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := concludeSweep(t.Context(), w, ts, streams{out: &out, err: io.Discard}, false); err != errFailed {
		t.Fatalf("a broken cluster swept: %v", err)
	}
	found := regexp.MustCompile(`quorumlab run (\S*random-1\.yaml)`).FindStringSubmatch(out.String())
	if found == nil {
		t.Fatalf("no failing scenario is named:\n%s", out.String())
	}

	out.Reset()
	var told bytes.Buffer
	s := shrinkOptions{seeds: 2, out: "out", check: "equal-state", on: raftsim.Engine{Bug: raftsim.SkipApply}}
	if err := s.run(t.Context(), []string{found[1]}, streams{out: &out, err: &told}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told.String(), "random-1 fails: equal-state") || !strings.Contains(told.String(), " runs: ") {
		t.Errorf("it tells\n%s", told.String())
	}
	files, err := filepath.Glob("out/random-1-small-sim-seed*/random-1-small.yaml")
	if err != nil || len(files) != 1 {
		t.Fatalf("left %v, %v:\n%s", files, err, out.String())
	}
	small, err := scenarios.Load(files[0])
	if err != nil || len(small.Steps) > 6 {
		t.Errorf("%v, %d steps", err, len(small.Steps))
	}
	for _, name := range []string{"report.html", "plots/failure.svg", "trace.jsonl", "summary.json"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(files[0]), name)); err != nil {
			t.Error(err)
		}
	}
}
