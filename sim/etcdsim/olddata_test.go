package etcdsim_test

import (
	"strings"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
)

// TestEtcdSaysThatAMemberWasRemoved: one that is cut off runs on until it hears of it; etcd itself ends it, and ends it
// again when it is started once more.
func TestEtcdSaysThatAMemberWasRemoved(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Load("removed-member-returns")
	if err != nil {
		t.Fatal(err)
	}
	var stops []time.Duration
	for _, e := range judged(t, s).Trace.Events {
		if e.Kind == sim.KindCrashed && e.Member == 3 && e.Note == "removed from the cluster" {
			stops = append(stops, e.At)
		}
	}
	if len(stops) != 2 || stops[0] < 12*time.Second || stops[1] < 15*time.Second {
		t.Errorf("n3 was told at %v, want once after the cut and once after its restart", stops)
	}
}

// TestEtcdWithOldData: etcd panics in raft's words, since its leader tells it to commit what it has not any more.
func TestEtcdWithOldData(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Load("old-volume")
	if err != nil {
		t.Fatal(err)
	}
	panics := 0
	for _, e := range judged(t, s).Trace.Events {
		if e.Kind == sim.KindPanicked && e.Member == 3 && strings.Contains(e.Note, "is out of range") {
			panics++
		}
	}
	if panics != 1 {
		t.Errorf("etcd panicked %d times, want once", panics)
	}
}

// TestOldMembersAfterForceNewCluster: alone one is told that the new cluster has removed it.
func TestOldMembersAfterForceNewCluster(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Parse("old-members.yaml", []byte(`name: old-members
engines: [etcd]
cluster: {heartbeat: 20ms, election: 200ms}
steps:
  - {at: 2s, do: crash all}
  - {at: 3s, do: force-new-cluster n1}
  - {at: 5s, do: restart n2}
run: 8s
`))
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, e := range judged(t, s).Trace.Events {
		told = told || e.Kind == sim.KindCrashed && e.Member == 2 && e.Note == "removed from the cluster"
	}
	if !told {
		t.Error("n2 was not told that it is no member of the new cluster")
	}
}
