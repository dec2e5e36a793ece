package plots

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

var lookAt = flag.String("look", "", "a folder to write the figures and a report of a played run to, for the eyes")

// TestLook is for whoever works on the style: go test ./plots -run Look -look DIR.
func TestLook(t *testing.T) {
	dir := *lookAt
	if dir == "" {
		t.Skip("no folder to write to; set -look")
	}
	tr := play(45*time.Second, 100)
	if _, err := WriteAll(tr, dir); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Report(f, input(tr)); err != nil {
		t.Fatal(err)
	}
}

// input is a report's input with something in every section.
func input(tr *sim.Trace) ReportInput {
	return ReportInput{
		Trace: tr,
		Story: []Sentence{
			{At: 900 * time.Millisecond, Text: "n1 becomes leader in term 2 with the votes of n2 and n3."},
			{At: 6750 * time.Millisecond, Text: "The network is cut: n1 n2 | n3 n4 n5."},
			{At: 7950 * time.Millisecond, Text: "n4 becomes leader in term 3."},
		},
		Result: &check.Result{
			Verdicts: []sim.Verdict{
				{Check: "linearizable", OK: true, Why: "Each of 4,000 operations fits one order.", Events: []uint64{3, 4}},
				{Check: "leaderless.longest[20s..30s] <= 1s", Why: "It was 1.4s.", Events: []uint64{100, 101, 1 << 40}, Members: []sim.MemberID{1, 4}},
				{Check: "safety", Unknown: true, Why: "The time was over."},
			},
			Figures: check.Judge(tr).Figures,
		},
		Scenario: "name: played\nsteps:\n  - {at: 5s, do: crash leader}\n",
		Replay:   "quorumlab run played --engine sim --seed 7",
	}
}
