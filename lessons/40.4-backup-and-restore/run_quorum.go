package backupandrestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// A snapshot is taken behind the twentieth order of twenty-five.
const (
	ordersSaved  = 20
	ordersPlaced = 25
)

// request is something that a client asks of what is left of a cluster.
type request struct {
	name, what string
	do         func(ctx context.Context, cl *clientv3.Client) error
	answers    []string // one for each stage
}

// requests are those of the step, made anew for each run.
func requests(ctx context.Context, c *cluster.Real, dir string) []*request {
	return []*request{
		{name: "put", what: "put", do: func(ctx context.Context, cl *clientv3.Client) error {
			_, err := cl.Put(ctx, "probe", "")
			return err
		}},
		{name: "get", what: "get", do: func(ctx context.Context, cl *clientv3.Client) error {
			_, err := cl.Get(ctx, order(1))
			return err
		}},
		{name: "local", what: "serializable get", do: func(ctx context.Context, cl *clientv3.Client) error {
			_, err := cl.Get(ctx, order(1), clientv3.WithSerializable())
			return err
		}},
		{name: "snapshot", what: "snapshot", do: func(context.Context, *clientv3.Client) error {
			_, err := c.Snapshot(ctx, 1, filepath.Join(dir, "survivor.db"))
			return err
		}},
		{name: "remove", what: "member remove of a dead member", do: func(ctx context.Context, cl *clientv3.Client) error {
			return c.Remove(ctx, cl, 3)
		}},
	}
}

// The stages at which they are asked.
var stages = []string{"1 of 3 left", "n1 forced into a cluster of one"}

// runQuorum loses two disks of three and makes the last member a new cluster.
func runQuorum(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	options := members(3)
	options.Later = []string{"n4"}
	o := &lessons.Observations{}
	return o, lessons.WithClient(ctx, options, func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
		old := filepath.Join(env.Dir, "old.db")
		if err := placeAndSave(ctx, c, cl, old); err != nil {
			return err
		}
		env.Say("kill -9 of n2 and n3; their disks are lost")
		for _, m := range c.Members()[1:3] {
			m.Crash()
			if err := m.Settle(ctx); err != nil {
				return err
			}
			if err := m.Wipe(); err != nil {
				return err
			}
		}
		first, err := c.Client(1)
		if err != nil {
			return err
		}
		defer first.Close()
		rs := requests(ctx, c, env.Dir)
		if err := askAll(ctx, patience, first, rs); err != nil {
			return err
		}
		env.Say("n1 is stopped and started with --force-new-cluster")
		// Killed, it might not know that its newest order was committed, and would drop it.
		if err := c.Member(1).Stop(ctx); err != nil {
			return err
		}
		if err := c.ForceNewCluster(ctx, 1); err != nil {
			return err
		}
		h, err := look(ctx, first)
		if err != nil {
			return err
		}
		if err := askAll(ctx, lessons.Enough, first, rs[:3]); err != nil {
			return err
		}
		return tellQuorum(ctx, env, o, c, first, rs, old, h)
	})
}

// placeAndSave writes the orders, with a snapshot before the last of them, and sees to it
// that the first member has them all.
func placeAndSave(ctx context.Context, c *cluster.Real, cl *clientv3.Client, file string) error {
	if err := write(ctx, cl, 1, ordersSaved); err != nil {
		return err
	}
	if err := arrived(ctx, c, 1); err != nil {
		return err
	}
	if _, err := c.Snapshot(ctx, 1, file); err != nil {
		return err
	}
	if err := write(ctx, cl, ordersSaved+1, ordersPlaced); err != nil {
		return err
	}
	// etcd writes down what is committed along with the next entry of its log.
	if _, err := cl.Put(ctx, "later", ""); err != nil {
		return err
	}
	if _, err := cl.Put(ctx, "later", ""); err != nil {
		return err
	}
	return arrived(ctx, c, 1)
}

// askAll asks all of them at once: some are never answered.
func askAll(ctx context.Context, patience time.Duration, cl *clientv3.Client, rs []*request) error {
	errs := make([]error, len(rs))
	var work sync.WaitGroup
	for i, r := range rs {
		work.Go(func() {
			answer, err := askFor(ctx, patience, func(ctx context.Context) error { return r.do(ctx, cl) })
			r.answers, errs[i] = append(r.answers, answer), err
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

func tellQuorum(ctx context.Context, env *lessons.Env, o *lessons.Observations, c *cluster.Real, cl *clientv3.Client,
	rs []*request, old string, h held) error {
	for _, r := range rs {
		o.Tell("lost."+r.name, r.answers[0], r.what+", with one of three members left")
		if len(r.answers) > 1 {
			o.Tell("forced."+r.name, r.answers[1], r.what+", after it was made a cluster of one")
		}
	}
	for _, f := range []struct{ fact, file, about string }{
		{"old.orders", old, "in the last snapshot taken before"},
		{"survivor.orders", filepath.Join(env.Dir, "survivor.db"), "in the snapshot of the surviving member"},
	} {
		values, err := valuesIn(f.file)
		if err != nil {
			return err
		}
		o.Count(f.fact, float64(len(values)), fmt.Sprintf("orders %s, of %d", f.about, ordersPlaced))
	}
	o.Count("forced.orders", float64(h.orders), fmt.Sprintf("orders in the cluster of one, of %d", ordersPlaced))
	ms, err := cl.MemberList(ctx)
	if err != nil {
		return err
	}
	o.Count("forced.members", float64(len(ms.Members)), "members of the cluster of one")
	env.Say("n4 joins")
	if err := join(ctx, c, cl, 4); err != nil {
		return err
	}
	ms, err = cl.MemberList(ctx)
	if err != nil {
		return err
	}
	o.Count("grown.members", float64(len(ms.Members)), "members after n4 was added as a learner and promoted")
	return o.Draw(chartOfQuorum(rs, o))
}

// join lets a member in as a learner, starts it and gives it a vote as soon as it has caught
// up. It does not wait until the new member answers clients, which takes longer.
func join(ctx context.Context, c *cluster.Real, cl *clientv3.Client, id sim.MemberID) error {
	if err := insist(ctx, func(ctx context.Context) error { return c.AddLearner(ctx, cl, id) }); err != nil {
		return err
	}
	if err := c.Member(id).Start(); err != nil {
		return err
	}
	return insist(ctx, func(ctx context.Context) error { return c.Promote(ctx, cl, id) })
}
