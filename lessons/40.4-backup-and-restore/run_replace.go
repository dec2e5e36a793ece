package backupandrestore

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// try is a change of the members that is asked for, and its answer.
type try struct {
	name, what string
	answer     string
	why        string // the rule behind the answer, in a few words
}

// replacement is the step's cluster and what was tried on it.
type replacement struct {
	*cluster.Real
	cl    *clientv3.Client // of the two members that stay
	tries []try
}

// runReplace has a member die and puts another in its place, with every wrong order of steps
// tried before the right one.
func runReplace(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	options := members(3)
	options.Later = []string{"n4"}
	o := &lessons.Observations{}
	return o, lessons.WithClient(ctx, options, func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
		if err := write(ctx, cl, 1, ordersPlaced); err != nil {
			return err
		}
		stay, err := c.Client(1, 2)
		if err != nil {
			return err
		}
		defer stay.Close()
		r := &replacement{Real: c, cl: stay}
		if err := r.run(ctx, env); err != nil {
			return err
		}
		for _, t := range r.tries {
			o.Tell(t.name, t.answer, t.what)
		}
		ms, err := stay.MemberList(ctx)
		if err != nil {
			return err
		}
		o.Count("voters", float64(voters(ms.Members)), "voting members at the end")
		env.Say("kill -9 of n2")
		c.Member(2).Crash()
		if err := write(ctx, stay, ordersPlaced+1, ordersPlaced+1); err != nil {
			return err
		}
		h, err := look(ctx, stay)
		if err != nil {
			return err
		}
		o.Count("orders", float64(h.orders), "orders after n2 has died too, and another order was placed")
		return o.Draw(chartOfReplacement(r.tries))
	})
}

// run asks for the changes, each for its answer.
func (r *replacement) run(ctx context.Context, env *lessons.Env) error {
	// etcd takes a member for connected when it has been so for five seconds.
	env.Say("waiting until the members have been connected for five seconds")
	if err := r.refused(ctx, rpctypes.ErrPeerURLExist); err != nil {
		return err
	}
	env.Say("kill -9 of n3")
	r.Member(3).Crash()
	if err := r.refused(ctx, rpctypes.ErrUnhealthy); err != nil {
		return err
	}
	// Of the changes none must wait for an election.
	if err := write(ctx, r.cl, 1, 1); err != nil {
		return err
	}
	url := "http://127.0.0.1:2380" // nobody gets that far
	for _, t := range []struct {
		try
		do func(ctx context.Context) error
	}{
		{try{name: "add.voter", what: "n3 is dead: add a fourth member", why: "four voters need three, but only two are " +
			"running"}, func(ctx context.Context) error {
			_, err := r.cl.MemberAdd(ctx, []string{url})
			return err
		}},
		{try{name: "add.learner", what: "n3 is dead: add a learner", why: "only removals while a member is down"},
			func(ctx context.Context) error {
				_, err := r.cl.MemberAddAsLearner(ctx, []string{url})
				return err
			}},
		{try{name: "remove.alive", what: "n3 is dead: remove n2, which is running", why: "n1 and n3 remain, and n3 is dead"},
			func(ctx context.Context) error {
				return r.Remove(ctx, r.cl, 2)
			}},
		{try{name: "remove.dead", what: "n3 is dead: remove n3", why: "the two that remain are both running"},
			func(ctx context.Context) error {
				return r.Remove(ctx, r.cl, 3)
			}},
		{try{name: "then.learner", what: "n3 is gone: add n4 as a learner", why: "a learner does not count for the quorum"},
			func(ctx context.Context) error {
				return r.AddLearner(ctx, r.cl, 4)
			}},
		{try{name: "promote.early", what: "n4 has not started: promote it", why: "a voter without data would be as good as " +
			"dead"}, func(ctx context.Context) error {
			return r.Promote(ctx, r.cl, 4)
		}},
	} {
		env.Say("%s", t.what)
		var err error
		if t.answer, err = askFor(ctx, lessons.Enough, t.do); err != nil {
			return err
		}
		r.tries = append(r.tries, t.try)
	}
	return r.finish(ctx, env)
}

// finish starts the new member and promotes it when it has caught up.
func (r *replacement) finish(ctx context.Context, env *lessons.Env) error {
	env.Say("n4 starts and catches up")
	if err := r.Member(4).Start(); err != nil {
		return err
	}
	err := insist(ctx, func(ctx context.Context) error { return r.Promote(ctx, r.cl, 4) })
	r.tries = append(r.tries, try{"promote", "n4 has caught up: promote it", answered,
		"three voters, all of them running"})
	return err
}

// refused waits until each of the two that stay refuses a member at the address of one that is there with this
// error: of its address while all members are connected, of the cluster's health while one is away. Each member
// that is asked judges by its own connections.
func (r *replacement) refused(ctx context.Context, want error) error {
	ms, err := r.cl.MemberList(ctx)
	if err != nil {
		return err
	}
	for _, id := range []sim.MemberID{1, 2} {
		cl, err := r.Client(id)
		if err != nil {
			return err
		}
		defer cl.Close()
		if err := insist(ctx, func(ctx context.Context) error {
			_, err := cl.MemberAddAsLearner(ctx, ms.Members[0].PeerURLs)
			if errors.Is(err, want) {
				return nil
			}
			return fmt.Errorf("a member that is there was asked for once more: %w", err)
		}); err != nil {
			return err
		}
	}
	return nil
}

func voters(ms []*etcdserverpb.Member) (n int) {
	for _, m := range ms {
		if !m.IsLearner {
			n++
		}
	}
	return n
}
