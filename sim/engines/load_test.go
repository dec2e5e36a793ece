package engines_test

import (
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/raftsim"
)

// played is what a scenario of this load leaves on an engine.
func played(t *testing.T, e sim.Engine, text string) *sim.Trace {
	t.Helper()
	s, err := scenarios.Parse("load.yaml", []byte("cluster: {members: 3}\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	rec := sim.NewRecorder(sim.AllKinds)
	if err := e.Run(t.Context(), s, rec, nil); err != nil {
		t.Fatal(err)
	}
	return rec.Trace(s, e.Name(), "test")
}

// TestLoadIsAsItIsTold: on each engine clients begin as many operations as the rate's integral, rest between two of
// them, and like the first keys best.
func TestLoadIsAsItIsTold(t *testing.T) {
	for _, e := range []sim.Engine{raftsim.Engine{}, etcdsim.Virtual{}} {
		t.Run(e.Name(), func(t *testing.T) {
			calls := 0
			for _, ev := range played(t, e, `
workload: {clients: 4, rate: 10/s}
steps: [{at: 2s, do: load 20/s..220/s over 4s}, {at: 8s, do: load 100/s..0/s over 2s}]
run: 12s
`).Events {
				if ev.Kind == sim.KindCall && ev.At >= 2*time.Second && ev.Client <= 4 {
					calls++
				}
			}
			if want := 4*120 + 2*220 + 2*50; calls < want-2 || calls > want+2 {
				t.Errorf("%d operations began, want %d", calls, want)
			}

			returned := map[uint32]time.Duration{}
			first, all := 0, 0
			for _, ev := range played(t, e, `
workload: {clients: 2, keys: 100, skew: 1.5, think: 30ms..50ms}
run: 12s
`).Events {
				switch {
				case ev.Client == 0 || ev.Client > 2:
				case ev.Kind == sim.KindReturn:
					returned[ev.Client] = ev.At
				case ev.Kind == sim.KindCall:
					all++
					if ev.Key == "k0" {
						first++
					}
					was, again := returned[ev.Client]
					if rest := ev.At - was; again && (rest < 30*time.Millisecond || rest > 51*time.Millisecond) {
						t.Errorf("client %d rested for %v", ev.Client, rest)
					}
				}
			}
			// By Zipf's law 41% of the operations are on the first of 100 keys.
			if share := float64(first) / float64(all); all < 300 || share < 0.33 || share > 0.5 {
				t.Errorf("%d of %d operations were on the first key", first, all)
			}
		})
	}
}
