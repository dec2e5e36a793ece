package tlsandclientcertificates

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"quorumlab/internal/stats"
	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// How many writes there are on connections that stand, and how many on new ones.
const (
	standing = 300
	anew     = 40
)

// speeds are the times of writes in milliseconds.
type speeds struct{ standing, anew []float64 }

// runSpeed compares writes in the clear with writes in TLS, in turns.
func runSpeed(ctx context.Context, env *lessons.Env) (o *lessons.Observations, err error) {
	env.Say("%d writes in plaintext and as many over TLS, alternating", standing)
	o = &lessons.Observations{}
	err = lessons.OnCluster(ctx, alone(sim.TLSSpec{}), func(plain *cluster.Real) error {
		return lessons.OnCluster(ctx, alone(mutual), func(secure *cluster.Real) error {
			found, err := race(ctx, plain, secure)
			if err != nil {
				return err
			}
			return speedOutcome(o, found[0], found[1])
		})
	})
	return o, err
}

// race has clients of the clusters write in turns, so that whatever else the machine does
// slows them alike.
func race(ctx context.Context, cs ...*cluster.Real) ([]speeds, error) {
	found := make([]speeds, len(cs))
	var cls []*clientv3.Client
	defer func() {
		for _, cl := range cls {
			cl.Close()
		}
	}()
	for _, c := range cs {
		cl, err := connect(c)
		if err != nil {
			return nil, err
		}
		cls = append(cls, cl)
		if _, err := cl.Put(ctx, "first", ""); err != nil {
			return nil, err
		}
	}
	for i := range standing {
		for k, cl := range cls {
			d, err := timed(ctx, cl, i)
			if err != nil {
				return nil, err
			}
			found[k].standing = append(found[k].standing, d)
		}
	}
	for i := range anew {
		for k, c := range cs {
			begun := time.Now()
			cl, err := connect(c)
			if err != nil {
				return nil, err
			}
			_, err = timed(ctx, cl, i)
			found[k].anew = append(found[k].anew, sim.MillisOf(time.Since(begun)))
			cl.Close()
			if err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// connect opens a stock client of the cluster's first member.
func connect(c *cluster.Real) (*clientv3.Client, error) {
	var cfg *tls.Config
	if _, secure := c.Credentials("root"); secure {
		var err error
		if cfg, err = filesOf(c, "root"); err != nil {
			return nil, err
		}
	}
	return clientv3.New(clientv3.Config{Endpoints: []string{c.Member(1).ClientURL()}, TLS: cfg, Logger: zap.NewNop()})
}

// timed writes a key and tells how many milliseconds it took.
func timed(ctx context.Context, cl *clientv3.Client, i int) (float64, error) {
	begun := time.Now()
	_, err := cl.Put(ctx, fmt.Sprint("key", i%64), "value")
	return sim.MillisOf(time.Since(begun)), err
}

func speedOutcome(o *lessons.Observations, plain, secure speeds) error {
	o.Measure("put.clear.p50", stats.Median(plain.standing), sim.Millis, "median latency of a write in plaintext, over "+
		"an open connection")
	o.Measure("put.tls.p50", stats.Median(secure.standing), sim.Millis, "the same over TLS")
	o.Measure("connect.clear.p50", stats.Median(plain.anew), sim.Millis, "median latency of a new connection and a "+
		"write, in plaintext")
	o.Measure("connect.tls.p50", stats.Median(secure.anew), sim.Millis, "the same over TLS")
	o.Facts = append(o.Facts, lessons.Fact{Name: "price",
		Text:  times(stats.Median(secure.standing) / stats.Median(plain.standing)),
		About: "how much longer a write takes over TLS, over an open connection"})
	return o.Draw(speedChart(plain, secure))
}

// times is a ratio in words.
func times(ratio float64) string {
	switch {
	case ratio < 2:
		return "less than twice"
	case ratio < 10:
		return "two to ten times"
	}
	return "more than ten times"
}

// speedChart are the distributions, side by side.
func speedChart(plain, secure speeds) chart.Chart {
	panel := func(title string, a, b []float64) chart.Lines {
		return chart.Lines{
			Title: title, X: chart.Axis{Label: "latency (ms)", Log: true},
			Y:      chart.Axis{Label: "share of writes that took no longer", Percent: true},
			Series: []chart.Series{chart.Distribution("plaintext", a), chart.Distribution("TLS with client certificates", b)},
		}
	}
	return chart.Chart{
		Name: "speed", Title: "What TLS costs",
		Subtitle: fmt.Sprintf("one member each, alternating: %d writes over one connection, and %d each over a new one",
			standing, anew),
		About: "The distributions of the write latency. Left: over open connections. Right: including connecting and the " +
			"handshake.",
		Panels: []chart.Panel{panel("over an open connection", plain.standing, secure.standing),
			panel("over a new connection", plain.anew, secure.anew)},
	}
}
