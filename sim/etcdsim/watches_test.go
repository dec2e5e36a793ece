package etcdsim_test

import (
	"strings"
	"testing"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/run"
)

// watchesText has a watch from the first revision on, one at a member, and keys that end together.
const watchesText = `name: test
engines: [etcd]
cluster: {heartbeat: 20ms, election: 200ms}
workload: {clients: 2, rate: 40/s, mix: {put: 100}, keys: 2}
steps:
  - {at: 500ms, do: grant a 1s keys 5}
  - {at: 1s, do: watch k0 from 2}
  - {at: 1s, do: watch k prefix via n3 progress}
  - {at: 1s, for: 4s, do: watch lease/ prefix via n1 n2}
run: 6s
expect: [watch-promises, watch.missed == 0]
`

// TestWatchesAreThoseOfEtcd: from an old revision on, with a prefix, at a member, and with progress notifications; and
// what is deleted together comes in one answer.
func TestWatchesAreThoseOfEtcd(t *testing.T) {
	j := judged(t, ofText(t, watchesText))
	if !j.OK() {
		t.Errorf("%+v", j.Result.Verdicts)
	}
	begun, events, progress := map[uint64]sim.Event{}, map[uint64]int{}, 0
	gone := map[uint32]int{} // deleted keys by the answer that told of them
	for _, e := range j.Trace.Events {
		switch e.Kind {
		case sim.KindWatchBegun:
			begun[e.ID] = e
		case sim.KindWatchEvent:
			events[e.ID]++
			if e.ID == 3 && e.Value == 0 && strings.HasPrefix(e.Key, "lease/a/") {
				gone[e.Count]++
			}
		case sim.KindWatchProgress:
			if progress++; e.ID != 2 || e.Revision == 0 {
				t.Errorf("%+v", e)
			}
		}
	}
	if b := begun[1]; b.Revision != 2 || b.Count != 0 || b.Member != 0 {
		t.Errorf("the watch of k0 begins with %+v", b)
	}
	if b := begun[2]; b.Revision < 2 || b.Count != 1 || b.Member != 3 {
		t.Errorf("the watch of k* begins with %+v", b)
	}
	// k0 is one of two keys, and its watch began half a second earlier.
	if events[1] < 80 || events[2] < 150 || progress < 3 {
		t.Errorf("events %v, %d of progress", events, progress)
	}
	if len(gone) != 1 {
		t.Errorf("five keys that ended together came in answers as follows: %v", gone)
	}
}

// TestPlantedForgetfulWatchesAreFound: servers that drop answers of watches break a promise, and the check says which.
func TestPlantedForgetfulWatchesAreFound(t *testing.T) {
	j, err := run.Do(t.Context(), ofText(t, watchesText), etcdsim.Virtual{Flaw: cluster.WatchesForget}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range j.Result.Verdicts {
		if v.Check == "watch-promises" {
			if v.OK || !strings.Contains(v.Why, "not reliable: ") || len(v.Events) == 0 {
				t.Errorf("the verdict is %+v", v)
			}
			return
		}
	}
	t.Error("nobody asked the check")
}
