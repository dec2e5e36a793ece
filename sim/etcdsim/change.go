package etcdsim

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// change is a change of the membership that a statement asked for. They are made one after the
// other, as etcd takes one at a time.
type change struct {
	what sim.Change
	who  sim.MemberID
}

// changesInLine is how many changes may wait to be made: a script asks for few, and people can wait.
const changesInLine = 256

var changeWords = [...]string{sim.AddLearner: "add-learner", sim.Promote: "promote", sim.Remove: "remove"}

// makeChanges makes the changes that come in until the end of the run.
func (r *run) makeChanges() {
	for {
		select {
		case c := <-r.changes:
			if err := r.makeChange(c); err != nil {
				r.note(c.who, fmt.Sprintf("%s %s: %v", changeWords[c.what], r.scenario().MemberName(c.who), err))
			}
		case <-r.ctx.Done():
			return
		}
	}
}

func (r *run) makeChange(c change) error {
	settled, err := r.settled(c)
	if settled || err != nil {
		return err
	}
	err = r.withLeader(func(ctx context.Context, leader *clientv3.Client) error {
		switch c.what {
		case sim.AddLearner:
			return r.cluster.AddLearner(ctx, leader, c.who)
		case sim.Promote:
			return r.cluster.Promote(ctx, leader, c.who)
		}
		return r.cluster.Remove(ctx, leader, c.who)
	})
	if err == nil && c.what == sim.AddLearner {
		r.started(c.who)
		return r.cluster.Member(c.who).Start()
	}
	return err
}

// settled tells whether there is nothing to do, or why it can't be done.
func (r *run) settled(c change) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	role, in := r.config[c.who]
	voters := 0
	for _, is := range r.config {
		if is == sim.Follower {
			voters++
		}
	}
	switch {
	case c.what == sim.AddLearner:
		return in, nil
	case c.what == sim.Remove && in && role == sim.Follower && voters == 1:
		return false, fmt.Errorf("%s is the only voter", r.scenario().MemberName(c.who))
	case c.what == sim.Remove:
		return !in, nil
	case !in:
		return false, fmt.Errorf("%s is not a member", r.scenario().MemberName(c.who))
	}
	return role == sim.Follower, nil
}
