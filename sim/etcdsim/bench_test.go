package etcdsim

import (
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"quorumlab/sim"
)

// BenchmarkReady is how long a cluster of three takes from nothing to its first
// acknowledged write, at etcd's own heartbeat and election times.
func BenchmarkReady(b *testing.B) {
	for _, p := range []sim.ProcessMode{sim.ProcessShared, sim.ProcessOwn} {
		b.Run(string(p), func(b *testing.B) {
			for b.Loop() {
				if err := firstWrite(b, p); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/cluster")
		})
	}
}

func firstWrite(b *testing.B, p sim.ProcessMode) error {
	c, err := New(Options{Names: names(3), Dir: b.TempDir(), Seed: 1, Processes: p})
	if err != nil {
		return err
	}
	defer func() {
		b.StopTimer()
		if err := c.Close(); err != nil {
			b.Error(err)
		}
		b.StartTimer()
	}()
	if err := c.Start(b.Context()); err != nil {
		return err
	}
	cl, err := clientv3.New(clientv3.Config{Endpoints: []string{c.Member(1).ClientURL()}, Logger: zap.NewNop(), Context: b.Context()})
	if err != nil {
		return err
	}
	defer cl.Close()
	_, err = cl.Put(b.Context(), "k", "v")
	return err
}
