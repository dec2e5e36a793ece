package whatetcdis

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// racers is how many clients want the same key.
const racers = 20

// winners has twenty clients make one key if it does not exist, once by looking first and
// once in one transaction.
func winners(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	opt := three()
	opt.Processes = sim.ProcessShared
	env.Say("three members, twenty clients")
	return o, lessons.OnCluster(ctx, opt, func(c *cluster.Real) error {
		clients, err := dialAll(c, racers)
		defer closeAll(clients)
		if err != nil {
			return err
		}
		t := lessons.Table{Name: "winners", Title: "Twenty clients want one key",
			Head: []string{"method", "believe that they won", "revisions used"}, Exact: true}
		for _, way := range []struct {
			name, about string
			race        func(context.Context, []*clientv3.Client) (int, error)
		}{
			{"look-first", "get the key; if it is not there, put it", raceLooking},
			{"transaction", "one transaction: if the key does not exist, put it", raceInTransactions},
		} {
			n, used, err := measured(ctx, clients, way.race)
			if err != nil {
				return err
			}
			o.Count("winners."+way.name, float64(n), "clients that believe that they created the key: "+way.about)
			o.Count("revisions."+way.name, float64(used), "revisions that the store used: "+way.about)
			t.Rows = append(t.Rows, []string{way.about, fmt.Sprint(n), fmt.Sprint(used)})
		}
		o.Tables = append(o.Tables, t)
		return nil
	})
}

func dialAll(c *cluster.Real, n int) (cs []*clientv3.Client, err error) {
	for i := range n {
		cl, err := c.Client(sim.MemberID(i%len(c.Members()) + 1))
		if err != nil {
			return cs, err
		}
		cs = append(cs, cl)
	}
	return cs, nil
}

func closeAll(cs []*clientv3.Client) {
	for _, c := range cs {
		c.Close()
	}
}

// measured is a race, and by how much it moved the store's revision.
func measured(ctx context.Context, cs []*clientv3.Client, race func(context.Context, []*clientv3.Client) (int,
	error)) (won int, used int64, err error) {
	before, err := cs[0].Get(ctx, "-")
	if err != nil {
		return 0, 0, err
	}
	if won, err = race(ctx, cs); err != nil {
		return 0, 0, err
	}
	after, err := cs[0].Get(ctx, "-")
	if err != nil {
		return 0, 0, err
	}
	return won, after.Header.Revision - before.Header.Revision, nil
}

// raceLooking: all look before any writes, which is what happens to two of them by chance.
func raceLooking(ctx context.Context, cs []*clientv3.Client) (won int, err error) {
	free := make([]bool, len(cs))
	err = together(len(cs), func(i int) error {
		r, err := cs[i].Get(ctx, "looked")
		free[i] = err == nil && r.Count == 0
		return err
	})
	if err != nil {
		return 0, err
	}
	err = together(len(cs), func(i int) error {
		if !free[i] {
			return nil
		}
		_, err := cs[i].Put(ctx, "looked", fmt.Sprint("client ", i))
		return err
	})
	return count(free), err
}

// raceInTransactions: look and write are one step of the store.
func raceInTransactions(ctx context.Context, cs []*clientv3.Client) (won int, err error) {
	made := make([]bool, len(cs))
	err = together(len(cs), func(i int) error {
		r, err := cs[i].Txn(ctx).
			If(clientv3.Compare(clientv3.CreateRevision("made"), "=", 0)).
			Then(clientv3.OpPut("made", fmt.Sprint("client ", i))).
			Commit()
		made[i] = err == nil && r.Succeeded
		return err
	})
	return count(made), err
}

// together calls do for 0 to n-1 at the same time, and waits for all.
func together(n int, do func(i int) error) error {
	var g errgroup.Group
	for i := range n {
		g.Go(func() error { return do(i) })
	}
	return g.Wait()
}

func count(bs []bool) (n int) {
	for _, b := range bs {
		if b {
			n++
		}
	}
	return n
}
