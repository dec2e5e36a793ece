package etcdsim_test

import (
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
)

// TestVirtualClientsHaveAPlace: etcd's own client behind a cut goes on asking the member that it can't reach; one with
// a keep-alive does not; and one that is paused does nothing, while the others go on.
func TestVirtualClientsHaveAPlace(t *testing.T) {
	s, err := scenarios.Parse("places.yaml", []byte(`
name: places
engines: [etcd]
workload:
  clients: 3
  rate: 30/s
  timeout: 1s
  places:
    - {client: c2, keep-alive: 10s, keep-alive-timeout: 1s}
    - {client: c3, via: n1 n3}
steps:
  - {at: 2s, for: 20s, do: cut client c1 client c2 -> n2}
  - {at: 5s, for: 4s, do: pause client c3}
run: 25s
expect: [linearizable]
`))
	if err != nil {
		t.Fatal(err)
	}
	j := judged(t, s)
	if !j.OK() {
		t.Errorf("the run is not good: %+v", j.Result.Verdicts)
	}
	const second = time.Second
	asks := map[uint32]map[sim.MemberID]map[int]int{}
	paused := 0
	for _, e := range j.Trace.Events {
		if e.Kind == sim.KindClient && sim.ClientChange(e.Count) == sim.ClientAsks {
			if asks[e.Client] == nil {
				asks[e.Client] = map[sim.MemberID]map[int]int{}
			}
			if asks[e.Client][e.Member] == nil {
				asks[e.Client][e.Member] = map[int]int{}
			}
			asks[e.Client][e.Member][int(e.At/second)]++
		}
		if (e.Kind == sim.KindCall || e.Kind == sim.KindReturn) && e.Client == 3 && e.At > 5*second && e.At < 9*second {
			paused++
		}
	}
	if paused > 0 {
		t.Errorf("client c3 called or heard %d times while it was paused", paused)
	}
	for at := 3; at < 21; at++ {
		if n := asks[1][2][at]; n < 2 || n > 5 {
			t.Errorf("client c1 gave n2 %d operations in second %d, want every third of 10", n, at)
		}
		if n := asks[2][2][at]; at > 14 && n > 0 {
			t.Errorf("client c2 gave n2 %d operations in second %d, after its keep-alive had no answer", n, at)
		}
		if n := asks[3][2][at]; n > 0 {
			t.Errorf("client c3 gave n2 %d operations, which it does not know", n)
		}
	}
	if asks[2][2][24] == 0 {
		t.Error("client c2 did not come back to n2")
	}
}
