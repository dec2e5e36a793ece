package etcdsim

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// change is what a statement asked for: changes of the membership, one after the other, and who hears of the end of
// each.
type change struct {
	todo   []sim.MemberChange
	done   []func(error)
	retry  bool
	errand *Errand
	unsure bool // it was asked for, and nobody knows what came of it
}

// changesInLine is how many changes may wait to be made: a script asks for few, and people can wait.
const changesInLine = 256

// makeChanges makes the changes that come in until the end of the run, in the order of their statements and one
// at a time, as etcd takes them. One that was refused and is to be asked for again lets the others pass meanwhile.
func (r *run) makeChanges() {
	var refused []*change
	again := time.NewTicker(retryChangesEvery)
	defer again.Stop()
	for {
		select {
		case c := <-r.changes:
			if !r.makeChange(c) {
				refused = append(refused, c)
			}
		case <-again.C:
			refused = slices.DeleteFunc(refused, r.makeChange)
		case <-r.ctx.Done():
			return
		}
	}
}

// retryChangesEvery is how often what etcd refuses is asked for again: it may refuse for seconds.
const retryChangesEvery = 100 * time.Millisecond

// makeChange makes what is left of a change, and reports whether nothing is left of it: what was refused is over,
// unless it is to be asked for again.
func (r *run) makeChange(c *change) (over bool) {
	for len(c.todo) > 0 {
		err := r.ask(c, c.todo[0])
		var not *sim.NotDoneError
		again := c.retry && !alreadyMade(c.todo[0].What, err) // that would be refused for ever
		if again && errors.As(err, &not) && not.Outcome == sim.StepRefused && !r.isOver() {
			c.errand.refused(err)
			return false
		}
		done := c.done[0]
		c.todo, c.done, c.unsure = c.todo[1:], c.done[1:], false
		done(err)
	}
	return true
}

// ask asks the leader for one change, again while there is none or no answer comes, and waits until it is
// made.
func (r *run) ask(c *change, m sim.MemberChange) error {
	err := r.withLeader(func(ctx context.Context, leader *clientv3.Client) error {
		err := r.askOnce(ctx, leader, m)
		if c.unsure && alreadyMade(m.What, err) {
			return nil
		}
		c.unsure = c.unsure || err != nil && !isRefusal(err)
		return err
	}, isRefusal)
	if err != nil {
		return err
	}
	r.awaitChange(m)
	if m.What == sim.AddLearner {
		return r.join(m.Who)
	}
	return nil
}

// join starts a new member on an empty disk. Of an earlier one of its name nothing is left.
func (r *run) join(m sim.MemberID) error {
	if err := (powers{r}).Crash(m); err != nil {
		return err
	}
	if err := r.cluster.Member(m).Wipe(); err != nil {
		return err
	}
	r.started(m)
	return r.cluster.Member(m).Start()
}

func (r *run) askOnce(ctx context.Context, leader *clientv3.Client, m sim.MemberChange) error {
	switch m.What {
	case sim.AddLearner:
		return r.cluster.AddLearner(ctx, leader, m.Who)
	case sim.Promote:
		return r.cluster.Promote(ctx, leader, m.Who)
	}
	if r.isOnlyVoter(m.Who) && !r.scenario().Cluster.StrictReconfigCheck.On() { // etcd itself would end
		return refused("%s is the only voter", r.scenario().MemberName(m.Who))
	}
	return r.cluster.Remove(ctx, leader, m.Who)
}

// isRefusal reports whether an error of a change is the cluster's last word.
func isRefusal(err error) bool {
	var not *sim.NotDoneError
	return errors.As(said(0, err), &not)
}

// alreadyMade reports whether a refusal says that there is nothing left to do.
func alreadyMade(what sim.Change, err error) bool {
	return errors.Is(err, map[sim.Change]error{sim.AddLearner: rpctypes.ErrPeerURLExist,
		sim.Promote: rpctypes.ErrMemberNotLearner, sim.Remove: rpctypes.ErrMemberNotFound}[what])
}

// awaitChange waits until a member has reported the change, so that what comes next in the script can
// rely on it. A member that was promoted must report it itself: the leader knows first, and until the
// member does, it refuses what a learner does not do. It gives up after askTimeout.
func (r *run) awaitChange(c sim.MemberChange) {
	ctx, cancel := context.WithTimeout(r.ctx, askTimeout)
	defer cancel()
	for !r.settled(c) {
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

// settled reports whether the cluster is as the change would have it, and knows.
func (r *run) settled(c sim.MemberChange) bool {
	r.mu.Lock()
	role, in := r.config[c.Who]
	r.mu.Unlock()
	switch c.What {
	case sim.AddLearner:
		return in
	case sim.Remove:
		return !in
	}
	return !in || role == sim.Follower && r.servesAsVoter(c.Who)
}

// isOnlyVoter reports whether no other member has a vote.
func (r *run) isOnlyVoter(m sim.MemberID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for o, role := range r.config {
		if o != m && role == sim.Follower {
			return false
		}
	}
	return r.config[m] == sim.Follower
}
