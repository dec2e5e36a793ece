package etcdsim_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/run"
)

func judged(t testing.TB, s *sim.Scenario) *run.Judged {
	t.Helper()
	j, err := run.Do(t.Context(), s, etcdsim.Virtual{}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func leaderCrash(t testing.TB) *sim.Scenario {
	t.Helper()
	s, err := scenarios.Load("leader-crash")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestVirtualRunEndsWhenItIsTold: an interrupt ends it, with the error of the context and with nothing left.
func TestVirtualRunEndsWhenItIsTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := leaderCrash(t)
	s.Run = 1000 * time.Hour
	if err := (etcdsim.Virtual{}).Run(ctx, s, sim.NewRecorder(sim.AllKinds), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// BenchmarkVirtual is a minute of three members under a hundred operations a second, with its trace and all checks:
// how many times faster than real time it is, and what it takes of the processor.
func BenchmarkVirtual(b *testing.B) {
	s, err := scenarios.Parse("minute.yaml", []byte(`name: minute
engines: [etcd]
run: 60s
workload: {rate: 100/s, mix: {put: 60, get: 40}}
expect: [linearizable]
`))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if j := judged(b, s); !j.OK() {
			b.Fatalf("%+v", j.Result.Verdicts)
		}
	}
	b.ReportMetric(s.Run.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "times-real")
}

// BenchmarkVirtualFailovers is one fail-over at a time of one cluster: the leader crashes, another one is elected, and
// the old one comes back.
func BenchmarkVirtualFailovers(b *testing.B) {
	b.ReportAllocs()
	var virtual time.Duration
	err := etcdsim.InVirtualTime(b.Context(), func(ctx context.Context, dir string) (err error) {
		c, err := cluster.New(cluster.Options{Names: []string{"n1", "n2", "n3"}, Virtual: true,
			Dir: filepath.Join(dir, "cluster"), Fsync: sim.Fixed(time.Millisecond)})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.Close()) }()
		if err := c.Start(ctx); err != nil {
			return err
		}
		begin := time.Now()
		for range b.N {
			if err := failover(ctx, c); err != nil {
				return err
			}
		}
		virtual = time.Since(begin)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(virtual.Seconds()/float64(b.N), "virtual-s/op")
}

// failover crashes the leader, and starts it again when there is another one.
func failover(ctx context.Context, c *cluster.Real) error {
	was := c.Leader()
	for ; was == nil; was = c.Leader() {
		<-time.After(10 * time.Millisecond)
	}
	was.Crash()
	for is := c.Leader(); is == nil || is == was; is = c.Leader() {
		<-time.After(10 * time.Millisecond)
	}
	if err := was.Start(); err != nil {
		return err
	}
	return was.Ready(ctx)
}
