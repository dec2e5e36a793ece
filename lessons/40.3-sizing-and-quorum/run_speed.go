package sizingandquorum

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"quorumlab/internal/stats"
	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/plan"
)

// pace is how fast a cluster of a size writes.
type pace struct {
	Members   int
	P50       float64 // of a put, one client; milliseconds
	PerSecond float64 // with many writers
}

const (
	writers  = 16
	alone    = 60                     // puts of the one client
	together = 600 * time.Millisecond // how long the writers write
)

// paces writes to clusters of all sizes, one after the other on the same machine.
func paces(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	t := lessons.Table{Name: "pace", Title: "Puts by the number of members",
		Head: []string{"members", "can be lost", "one client: median", "16 clients: puts per second"}}
	var ps []pace
	for _, n := range []int{1, 2, 3, 4, 5, 7} {
		env.Say("%d members, one client, then %d", n, writers)
		p, err := paceOf(ctx, n)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
		o.Measure(fmt.Sprintf("put.p50.%d", n), p.P50, sim.Millis,
			fmt.Sprintf("median latency of a put with %d members, one client", n))
		o.Measure(fmt.Sprintf("puts.%d", n), p.PerSecond, sim.PerSecond,
			fmt.Sprintf("puts per second with %d members and %d clients", n, writers))
		t.Rows = append(t.Rows, []string{fmt.Sprint(n), fmt.Sprint(plan.Tolerates(n)), sim.Millis.FormatValue(p.P50),
			sim.PerSecond.FormatValue(p.PerSecond)})
	}
	o.Tables = append(o.Tables, t)
	fastest := slices.MaxFunc(ps, func(a, b pace) int { return int(a.PerSecond - b.PerSecond) })
	o.Facts = append(o.Facts, lessons.Fact{Name: "fastest", Text: fmt.Sprint(fastest.Members),
		About: "the number of members with the most puts per second"})
	return o, o.Draw(paceChart(ps))
}

func paceOf(ctx context.Context, n int) (p pace, err error) {
	p.Members = n
	err = lessons.WithClient(ctx, cluster.Options{Names: lessons.Names(n)},
		func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
			if p.P50, err = medianPut(ctx, cl); err != nil {
				return err
			}
			p.PerSecond, err = putsPerSecond(ctx, cl)
			return err
		})
	return p, err
}

// medianPut is the median time of one client's puts, in milliseconds.
func medianPut(ctx context.Context, cl *clientv3.Client) (float64, error) {
	var ms []float64
	for i := range alone {
		took, err := timedPut(ctx, cl, fmt.Sprint("key", i))
		if err != nil {
			return 0, err
		}
		ms = append(ms, sim.MillisOf(took))
	}
	return stats.Median(ms), nil
}

// timedPut is how long the first try took that was acknowledged. Others fail when a machine is so
// busy that the leader changes. The error is the last one, after half a minute, or ctx's.
func timedPut(ctx context.Context, cl *clientv3.Client, key string) (took time.Duration, err error) {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = lessons.Insist(ctx, patience, func(ctx context.Context) error {
		begun := time.Now()
		_, err := cl.Put(ctx, key, "value")
		took = time.Since(begun)
		return err
	})
	return took, err
}

// putsPerSecond is what many writers get done, each with its next put when the one before has
// returned.
func putsPerSecond(ctx context.Context, cl *clientv3.Client) (float64, error) {
	limited, cancel := context.WithTimeout(ctx, together)
	defer cancel()
	var done atomic.Int64
	var g errgroup.Group
	begun := time.Now()
	for w := range writers {
		g.Go(func() error {
			for limited.Err() == nil {
				if _, err := cl.Put(limited, fmt.Sprint("writer", w), "value"); err == nil {
					done.Add(1)
				}
			}
			return ctx.Err()
		})
	}
	err := g.Wait()
	return float64(done.Load()) / time.Since(begun).Seconds(), err
}
