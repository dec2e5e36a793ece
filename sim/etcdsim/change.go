package etcdsim

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// change is a change of the membership that a statement asked for. They are made one after the
// other, as etcd takes one at a time.
type change struct {
	what sim.Change
	who  sim.MemberID
	done func(error)
}

// changesInLine is how many changes may wait to be made: a script asks for few, and people can wait.
const changesInLine = 256

// makeChanges makes the changes that come in until the end of the run.
func (r *run) makeChanges() {
	for {
		select {
		case c := <-r.changes:
			c.done(r.makeChange(c))
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
	if err != nil {
		return err
	}
	r.awaitChange(c)
	if c.what == sim.AddLearner {
		r.started(c.who)
		return r.cluster.Member(c.who).Start()
	}
	return nil
}

// awaitChange waits until a member has reported the change, so that what comes next in the script can
// rely on it. A member that was promoted must report it itself: the leader knows first, and until the
// member does, it refuses what a learner does not do. It gives up after askTimeout.
func (r *run) awaitChange(c change) {
	ctx, cancel := context.WithTimeout(r.ctx, askTimeout)
	defer cancel()
	for {
		settled, err := r.settled(c)
		if err != nil || settled && (c.what != sim.Promote || r.servesAsVoter(c.who)) {
			return
		}
		select {
		case <-time.After(sim.RetryEvery):
		case <-ctx.Done():
			return
		}
	}
}

// servesAsVoter reports whether a member that was promoted, and has been up since, knows of it.
func (r *run) servesAsVoter(m sim.MemberID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.view(m).promoted
}

// settled reports whether there is nothing to do, or why it can't be done.
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
		return false, refused("%s is the only voter", r.scenario().MemberName(c.who))
	case c.what == sim.Remove:
		return !in, nil
	case !in:
		return false, refused("%s is not a member", r.scenario().MemberName(c.who))
	}
	return role == sim.Follower, nil
}
