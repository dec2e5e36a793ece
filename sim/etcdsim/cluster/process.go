package cluster

import (
	"context"
	"errors"
	"fmt"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// process runs etcd once for a member, in this process (embedded) or in one of its own. Its methods
// are safe for concurrent use, but boot, kill and wait come in this order.
type process interface {
	// boot returns when etcd listens; entrance is called before it speaks to anybody. The error is
	// etcd's own. It may be called again after an error.
	boot(s settings, entrance func() bool) error
	// addrs are where etcd listens ("host:port"), after boot.
	addrs() (peers, clients string)
	// ready is closed once etcd answers clients, after boot.
	ready() <-chan struct{}
	// stopped is closed when etcd stopped because it was removed or was asked to leave, after boot.
	stopped() <-chan struct{}

	// status is what it says of itself; while it is paused, what it said last.
	status() Status
	// campaign makes it stand for election at once.
	campaign(ctx context.Context) error
	// hash is that of its whole store.
	hash(ctx context.Context) (Hash, error)

	// setDisk makes its disk as bad as that, but for Lying.
	setDisk(d sim.DiskState)
	// hold keeps what its disk holds as it is until release is called. What was synced is in the
	// files then, and at most a torn record behind it.
	hold(ctx context.Context) (release func(), err error)
	// pause stops it where it stands; resume lets it go on.
	pause() error
	resume()

	// leave ends etcd as SIGTERM does, and returns when its files are closed; kill must follow.
	// Errors: ErrDown, errPaused, and ctx.
	leave(ctx context.Context) error
	// kill ends it for all who could notice, at any time and without waiting.
	kill()
	// wait returns when nothing of it is left. Errors are those of cleaning up.
	wait() error
}

// reports are what a process tells of itself, from goroutines of its own. They must not block.
type reports struct {
	fact func(memberlog.LogFact)
	died func(why string) // it ended, with etcd's words
}

// Status is what a member reports of itself. Members are named by etcd's ids.
type Status struct {
	ID, Lead, Term     uint64 // Lead is 0 if it knows no leader
	Applied, Committed uint64 // indexes of the log
}

// Leads reports whether the member believes that it leads.
func (s Status) Leads() bool { return s.Lead != 0 && s.Lead == s.ID }

// Hash is the hash of a member's store, as etcd's HashKV computes it at the newest revision.
type Hash struct {
	Applied  uint64 // the index up to which the store has applied the log
	Revision int64
	Hash     uint32
}

var errStoreChanged = errors.New("the store changed while it was hashed")

// process waits for the start and returns what runs. Errors: ErrDown, etcd's own, and ctx.
func (m *Member) process(ctx context.Context) (process, error) {
	l := m.current()
	if l == nil {
		return nil, fmt.Errorf("%s: %w", m.Name, ErrDown)
	}
	select {
	case <-l.started:
		return l.proc, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Started waits until the member's etcd listens; Ready waits for more. Errors: why it went down, which may be before
// anybody asked, or ErrDown; and ctx's.
func (m *Member) Started(ctx context.Context) error {
	_, err := m.process(ctx)
	if !errors.Is(err, ErrDown) {
		return err
	}
	if why := m.diedOf(); why != "" {
		return errors.New(why)
	}
	return err
}

// diedOf is why the member's last life ended by itself; empty: it lives, or was ended.
func (m *Member) diedOf() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life != nil || m.last == nil {
		return ""
	}
	return m.last.why
}

// running is the process if it has started, or nil.
func (m *Member) running() process {
	l := m.current()
	if l == nil {
		return nil
	}
	select {
	case <-l.started:
		if l.err == nil {
			return l.proc
		}
	default:
	}
	return nil
}

// Status is what the member reports of itself; false while it is down or has not started yet. A paused
// member's status is the last one before the pause.
func (m *Member) Status() (Status, bool) {
	p := m.running()
	if p == nil {
		return Status{}, false
	}
	return p.status(), true
}

// Answers reports whether the member's etcd has begun to answer clients.
func (m *Member) Answers() bool {
	p := m.running()
	if p == nil {
		return false
	}
	select {
	case <-p.ready():
		return true
	default:
		return false
	}
}

// Hash is the hash of the member's whole store at one moment. Errors: ErrDown if it does not run or has
// not started, that the store changed meanwhile, and ctx's.
func (m *Member) Hash(ctx context.Context) (Hash, error) {
	p := m.running()
	if p == nil {
		return Hash{}, fmt.Errorf("%s: %w", m.Name, ErrDown)
	}
	return p.hash(ctx)
}
