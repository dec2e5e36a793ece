package cluster

import (
	"context"
	"errors"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// AddLearner asks, as client cl, for a member to be added as a learner; it must then be started. etcd
// refuses until all its members have been connected for five seconds. The call may be retried after
// any error: it is no error that a member has joined already.
func (c *Real) AddLearner(ctx context.Context, cl *clientv3.Client, who sim.MemberID) error {
	m := c.Member(who)
	r, err := cl.MemberAddAsLearner(ctx, []string{m.peers.URL()})
	if err != nil && !errors.Is(err, rpctypes.ErrPeerURLExist) {
		return err
	}
	if err == nil {
		c.learn(r.Member.ID, m.peers.URL())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	m.part = true
	return nil
}

// Promote asks for a learner to be given a vote. etcd refuses until the learner has caught up.
func (c *Real) Promote(ctx context.Context, cl *clientv3.Client, who sim.MemberID) error {
	_, err := cl.MemberPromote(ctx, c.memberID(who))
	if errors.Is(err, rpctypes.ErrMemberNotLearner) {
		return nil
	}
	return err
}

// Remove asks for a member to be removed. The member stops when it learns of that.
func (c *Real) Remove(ctx context.Context, cl *clientv3.Client, who sim.MemberID) error {
	_, err := cl.MemberRemove(ctx, c.memberID(who))
	if err != nil && !errors.Is(err, rpctypes.ErrMemberNotFound) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members[who-1].part = false
	return nil
}

// MoveLeader asks the leader to transfer leadership; cl must be connected to the leader alone.
func (c *Real) MoveLeader(ctx context.Context, cl *clientv3.Client, to sim.MemberID) error {
	_, err := cl.MoveLeader(ctx, c.memberID(to))
	return err
}
