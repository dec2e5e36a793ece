package raftsim_test

import (
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// Members that come back stand for election as etcd's do: two ticks, instead of the timeout of ten,
// after they are connected to two others, which they look for every 50 ms.
func TestComeBack(t *testing.T) {
	const back = 4 * time.Second
	for _, tt := range []struct {
		name             string
		members          int
		steps            []string // at 3 s, for a second
		delay            time.Duration
		earliest, latest time.Duration // the first candidate after they are back
	}{
		{name: "all of three", members: 3, steps: []string{"crash all"}, earliest: 200 * ms, latest: 350 * ms},
		{name: "the only one", members: 1, steps: []string{"crash all"}, earliest: 1, latest: 100 * ms},
		{name: "far apart, so that the timeout is nearly over", members: 3, steps: []string{"crash all"}, delay: 100 * ms,
			earliest: 400 * ms, latest: 450 * ms},
		{name: "with one other, which is too few", members: 3, steps: []string{"crash all", "isolate n3"}, earliest: 900 * ms,
			latest: 1000 * ms},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := base(tt.members)
			s.Workload.Clients = 0
			s.Cluster.Network.Latency = sim.Fixed(max(tt.delay, ms))
			for _, do := range tt.steps {
				step(t, s, 3*time.Second, do, time.Second)
			}
			if len(tt.steps) > 1 {
				s.Steps[1].For = 4 * time.Second
			}
			tr := play(t, raftsim.Engine{Timeouts: func(sim.MemberID, int) int { return 10 }}, s)
			for _, e := range tr.Events {
				if e.At < back || e.Kind != sim.KindState || e.Role != sim.PreCandidate && e.Role != sim.Leader {
					continue
				}
				if took := e.At - back; took < tt.earliest || took > tt.latest {
					t.Errorf("%s stands %s after it came back, want %s to %s", e.Member, took, tt.earliest, tt.latest)
				}
				return
			}
			t.Error("nobody stands")
		})
	}
}
