package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"quorumlab/plots"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/sweep"
)

// sweepsHold holds the pictures of sweeps, and what the sweeps say, after the page's commands.
func sweepsHold(t *testing.T, pictures string) {
	args := []string{"sweep", "election-theory", "--trials", "300"}
	execute(context.Background(), args, streams{out: io.Discard, err: io.Discard})
	for shown, left := range sweepPictures {
		svg, err := os.ReadFile(filepath.Join("out", left))
		if err != nil {
			t.Fatal(err)
		}
		samePicture(t, filepath.Join(pictures, shown), svg)
	}
	figure16Gates(t, filepath.Join("out", "figure-16-sweep", "summary.json"))
	theoryHolds(t, filepath.Join("out", "election-theory-sweep", "summary.json"))
}

// planHolds holds the pictures of the page's plan.
func planHolds(t *testing.T, pictures string) {
	args := []string{"plan", "--members", "5", "--zones", "2+2+1", "--rtt", "40ms", "--out", "out"}
	execute(context.Background(), args, streams{out: io.Discard, err: io.Discard})
	for _, name := range []string{"downtime", "latency"} {
		svg, err := os.ReadFile(filepath.Join("out", "cluster-plan", "plots", name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		samePicture(t, filepath.Join(pictures, "plan-"+name+".svg"), svg)
	}
}

// sweepPictures are the manual's pictures of sweeps and of what was shrunk, by file under
// docs/pictures, and where the commands leave them.
var sweepPictures = map[string]string{
	"figure-16.svg":       "figure-16-sweep/plots/distribution-failover.svg",
	"figure-16-trial.svg": "figure-16-sweep/plots/trial-1.svg",
	"election-theory.svg": "election-theory-sweep/plots/theory-elections.failed-at-least-1.svg",
	"shrunk.svg":          "paused-leader-lease-reads-small-sim-seed1/plots/failure.svg",
}

// sweepSummary is what a test reads of a sweep's summary.json.
type sweepSummary struct {
	Variations []struct {
		Name     string
		Set      map[string]string
		Failed   int
		Measures map[string]struct {
			P50, Mean float64
			Intervals map[string][2]float64
		}
	}
}

func readSummary(t *testing.T, path string) (s sweepSummary) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// figure16Gates holds the medians with pre-vote within a tenth of those that the
// paper's author has published, and no trial failed.
func figure16Gates(t *testing.T, path string) {
	t.Helper()
	published := map[string]float64{"12-24ms, raft/v3 pre-vote": 30.0, "150-200ms, raft/v3 pre-vote": 146.4,
		"150-300ms, raft/v3 pre-vote": 171.2}
	for _, v := range readSummary(t, path).Variations {
		if v.Failed > 0 {
			t.Errorf("%s: %d trials failed", v.Name, v.Failed)
		}
		want, ok := published[v.Name]
		if got := v.Measures["failover"].P50; ok && math.Abs(got/want-1) > 0.1 {
			t.Errorf("%s: the median is %.1f ms, published %.1f ms", v.Name, got, want)
		}
		delete(published, v.Name)
	}
	if len(published) > 0 {
		t.Errorf("there is no line %v", published)
	}
}

// theoryHolds holds trials and closed forms against each other: the split votes within
// the trials' interval, the mean time between the two cases or within 3% of them.
func theoryHolds(t *testing.T, path string) {
	t.Helper()
	n := 0
	for _, v := range readSummary(t, path).Variations {
		latency := "cluster.network.latency"
		list, err := loadScenarios([]string{"election-theory"}, []string{latency + "=" + v.Set[latency]}, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := sweep.ElectionTheoryOf(list[0])
		if err != nil {
			t.Fatal(err)
		}
		split, in := e.SplitVote(), v.Measures["elections.failed >= 1"].Intervals["mean"]
		if split < in[0] || split > in[1] {
			t.Errorf("%s: votes split with probability %.3f, in trials %.3f to %.3f", v.Name, split, in[0], in[1])
		}
		least, _, most := e.MeanFailover()
		if mean := v.Measures["failover"].Mean; mean < 0.97*least || mean > 1.03*most {
			t.Errorf("%s: the mean time is %.1f to %.1f ms, in trials %.1f ms", v.Name, least, most, mean)
		}
		n++
	}
	if n < 5 {
		t.Errorf("there are %d variations", n)
	}
}

// samePicture holds a shown picture to the one that is drawn now.
func samePicture(t *testing.T, path string, svg []byte) {
	t.Helper()
	if *update {
		writeBack(t, path, svg)
	}
	shown, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(shown, svg) {
		t.Errorf("%s is not the picture that is drawn now; go test ./cmd/quorumlab -run Docs -update", filepath.Base(path))
	}
}

// TestDocsSandbox says to a sandbox what the page does, and looks for every line of the page that
// does not depend on when things happen, but for its numbers.
func TestDocsSandbox(t *testing.T) {
	p := pageNamed(t, "docs/live-sandbox.md")
	shown := regexp.MustCompile("(?s)```text\n\\$ bin/quorumlab up < failover.txt\n(.*?)```\n").FindSubmatch(p.text)
	if shown == nil {
		t.Fatal("the page shows no sandbox")
	}
	var said strings.Builder
	for line := range strings.Lines(string(shown[1])) {
		if after, ok := strings.CutPrefix(line, "> "); ok {
			said.WriteString(after)
		}
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	var out, errs bytes.Buffer
	args := []string{"up", "--write", "none", "--set", "cluster.heartbeat=20ms", "--set", "cluster.election=200ms",
		"--set", "workload.timeout=500ms"} // what has an unknown outcome is waited for
	std := streams{in: strings.NewReader(said.String()), out: &out, err: &errs}
	if code := execute(t.Context(), args, std); code != exitGood {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	printed := masked(out.String())
	for line := range strings.Lines(string(shown[1])) {
		if is := masked(line); !timed.MatchString(is) && !strings.Contains(printed, is) {
			t.Errorf("nowhere is printed\n%s\nbut\n%s", line, out.String())
		}
	}
}

// timed are the lines about when something happened, and about who.
var timed = regexp.MustCompile(`^  n0|^ +[0.]+m?s  |, running for|, since|operations:`)

// masked replaces numbers.
func masked(s string) string { return regexp.MustCompile(`[0-9]+`).ReplaceAllString(s, "0") }

// docsPictures are the figures that the manual shows, by file under docs/pictures.
var docsPictures = map[string]struct{ scenario, figure string }{
	"leader-crash-timeline.svg": {"leader-crash", "timeline"},
	"leader-crash-latency.svg":  {"leader-crash", "latency"},
	"leader-crash-messages.svg": {"leader-crash", "messages"},
	"leader-cut-off-quorum.svg": {"leader-cut-off", "quorum"},
}

// TestDocsShowWhatIsDrawn draws the manual's pictures.
func TestDocsShowWhatIsDrawn(t *testing.T) {
	for file, p := range docsPictures {
		t.Run(file, func(t *testing.T) {
			list, err := loadScenarios([]string{p.scenario}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := job{list[0], &raftsim.Engine{}}.run(t.Context(), streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}})
			if err != nil {
				t.Fatal(err)
			}
			svg, _, err := plots.Render(r.Trace, p.figure)
			if err != nil {
				t.Fatal(err)
			}
			samePicture(t, filepath.Join(manual, "pictures", file), svg)
		})
	}
}

// TestDocsShowRealRuns draws the manual's pictures of real members from what was
// recorded of a run, which would come out a little different each time: SCENARIO-FIGURE.jsonl
// for SCENARIO-FIGURE.svg.
func TestDocsShowRealRuns(t *testing.T) {
	records, err := filepath.Glob(filepath.Join(manual, "pictures", "*.jsonl"))
	if err != nil || len(records) == 0 {
		t.Fatalf("no records: %v", err)
	}
	for _, path := range records {
		base := strings.TrimSuffix(path, ".jsonl")
		t.Run(filepath.Base(base), func(t *testing.T) {
			record, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer record.Close()
			tr, err := check.ReadTrace(record)
			if err != nil {
				t.Fatal(err)
			}
			svg, _, err := plots.Render(tr, base[strings.LastIndex(base, "-")+1:])
			if err != nil {
				t.Fatal(err)
			}
			samePicture(t, base+".svg", svg)
		})
	}
}

func writeBack(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestReadmeShowsTheSimulatedNumbers compares what the README shows of make demo with a run on sim. The
// numbers of real members come out a little different each time.
func TestReadmeShowsTheSimulatedNumbers(t *testing.T) {
	list, err := loadScenarios([]string{"leader-crash"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := job{list[0], &raftsim.Engine{}}.run(t.Context(), streams{out: io.Discard, err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	readme := pageNamed(t, "README.md").text
	for _, name := range compared {
		m := check.MeasureNamed(name)
		row := regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(name) + ` +(\S+) +\S+$`).FindSubmatch(readme)
		if want := strings.TrimSpace(measured(r, m)); row == nil || string(row[1]) != want {
			t.Errorf("README.md shows %s of %s; it is %s", row, name, want)
		}
	}
}
