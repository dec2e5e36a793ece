package whatetcdis

import (
	"cmp"
	"context"
	"slices"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/internal/stats"
	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// operation is something that clients ask for.
type operation struct {
	Name  string // as in facts
	About string
	Do    func(ctx context.Context, cl *clientv3.Client) error
}

// operations are the three whose difference the lesson is about.
var operations = []operation{
	{"put", "put", func(ctx context.Context, cl *clientv3.Client) error {
		_, err := cl.Put(ctx, "city", "Oslo")
		return err
	}},
	{"get", "get", func(ctx context.Context, cl *clientv3.Client) error {
		_, err := cl.Get(ctx, "city")
		return err
	}},
	{"serializable-get", "serializable get", func(ctx context.Context, cl *clientv3.Client) error {
		_, err := cl.Get(ctx, "city", clientv3.WithSerializable())
		return err
	}},
}

// timed is how long the answers to one operation took, in milliseconds.
type timed struct {
	Name, About string
	Millis      []float64
}

// rounds is how often each operation is timed.
const rounds = 200

// speed times the three operations, taking turns, so that what disturbs one disturbs all.
func speed(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	env.Say("three members; each operation %d times, through the leader", rounds)
	return o, lessons.OnCluster(ctx, three(), func(c *cluster.Real) error {
		cl, err := c.Client(leaderOf(c))
		if err != nil {
			return err
		}
		defer cl.Close()
		ts, err := timeAll(ctx, cl)
		if err != nil {
			return err
		}
		for _, t := range ts {
			o.Measure("p50."+t.Name, stats.Median(t.Millis), sim.Millis, "median latency of a "+t.About)
		}
		byTime := slices.SortedFunc(slices.Values(ts), func(a, b timed) int {
			return cmp.Compare(stats.Median(a.Millis),
				stats.Median(b.Millis))
		})
		o.Tell("fastest", byTime[0].Name, "the operation with the lowest median")
		o.Facts = append(o.Facts, lessons.Fact{Name: "slowest", Text: byTime[len(byTime)-1].Name,
			About: "the operation with the highest median"})
		return o.Draw(speedChart(ts))
	})
}

func timeAll(ctx context.Context, cl *clientv3.Client) ([]timed, error) {
	ts := make([]timed, len(operations))
	for range rounds {
		for i, op := range operations {
			begun := time.Now()
			if err := op.Do(ctx, cl); err != nil {
				return nil, err
			}
			ts[i].Name, ts[i].About = op.Name, op.About
			ts[i].Millis = append(ts[i].Millis, sim.MillisOf(time.Since(begun)))
		}
	}
	return ts, nil
}
