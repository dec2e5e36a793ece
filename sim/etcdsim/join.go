package etcdsim

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"quorumlab/sim"
)

// askTimeout is how long a question to one member about the membership or the store may take.
const askTimeout = 2 * time.Second

// ask dials a member for one question.
func (m *Member) ask(ctx context.Context, question func(context.Context, *clientv3.Client) error) error {
	c, err := clientv3.New(clientv3.Config{Endpoints: []string{m.ClientURL()}, Logger: zap.NewNop(), MaxUnaryRetries: 1})
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return question(ctx, c)
}

// AddLearner asks the member via to let another one join as a learner, which is then to be started.
// etcd refuses until all its members have been connected for five seconds. Any error may be tried
// again: that a member has joined already is none.
func (c *Cluster) AddLearner(ctx context.Context, via *Member, who sim.MemberID) error {
	m := c.Member(who)
	err := via.ask(ctx, func(ctx context.Context, cl *clientv3.Client) error {
		r, err := cl.MemberAddAsLearner(ctx, []string{m.peers.URL()})
		if err == nil {
			c.learn(r.Member.ID, m.peers.URL())
		}
		return err
	})
	if err != nil && !errors.Is(err, rpctypes.ErrPeerURLExist) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m.part = true
	return nil
}

// Promote asks the member via to give a learner a vote. etcd refuses until the learner has caught up.
func (c *Cluster) Promote(ctx context.Context, via *Member, who sim.MemberID) error {
	id := c.etcdID(who)
	err := via.ask(ctx, func(ctx context.Context, cl *clientv3.Client) error {
		_, err := cl.MemberPromote(ctx, id)
		return err
	})
	if errors.Is(err, rpctypes.ErrMemberNotLearner) {
		return nil
	}
	return err
}

// Remove asks the member via to remove another one, which stops when it hears of it.
func (c *Cluster) Remove(ctx context.Context, via *Member, who sim.MemberID) error {
	id := c.etcdID(who)
	err := via.ask(ctx, func(ctx context.Context, cl *clientv3.Client) error {
		_, err := cl.MemberRemove(ctx, id)
		return err
	})
	if err != nil && !errors.Is(err, rpctypes.ErrMemberNotFound) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members[who-1].part = false
	return nil
}
