package check_test

import (
	"context"
	"slices"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// BenchmarkJudge is the cost of a verdict on a run of 20 s with 2,000 operations:
// with all its events, and as a sweep records it.
func BenchmarkJudge(b *testing.B) {
	s, err := scenarios.Load("leader-crash")
	if err != nil {
		b.Fatal(err)
	}
	safety := check.NewSafety()
	rec := sim.NewRecorder(sim.AllKinds, safety)
	if err := (raftsim.Engine{}).Run(context.Background(), s, rec, nil); err != nil {
		b.Fatal(err)
	}
	all := rec.Trace(s, "sim", "test")
	few := *all
	few.Events = slices.DeleteFunc(slices.Clone(all.Events), func(e sim.Event) bool { return sim.HighRate.Has(e.Kind) })
	for _, run := range []struct {
		name  string
		trace *sim.Trace
	}{{"all events", all}, {"without the high-rate ones", &few}} {
		b.Run(run.name, func(b *testing.B) {
			for b.Loop() {
				if res := check.Judge(run.trace, check.WithSafety(safety)); !res.OK() {
					b.Fatal(res.Verdicts)
				}
			}
			b.ReportMetric(float64(len(run.trace.Events)), "events")
		})
	}
}
