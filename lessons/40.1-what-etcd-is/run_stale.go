package whatetcdis

import (
	"context"
	"errors"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// stale cuts a follower off, has the others take a new value, and asks the one that missed it.
func stale(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	env.Say("three members; one follower is cut off")
	return o, lessons.WithVirtual(ctx, lessons.Brisk(3), func(ctx context.Context, c *cluster.Real,
		_ *clientv3.Client) error {
		alone := others(c, leaderOf(c))[0]
		there, err := c.Client(alone)
		if err != nil {
			return err
		}
		defer there.Close()
		elsewhere, err := c.Client(others(c, alone)...)
		if err != nil {
			return err
		}
		defer elsewhere.Close()
		return behind(ctx, o, c, alone, there, elsewhere)
	})
}

// behind is the course of events.
func behind(ctx context.Context, o *lessons.Observations, c *cluster.Real, alone sim.MemberID, there,
	elsewhere *clientv3.Client) error {
	if _, err := there.Put(ctx, "city", "Oslo"); err != nil {
		return err
	}
	cutOff(c, alone, true)
	if _, err := elsewhere.Put(ctx, "city", "Rome"); err != nil {
		return err
	}
	local, err := there.Get(ctx, "city", clientv3.WithSerializable())
	if err != nil {
		return err
	}
	o.Tell("cut-off.serializable-get", value(local), "what a serializable get returns on the cut-off member")
	o.Tell("cut-off.get", patient(ctx, there), "what a get returns on the cut-off member")
	cutOff(c, alone, false)
	again, err := there.Get(ctx, "city")
	if err != nil {
		return err
	}
	o.Tell("healed.get", value(again), "what a get returns there when the network is healed")
	return nil
}

// cutOff cuts or mends all links of a member to the others.
func cutOff(c *cluster.Real, id sim.MemberID, cut bool) {
	for _, other := range others(c, id) {
		c.SetLink(id, other, sim.LinkState{Cut: cut})
		c.SetLink(other, id, sim.LinkState{Cut: cut})
	}
}

func value(r *clientv3.GetResponse) string {
	if len(r.Kvs) == 0 {
		return "no such key"
	}
	return string(r.Kvs[0].Value)
}

// patient is what a get finds that is given up after a second.
func patient(ctx context.Context, cl *clientv3.Client) string {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	r, err := cl.Get(ctx, "city")
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer"
	case err != nil:
		return err.Error()
	}
	return value(r)
}
