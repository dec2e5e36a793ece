package report_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"quorumlab/plots"
	"quorumlab/plots/plottest"
	"quorumlab/plots/report"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

var lookAt = flag.String("look", "", "a folder to write the figures and reports of real runs to, for the eyes")

// stories are runs that between them use every kind of ink.
var stories = map[string]string{
	"cut-off": `
title: A leader cut off with the minority steps down; the majority elects another
about: |
  The old leader goes on in its own eyes until it misses the majority.
  Watch the terms.
cluster: {members: 5}
workload: {clients: 8, rate: 100/s}
steps:
  - {at: 5s, do: "partition leader n2 | rest"}
  - {at: 15s, do: heal}
  - {at: 20s, do: crash leader}
  - {at: 25s, do: restart crashed}
  - {at: 28s, for: 6s, do: slow-disk leader 200ms}
  - {at: 31s, for: 2s, do: pause a-follower}
  - {at: 36s, do: move-leader a-follower}
run: 40s
expect: [safety, writes.lost == 0, "leaderless.longest[20s..30s] <= 1s"]
`,
	"bridge": `
title: One member is the only bridge between two halves
cluster: {members: 5}
workload: {clients: 4, rate: 50/s}
steps:
  - {at: 3s, for: 9s, do: "cut n1 n2 -> n4 n5"}
  - {at: 6s, for: 6s, do: "cut n4 n5 -> n1 n2"}
  - {at: 14s, for: 3s, do: "cut leader -> followers"}
run: 20s
`,
	"chaos": `
title: Chaos
cluster: {members: 5, election: 150ms..300ms, heartbeat: 30ms}
workload: {clients: 20, rate: 200/s, timeout: 2s}
steps:
  - {at: 5s, for: 20s, do: "lose all -> all 10%"}
  - {at: 8s, for: 10s, do: "delay all -> leader 20ms..50ms"}
  - {at: 10s, for: 30s, do: "duplicate all -> all 5%"}
  - {at: 12s, for: 5s, do: "stall-disk leader"}
  - {at: 18s, for: 5s, do: "isolate leader"}
  - {at: 24s, for: 5s, do: "partition leader | rest"}
  - {at: 30s, for: 6s, do: "crash random 2"}
  - {at: 37s, for: 6s, do: "pause leader"}
  - {at: 44s, do: "put city Oslo"}
  - {at: 44500ms, do: "compact"}
  - {at: 45s, for: 4s, do: "crash all"}
  - {at: 52s, do: "load 400/s"}
  - {at: 56s, do: "move-leader a-follower"}
run: 60s
`,
	"growth": `
title: Three members become five and lose one
cluster: {members: 3, strict-reconfig-check: false, store: {snapshot-count: 200, catch-up-entries: 50}}
workload: {clients: 4, rate: 100/s}
steps:
  - {at: 3s, do: add-learner n4}
  - {at: 6s, do: promote n4}
  - {at: 9s, do: add-learner n5}
  - {at: 12s, do: promote n5}
  - {at: 15s, do: remove n1}
  - {at: 18s, do: crash leader}
run: 24s
`,
}

// runStory runs a story on the sim engine.
func runStory(t testing.TB, name string) (*sim.Trace, report.RunInput) {
	t.Helper()
	s, err := scenarios.Parse(name+".yaml", []byte("name: "+name+stories[name]))
	if err != nil {
		t.Fatal(err)
	}
	rec := sim.NewRecorder(sim.AllKinds)
	if err := (raftsim.Engine{}).Run(context.Background(), s, rec, nil); err != nil {
		t.Fatal(err)
	}
	tr := rec.Trace(s, "sim", "test")
	return tr, report.RunInput{
		Trace: tr, Result: check.Judge(tr), Scenario: string(scenarios.Format(s)),
		Replay: "quorumlab run " + name + " --engine sim --seed 1",
	}
}

func TestRealRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine: TestEveryFigureIsDrawn draws on many")
	}
	for name := range stories {
		t.Run(name, func(t *testing.T) {
			tr, in := runStory(t, name)
			pictures, err := plots.Read(tr).DrawAll(*lookAt != "")
			if err != nil {
				t.Fatal(err)
			}
			if all := len(plots.Figures()) - plottest.OfOtherRuns(); len(pictures) != all {
				t.Errorf("%d of %d figures", len(pictures), all)
			}
			in.Pictures = pictures
			var html bytes.Buffer
			if err := report.Run(&html, in); err != nil {
				t.Fatal(err)
			}
			if html.Len() > 5_000_000 {
				t.Errorf("the report has %d bytes", html.Len())
			}
			if *lookAt != "" {
				save(t, filepath.Join(*lookAt, name), pictures, html.Bytes())
			}
		})
	}
}

// save writes what whoever works on the style wants to see:
// go test ./plots/report -run Real -look DIR.
func save(t *testing.T, dir string, pictures []plots.RunPicture, html []byte) {
	write := func(name string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		write(p.Figure.Name+".svg", p.SVG)
		write(p.Figure.Name+".png", p.PNG)
	}
	write("report.html", html)
}
