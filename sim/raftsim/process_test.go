package raftsim_test

import (
	"slices"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// What only the etcd engine knows moves nothing here.
func TestProcessesAndMetricsChangeNothing(t *testing.T) {
	run := func(p sim.ProcessMode, m sim.MetricsLevel) []sim.Event {
		s := base(3)
		s.Cluster.Process, s.Cluster.Metrics = p, m
		step(t, s, 4*time.Second, "crash leader")
		return play(t, raftsim.Engine{}, s).Events
	}
	if !slices.Equal(run(sim.ProcessShared, sim.MetricsBasic), run(sim.ProcessOwn, sim.MetricsExtensive)) {
		t.Error("the events differ")
	}
}
