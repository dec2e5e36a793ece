package raftsim_test

import (
	"context"
	"crypto/rand"
	"math/big"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// TestOthersGetTheSystemsRandom: while a run goes on, random numbers for anybody
// else, on its goroutine and on others, do not come from its seed.
func TestOthersGetTheSystemsRandom(t *testing.T) {
	numbers := map[string]bool{}
	draw := func() {
		n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
		if err != nil {
			t.Error(err)
		}
		if numbers[n.String()] {
			t.Errorf("the number %v came twice", n)
		}
		numbers[n.String()] = true
	}
	s := base(3)
	for range 3 {
		rec := sim.NewRecorder(sim.AllKinds)
		err := raftsim.Engine{}.Run(context.Background(), s, rec, func(time.Duration) { // on the run's goroutine
			draw()
			done := make(chan struct{})
			go func() { // inherits its profiler labels
				defer close(done)
				draw()
			}()
			<-done
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(numbers) < 30 {
		t.Errorf("only %d numbers were drawn", len(numbers))
	}
}

// TestProfilerLabelsComeBack: a run sets its goroutine's labels and puts back those
// of its context.
func TestProfilerLabelsComeBack(t *testing.T) {
	pprof.Do(context.Background(), pprof.Labels("who", "the caller"), func(ctx context.Context) {
		if err := (raftsim.Engine{}).Run(ctx, base(1), sim.NewRecorder(0), nil); err != nil {
			t.Fatal(err)
		}
		if who, _ := pprof.Label(ctx, "who"); who != "the caller" {
			t.Errorf("the label is now %q", who)
		}
	})
}

// TestTimeoutsInRange: raft's draws cover the scenario's range, its ends too, and
// nothing else.
func TestTimeoutsInRange(t *testing.T) {
	seen := map[time.Duration]int{}
	for seed := range uint64(200) {
		s := base(1)
		s.Seed, s.Run = seed, time.Second
		s.Workload.Clients = 0
		s.Cluster.Election, s.Cluster.Heartbeat, s.Cluster.Tick = sim.Distribution{Lo: 150 * ms, Hi: 160 * ms}, 50*ms, ms
		first := when(t, play(t, raftsim.Engine{}, s), "a campaign", func(e sim.Event) bool {
			return e.Kind == sim.KindState && e.Role != sim.Follower
		})
		seen[first.At.Truncate(ms)]++
	}
	for d := 150 * ms; d < 160*ms; d += ms {
		if seen[d] == 0 {
			t.Errorf("no timeout of %v", d)
		}
	}
	if len(seen) != 10 {
		t.Errorf("timeouts were drawn from %d values: %v", len(seen), seen)
	}
}

// TestGoroutineIDStandsIn: where profiler labels do not work, runs are told apart
// by their goroutines' numbers.
func TestGoroutineIDStandsIn(t *testing.T) {
	s := base(3)
	want := play(t, raftsim.Engine{}, s)
	raftsim.WithoutLabels(func() {
		var beside [3]*sim.Trace
		var all sync.WaitGroup
		for i := range beside {
			all.Go(func() { beside[i], _ = run(raftsim.Engine{}, s) })
		}
		all.Wait()
		for _, tr := range beside {
			same(t, "labels and goroutine numbers", want, tr)
		}
	})
}
