package raftsim

import (
	"errors"
	"fmt"

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
func (c cluster) SetLoad(rate int) { c.r.load.setRate(rate) }

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
	case m.removed:
		return fmt.Errorf("%s was removed from the cluster and can't start", m.name)
	case m.disk.state.Full:
		return fmt.Errorf("%s can't start: no space left on device", m.name)
	case !m.started && c.r.config.role(m.id) == sim.RoleNone:
		return fmt.Errorf("%s is not part of the cluster", m.name)
	}
	m.restart()
	return nil
}

// Pause stops a process where it stands.
func (c cluster) Pause(id sim.MemberID) error {
	m := c.r.member(id)
	if !m.up {
		return fmt.Errorf("%s is down and can't be paused", m.name)
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
		return fmt.Errorf("%s is up: its disk can't be wiped", m.name)
	}
	m.disk.wipe()
	return nil
}

// MoveLeader begins a transfer of the leadership.
func (c cluster) MoveLeader(to sim.MemberID) error {
	l := c.r.leader()
	switch {
	case l == nil:
		return script.ErrNoLeader
	case c.r.config.role(to) != sim.Follower:
		return fmt.Errorf("%s has no vote and can't lead", c.r.member(to).name)
	case l.paused:
		return fmt.Errorf("the leader %s is paused", l.name)
	}
	l.do(func() { l.node.TransferLeader(uint64(to)) })
	return nil
}

// Campaign has a member campaign.
func (c cluster) Campaign(id sim.MemberID) error {
	m := c.r.member(id)
	switch {
	case !m.up || m.paused:
		return fmt.Errorf("%s does not run and can't stand for election", m.name)
	case !m.votes():
		return fmt.Errorf("%s has no vote and can't stand for election", m.name)
	}
	m.do(func() { _ = m.node.Campaign() }) // a refusal shows: nothing happens
	return nil
}

// Put writes a key as one more client.
func (c cluster) Put(key, _ string) error {
	c.r.load.put(key)
	return nil
}

// errFuture and errCompacted are etcd's words.
var (
	errFuture    = errors.New("required revision is a future revision")
	errCompacted = errors.New("required revision has been compacted")
)

// Compact drops the store's old revisions: an entry in the log, as in etcd. It is
// tried again while no leader takes it.
func (c cluster) Compact(rev int64) error {
	taken, err := c.r.compact(uint64(rev))
	if !taken && err == nil {
		c.r.after(sim.RetryEvery, func() {
			if c.r.over {
				return
			}
			if err := c.Compact(rev); err != nil {
				c.r.note(0, fmt.Sprintf("compact %d: %v", rev, err))
			}
		})
	}
	return err
}

// compact asks the leader to compact up to a revision, or up to its newest one (0).
func (r *run) compact(rev uint64) (taken bool, err error) {
	l := r.leader()
	if l == nil || l.paused {
		return false, nil
	}
	if rev == 0 {
		rev = l.store.revision
	}
	switch {
	case rev > l.store.revision:
		return false, errFuture
	case rev <= l.store.compacted:
		return false, errCompacted
	}
	l.do(func() { taken = l.proposeData(request{kind: reqCompact, compaction: rev}.encode()) == nil })
	return taken, nil
}
