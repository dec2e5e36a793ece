package etcdsim_test

import (
	"testing"

	"quorumlab/sim"
)

// TestLocksAndElectionsAreThoseOfEtcdsClient: one holder after the other, with tokens that rise.
func TestLocksAndElectionsAreThoseOfEtcdsClient(t *testing.T) {
	for _, verb := range []string{"lock", "elect"} {
		j := judged(t, ofText(t, `name: test
engines: [etcd]
cluster: {heartbeat: 20ms, election: 200ms}
workload: {clients: 3, rate: 20/s, mix: {put: 100}}
steps:
  - {at: 1s, for: 2s, do: `+verb+` jobs by c1}
  - {at: 2s, for: 3s, do: `+verb+` jobs ttl 2s by c2}
  - {at: 2500ms, for: 4s, do: `+verb+` jobs fenced}
run: 8s
expect: [mutual-exclusion, fencing]
`))
		if !j.OK() {
			t.Errorf("%s: %+v", verb, j.Result.Verdicts)
		}
		var holders []uint32
		token := uint64(0)
		for _, e := range j.Trace.Events {
			if e.Kind == sim.KindLock && e.Count == sim.LockHeld {
				if holders = append(holders, e.Client); e.Revision <= token {
					t.Errorf("%s: token %d comes after %d", verb, e.Revision, token)
				}
				token = e.Revision
			}
		}
		if len(holders) != 3 || holders[0] != 1 || holders[1] != 2 {
			t.Errorf("%s: the holders are %v", verb, holders)
		}
		if m, ok := j.Result.Measure("locks.hand-over.max"); !ok || m.Value > 500 {
			t.Errorf("%s: a hand-over took %v", verb, m.Value)
		}
	}
}

// TestTheLoadTakesTurns with one lock.
func TestTheLoadTakesTurns(t *testing.T) {
	j := judged(t, ofText(t, `name: test
engines: [etcd]
cluster: {heartbeat: 20ms, election: 200ms}
workload: {clients: 4, rate: 20/s, mix: {put: 1, lock: 1}, hold: 10ms..40ms, fenced: true}
run: 6s
expect: [mutual-exclusion, fencing, locks.held > 15, linearizable]
`))
	if !j.OK() {
		t.Errorf("%+v", j.Result.Verdicts)
	}
}
