package cluster

import (
	"context"
	"errors"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// AddLearner asks, as client cl, for a member to be added as a learner; it must then be started. etcd
// refuses until enough of its members have been connected for five seconds. A member that has joined already
// is refused with rpctypes.ErrPeerURLExist.
func (c *Real) AddLearner(ctx context.Context, cl *clientv3.Client, who sim.MemberID) error {
	m := c.Member(who)
	c.forget(m)
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
	return err
}

// Promote asks for a learner to be given a vote. etcd refuses until the learner has caught up, and a member that has
// one with rpctypes.ErrMemberNotLearner.
func (c *Real) Promote(ctx context.Context, cl *clientv3.Client, who sim.MemberID) error {
	_, err := cl.MemberPromote(ctx, c.memberID(who))
	return err
}

// Remove asks for a member to be removed. The member stops when it learns of that. One that is no member is refused
// with rpctypes.ErrMemberNotFound.
func (c *Real) Remove(ctx context.Context, cl *clientv3.Client, who sim.MemberID) error {
	_, err := cl.MemberRemove(ctx, c.memberID(who))
	if err != nil && !errors.Is(err, rpctypes.ErrMemberNotFound) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members[who-1].part = false
	return err
}

// MoveLeader asks the leader to transfer leadership; cl must be connected to the leader alone.
func (c *Real) MoveLeader(ctx context.Context, cl *clientv3.Client, to sim.MemberID) error {
	_, err := cl.MoveLeader(ctx, c.memberID(to))
	return err
}
