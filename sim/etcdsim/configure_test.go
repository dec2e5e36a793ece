package etcdsim_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
)

func differing(t *testing.T, steps string) *sim.Scenario {
	t.Helper()
	s, err := scenarios.Parse("differing.yaml", []byte(`name: differing
engines: [etcd]
cluster: {members: [{snapshot-count: 50}, {}, {}], heartbeat: 20ms, election: 200ms}
workload: {rate: 200/s, mix: {put: 100, get: 0, cas: 0}}
steps: [`+steps+`]
run: 4s
`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEtcdMembersHaveTheirOwnSettings: the settings of a member, and those of a restart, reach its etcd.
func TestEtcdMembersHaveTheirOwnSettings(t *testing.T) {
	t.Parallel()
	var early, late [4]int
	for _, e := range judged(t, differing(t, "{at: 2s, do: restart n2 with snapshot-count=50}")).Trace.Events {
		switch {
		case e.Kind != sim.KindSnapshotMade:
		case e.At < 2*time.Second:
			early[e.Member]++
		default:
			late[e.Member]++
		}
	}
	if early[1] < 2 || late[2] < 2 || early[2]+early[3]+late[3] > 0 {
		t.Errorf("snapshots before and after the restart: %v and %v, want them of n1, and of n2 after it", early, late)
	}
}

// TestRefusedRestart: what etcd can't be told is refused before the start, at its step.
func TestRefusedRestart(t *testing.T) {
	t.Parallel()
	for with, why := range map[string]string{
		"check-quorum=false":            "always check their quorum",
		"heartbeat=50ms election=200ms": "at least five heartbeats",
	} {
		s := differing(t, "{at: 2s, do: restart n2 with "+with+"}")
		for _, e := range []sim.Engine{etcdsim.Engine{}, etcdsim.Virtual{}} {
			var refused *sim.RefusedError
			err := e.Run(t.Context(), s, sim.NewRecorder(sim.AllKinds), nil)
			if !errors.As(err, &refused) || len(refused.Refusals) != 1 || refused.Refusals[0].Step != 1 ||
				!strings.Contains(refused.Refusals[0].Reason, why) {
				t.Errorf("%s on %s: %v", with, e.Name(), err)
			}
		}
	}
}
