package raftsim_test

import (
	"context"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// BenchmarkMinute is 60 s of a cluster of five under a load of 200 operations a
// second, with the checks on and every event kept.
func BenchmarkMinute(b *testing.B) {
	s := base(5)
	s.Run, s.Workload.Rate, s.Workload.Clients = time.Minute, 200, 8
	for b.Loop() {
		rec := sim.NewRecorder(sim.AllKinds, check.NewSafety())
		if err := (raftsim.Engine{}).Run(context.Background(), s, rec, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(60*float64(b.N)/b.Elapsed().Seconds(), "sim-s/s")
}
