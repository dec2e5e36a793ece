package report

import (
	"io"
	"testing"

	"pgregory.net/rapid"

	"quorumlab/plots"
	"quorumlab/plots/plottest"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

// TestAnyTraceReported writes the report of what no engine would write, with every event as evidence.
func TestAnyTraceReported(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := plottest.Any(rt)
		var seqs []uint64
		for i := range tr.Events {
			seqs = append(seqs, uint64(i+1))
		}
		in := RunInput{Trace: tr, Pictures: []plots.RunPicture{},
			Result: &check.Result{Verdicts: []sim.Verdict{{Events: seqs}}}}
		if err := Run(io.Discard, in); err != nil {
			rt.Fatal(err)
		}
	})
}
