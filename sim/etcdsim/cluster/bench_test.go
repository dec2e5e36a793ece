package cluster

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
	cl, err := clientv3.New(clientv3.Config{Endpoints: []string{c.Member(1).ClientURL()}, Logger: zap.NewNop(),
		Context: b.Context()})
	if err != nil {
		return err
	}
	defer cl.Close()
	_, err = cl.Put(b.Context(), "k", "v")
	return err
}

// BenchmarkTLS is what TLS costs: a put through the leader of three members, one at a time, on one
// connection; and a new client, from nothing to its first answer.
func BenchmarkTLS(b *testing.B) {
	for _, tls := range []struct {
		name string
		spec sim.TLSSpec
	}{
		{"plain", sim.TLSSpec{}},
		{"TLS", sim.TLSSpec{Peers: true, Clients: true, ClientCertificates: true, Roles: true}},
	} {
		b.Run(tls.name, func(b *testing.B) {
			c, err := New(Options{Names: names(3), Dir: b.TempDir(), Seed: 1, TLS: tls.spec})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() {
				if err := c.Close(); err != nil {
					b.Error(err)
				}
			})
			if err := c.Start(b.Context()); err != nil {
				b.Fatal(err)
			}
			benchmarkPuts(b, c.Leader())
		})
	}
}

func benchmarkPuts(b *testing.B, m *Member) {
	b.Run("standing", func(b *testing.B) {
		cl, err := m.Dial()
		if err != nil {
			b.Fatal(err)
		}
		defer cl.Close()
		for b.Loop() {
			if _, err := cl.Put(b.Context(), "k", "v"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("new-client", func(b *testing.B) {
		for b.Loop() {
			err := m.asRoot(func(cl *clientv3.Client) error {
				_, err := cl.Put(b.Context(), "k", "v")
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
