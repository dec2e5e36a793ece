package etcdsim

import (
	"context"
	"fmt"
	"slices"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// powers is a run as the statements see it (sim.Cluster).
type powers struct{ r *run }

var _ sim.Cluster = powers{}

// Members lists those that the newest applied configuration names.
func (p powers) Members() (out []sim.MemberStatus) {
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	for i, v := range p.r.views {
		id := sim.MemberID(i + 1)
		if role, in := p.r.config[id]; in {
			out = append(out, sim.MemberStatus{ID: id, Up: v.up, Learner: role == sim.Learner})
		}
	}
	return out
}

// Leader leads in the highest term and is up.
func (p powers) Leader() sim.MemberID {
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	return p.r.leader()
}

// SetLink changes the faults of a link.
func (p powers) SetLink(from, to sim.MemberID, s sim.LinkState) {
	p.r.cluster.SetLink(from, to, s)
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	v := p.r.view(from)
	was := v.cut[to]
	v.cut[to] = s.Cut
	if s.Cut && !was {
		p.r.add(sim.Event{Kind: sim.KindLinkCut, Member: from, Peer: to})
	}
	if was && !s.Cut {
		p.r.add(sim.Event{Kind: sim.KindLinkMended, Member: from, Peer: to})
	}
}

// SetDisk changes the faults of a disk.
func (p powers) SetDisk(id sim.MemberID, s sim.DiskState) {
	m := p.r.cluster.Member(id)
	status, _ := m.Status()
	if err := m.SetDisk(s); err != nil {
		p.r.errand.begin()(fmt.Errorf("the disk of %s: %w", m.Name, err))
	}
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	v := p.r.view(id)
	if s.Lying && !v.disk.Lying {
		v.kept = status.Committed
	}
	v.disk = s
}

// SetDrift does nothing: Refuse has seen to it that no statement asks for it.
func (powers) SetDrift(sim.MemberID, sim.Share) {}

// SetLoad changes the load.
func (p powers) SetLoad(pace sim.Pace) { p.r.load.setPace(pace) }

// Crash kills a process.
func (p powers) Crash(id sim.MemberID) error {
	p.r.mu.Lock()
	up := p.r.view(id).up
	if up {
		p.r.gone(id, sim.KindCrashed, "")
	}
	p.r.mu.Unlock()
	if up {
		p.r.cluster.Member(id).Crash()
	}
	return nil
}

// Start starts a process.
func (p powers) Start(id sim.MemberID) error {
	r, m := p.r, p.r.cluster.Member(id)
	r.mu.Lock()
	v, role := *r.view(id), r.config[id]
	r.mu.Unlock()
	switch {
	case v.up:
		return nil
	case role == sim.RoleNone && !v.ran:
		return refused("%s is not part of the cluster and can't start", m.Name)
	case v.disk.Full:
		return refused("%s can't start: no space left on device", m.Name)
	}
	r.started(id)
	return m.Start()
}

// startTimeout is how long a fault waits for a member that is just starting.
const startTimeout = 2 * time.Second

// Pause stops a process. One that is only starting is given a moment.
func (p powers) Pause(id sim.MemberID) error {
	p.r.mu.Lock()
	v := *p.r.view(id)
	p.r.mu.Unlock()
	m := p.r.cluster.Member(id)
	switch {
	case !v.up:
		return refused("%s is down and can't be paused", m.Name)
	case v.paused:
		return nil
	}
	ctx, cancel := context.WithTimeout(p.r.ctx, startTimeout)
	defer cancel()
	if err := m.Started(ctx); err != nil {
		return refused("%s has not started and can't be paused: %w", m.Name, err)
	}
	if err := m.Pause(); err != nil {
		return err
	}
	p.r.setPaused(id, true)
	return nil
}

// Resume lets a process go on.
func (p powers) Resume(id sim.MemberID) error {
	p.r.mu.Lock()
	v := *p.r.view(id)
	p.r.mu.Unlock()
	if v.up && v.paused {
		p.r.setPaused(id, false)
		p.r.cluster.Member(id).Resume()
	}
	return nil
}

func (r *run) setPaused(id sim.MemberID, on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.view(id).paused = on
	kind := sim.KindResumed
	if on {
		kind = sim.KindPaused
	}
	r.add(sim.Event{Kind: kind, Member: id})
}

// Wipe empties a disk.
func (p powers) Wipe(id sim.MemberID) error { return p.r.cluster.Member(id).Wipe() }

// Change queues changes of the membership.
func (p powers) Change(cs []sim.MemberChange, retry bool) error {
	c := &change{todo: cs, retry: retry, errand: p.r.errand}
	for range cs {
		c.done = append(c.done, p.r.errand.begin())
	}
	select {
	case p.r.changes <- c:
		return nil
	default:
		for _, done := range c.done {
			done(nil)
		}
		return refused("%d membership changes are already waiting", changesInLine)
	}
}

// MoveLeader starts a leadership transfer.
func (p powers) MoveLeader(to sim.MemberID) error {
	p.r.mu.Lock()
	leader, role := p.r.leader(), p.r.config[to]
	paused := leader != 0 && p.r.view(leader).paused
	p.r.mu.Unlock()
	switch {
	case leader == 0:
		return sim.RefusedBy(0, script.ErrNoLeader)
	case role != sim.Follower:
		return refused("%s has no vote and can't lead", p.r.scenario().MemberName(to))
	case paused:
		return refused("the leader %s is paused", p.r.scenario().MemberName(leader))
	case leader == to:
		return nil
	}
	done := p.r.errand.begin()
	p.r.work.Go(func() {
		ctx, cancel := context.WithTimeout(p.r.ctx, 2*p.r.s.Cluster.Election.Lo)
		defer cancel()
		done(said(leader, p.r.cluster.MoveLeader(ctx, p.r.load.conn(leader).Client, to)))
	})
	return nil
}

// Put writes a key as one more client.
func (p powers) Put(key, text string) error {
	p.r.load.put(key, text, p.r.errand.begin())
	return nil
}

// askTimeout is how long one question about the membership or the store may take.
const askTimeout = 2 * time.Second

// withLeader asks the leader, and again until it agrees, says a word that is final, or the
// run is over: at first after RetryEvery, and then less and less often, as etcd may refuse for
// seconds.
func (r *run) withLeader(ask func(context.Context, *clientv3.Client) error, final ...func(error) bool) error {
	return r.askLeader(askTimeout, ask, final...)
}

// askLeader is withLeader for questions that take as long as timeout.
func (r *run) askLeader(timeout time.Duration, ask func(context.Context, *clientv3.Client) error,
	final ...func(error) bool) error {
	err := script.ErrNoLeader
	for pause := sim.RetryEvery; ; pause = min(2*pause, 20*sim.RetryEvery) {
		if r.isOver() || r.ctx.Err() != nil {
			return sim.Unfinished(fmt.Errorf("%w: %w", sim.ErrRunEnded, err))
		}
		if l := (powers{r}).Leader(); l != 0 {
			ctx, cancel := context.WithTimeout(r.ctx, timeout)
			err = ask(ctx, r.load.conn(l).Client)
			cancel()
			if err == nil || slices.ContainsFunc(final, func(is func(error) bool) bool { return is(err) }) {
				return said(l, err)
			}
		}
		select {
		case <-time.After(pause):
		case <-r.ctx.Done():
		}
	}
}
