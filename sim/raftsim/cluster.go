package raftsim

import (
	"errors"
	"fmt"
	"slices"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// cluster is a run as the statements see it (sim.Cluster).
type cluster struct{ r *run }

// Members lists those that the newest applied configuration names.
func (c cluster) Members() []sim.MemberStatus {
	out := make([]sim.MemberStatus, 0, len(c.r.members))
	for _, m := range c.r.members {
		if role := c.r.config.role(m.id); role != sim.RoleNone {
			out = append(out, sim.MemberStatus{ID: m.id, Up: m.up, Learner: role == sim.Learner})
		}
	}
	return out
}

// Leader leads in the highest term and is up.
func (c cluster) Leader() sim.MemberID {
	if m := c.r.leader(); m != nil {
		return m.id
	}
	return 0
}

// SetLink changes what is wrong with a link.
func (c cluster) SetLink(from, to sim.MemberID, s sim.LinkState) {
	l := c.r.link(from, to)
	was := l.state.Cut
	c.r.setLimit(l, s.Limit)
	l.state = s
	l.cuts.Set(c.r.now, s.Cut)
	if s.Cut && !was {
		c.r.record(sim.Event{Kind: sim.KindLinkCut, Member: from, Peer: to})
	}
	if was && !s.Cut {
		c.r.record(sim.Event{Kind: sim.KindLinkMended, Member: from, Peer: to})
	}
}

// SetDisk changes what is wrong with a disk.
func (c cluster) SetDisk(m sim.MemberID, s sim.DiskState) { c.r.member(m).setDisk(s) }

// SetDrift changes the speed of a clock.
func (c cluster) SetDrift(m sim.MemberID, s sim.Share) { c.r.member(m).setDrift(s) }

// SetLoad changes the load.
func (c cluster) SetLoad(p sim.Pace) { c.r.load.setPace(p) }

// Crash kills a process.
func (c cluster) Crash(id sim.MemberID) error {
	if m := c.r.member(id); m.up {
		m.crash()
	}
	return nil
}

// Start starts a process.
func (c cluster) Start(id sim.MemberID) error {
	m := c.r.member(id)
	switch {
	case m.up:
		return nil
	case m.disk.state.Full:
		return refused("%s can't start: no space left on device", m.name)
	case !m.started && c.r.config.role(m.id) == sim.RoleNone:
		return refused("%s is not part of the cluster", m.name)
	}
	m.restart()
	if m.removed {
		m.tellRemoved()
	}
	return nil
}

// Pause stops a process where it stands.
func (c cluster) Pause(id sim.MemberID) error {
	m := c.r.member(id)
	if !m.up {
		return refused("%s is down and can't be paused", m.name)
	}
	if !m.paused {
		m.pause()
	}
	return nil
}

// Resume lets a process go on.
func (c cluster) Resume(id sim.MemberID) error {
	if m := c.r.member(id); m.up && m.paused {
		m.resume()
	}
	return nil
}

// Wipe empties a disk.
func (c cluster) Wipe(id sim.MemberID) error {
	m := c.r.member(id)
	if m.up {
		return refused("%s is up: its disk can't be wiped", m.name)
	}
	m.disk.wipe()
	return nil
}

// MoveLeader begins a transfer of the leadership.
func (c cluster) MoveLeader(to sim.MemberID) error {
	l := c.r.leader()
	switch {
	case l == nil:
		return sim.RefusedBy(0, script.ErrNoLeader)
	case c.r.config.role(to) != sim.Follower:
		return refused("%s has no vote and can't lead", c.r.member(to).name)
	case l.paused:
		return refused("the leader %s is paused", l.name)
	}
	if l.id == to {
		return nil
	}
	c.r.awaitHandOver(to, c.r.errand.begin())
	l.do(func() { l.node.TransferLeader(uint64(to)) })
	return nil
}

// Campaign has a member campaign.
func (c cluster) Campaign(id sim.MemberID) error {
	m := c.r.member(id)
	switch {
	case !m.up || m.paused:
		return refused("%s does not run and can't stand for election", m.name)
	case !m.votes():
		return refused("%s has no vote and can't stand for election", m.name)
	}
	m.do(func() { _ = m.node.Campaign() }) // a refusal shows: nothing happens
	return nil
}

// Put writes a key as one more client.
func (c cluster) Put(key, _ string) error {
	c.r.errand.patient = true
	c.r.load.put(key, c.r.errand.begin())
	return nil
}

// handOver is a transfer of the leadership under way.
type handOver struct {
	to   sim.MemberID
	done func(error)
}

// awaitHandOver gives the member two election timeouts to lead, as the client of the etcd
// engine does: raft gives a transfer up after one.
func (r *run) awaitHandOver(to sim.MemberID, done func(error)) {
	h := &handOver{to, done}
	r.handOvers = append(r.handOvers, h)
	within := 2 * r.s.Cluster.Election.Lo
	r.after(within, func() {
		if slices.Contains(r.handOvers, h) && !r.over {
			r.handedOver(h, fmt.Errorf("%s did not lead within %s", r.member(to).name, sim.FormatDuration(within)))
		}
	})
}

func (r *run) handedOver(h *handOver, err error) {
	r.handOvers = slices.DeleteFunc(r.handOvers, func(o *handOver) bool { return o == h })
	h.done(err)
}

// leads ends the transfers to a member that leads now.
func (r *run) leads(m sim.MemberID) {
	for _, h := range slices.Clone(r.handOvers) {
		if h.to == m {
			r.handedOver(h, nil)
		}
	}
}

// errFuture and errCompacted are etcd's words.
var (
	errFuture    = errors.New("etcdserver: mvcc: required revision is a future revision")
	errCompacted = errors.New("etcdserver: mvcc: required revision has been compacted")
)

// Compact drops the store's old revisions: an entry in the log, as in etcd. It is
// tried again while no leader takes it.
func (c cluster) Compact(rev int64) error {
	c.r.tryCompact(uint64(rev), c.r.errand.begin())
	return nil
}

// tryCompact proposes a compaction until a leader has taken or refused it.
func (r *run) tryCompact(rev uint64, done func(error)) {
	taken, err := r.compact(rev, done)
	if !taken && err == nil {
		r.after(sim.RetryEvery, func() {
			if !r.over {
				r.tryCompact(rev, done)
			}
		})
		return
	}
	if err != nil {
		done(err)
	}
}

// compaction is one that a leader has taken into its log.
type compaction struct {
	rev, term uint64
	done      func(error)
}

// errLost is what becomes of a proposal in the log of a leader whom others overruled.
var errLost = errors.New("the leader that had taken it was deposed, and its entry was lost")

// compacted ends the compactions up to a revision, when the first member has made them.
func (r *run) compacted(rev uint64) {
	r.endCompactions(func(c *compaction) bool { return c.rev <= rev }, nil)
}

func (r *run) endCompactions(which func(*compaction) bool, err error) {
	for _, c := range slices.Clone(r.compactions) {
		if which(c) {
			r.compactions = slices.DeleteFunc(r.compactions, func(o *compaction) bool { return o == c })
			c.done(err)
		}
	}
}

// refused is an error of what the cluster was in no state for.
func refused(format string, args ...any) error { return sim.RefusedBy(0, fmt.Errorf(format, args...)) }

// compact asks the leader to compact up to a revision, or up to its newest one (0). done hears of
// the end, if it is taken.
func (r *run) compact(rev uint64, done func(error)) (taken bool, err error) {
	l := r.leader()
	if l == nil || l.paused {
		return false, nil
	}
	if rev == 0 {
		rev = l.store.revision
	}
	switch {
	case rev > l.store.revision:
		return false, sim.RefusedBy(l.id, errFuture)
	case rev <= l.store.compacted:
		return false, sim.RefusedBy(l.id, errCompacted)
	}
	l.do(func() {
		term := l.peek.term()
		if taken = l.proposeData(request{kind: reqCompact, compaction: rev}.encode()) == nil; taken {
			r.compactions = append(r.compactions, &compaction{rev, term, done})
		}
	})
	return taken, nil
}
