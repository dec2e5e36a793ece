package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/diskfault"
)

// SetDisk sets all faults of the member's disk. Setting Lying copies the member's data, which stalls
// its disk for some milliseconds. Errors are those of the
// copy.
//
// A full disk makes the member's next write fail, which etcd does not survive.
func (m *Member) SetDisk(s sim.DiskState) error {
	s.Lying = s.Lying || m.cluster.opt.Flaw == DisksLie
	m.mu.Lock()
	was := m.faults
	m.faults = s
	l := m.life
	m.mu.Unlock()
	if l != nil {
		l.proc.setDisk(s)
	}
	if s.Lying == was.Lying {
		return nil
	}
	return m.lie(s.Lying)
}

// ObserveDisk calls f with the time of each operation of the member's disk, until end is called or
// the member stops. f is called from etcd's own goroutines and must not block. The error says that
// the member does not run in this process.
func (m *Member) ObserveDisk(f func(op diskfault.Op, took time.Duration)) (end func(), err error) {
	e, ok := m.running().(*embedded)
	if !ok {
		return nil, fmt.Errorf("%s does not run in this process", m.Name)
	}
	e.srv.disk.Observe(f)
	return func() { e.srv.disk.Observe(nil) }, nil
}

// delay is the sum of two distributions.
func delay(a, b sim.Distribution) func(*rand.Rand) time.Duration {
	return func(r *rand.Rand) time.Duration { return a.Draw(r) + b.Draw(r) }
}

// startTimeout is how long a fault waits for a member that is just starting.
const startTimeout = 2 * time.Second

// lie keeps or forgets an image of what the disk really holds.
func (m *Member) lie(lying bool) error {
	m.settle()
	if !lying {
		return os.RemoveAll(m.image())
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	p, err := m.process(ctx)
	if err != nil {
		return nil // it is down: the next start takes the image
	}
	release, err := p.hold(ctx)
	if err != nil {
		return nil // so is one that died just now
	}
	defer release()
	return m.takeImage()
}

// PowerCut stops the member as a loss of power would: what was not yet synced to its disk is lost,
// even if the system had accepted it. The disk keeps its faults. Errors: ErrDown, and those of
// copying the data; after an error the member has crashed without loss.
func (m *Member) PowerCut(ctx context.Context) error {
	l := m.current()
	p, err := m.process(ctx)
	if err != nil {
		return err
	}
	release, err := p.hold(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	defer release()
	m.peers.Shut()
	m.clients.Shut()
	if err = m.takeImage(); err == nil {
		m.mu.Lock()
		l.restore = l.restore || m.life == l
		m.mu.Unlock()
	}
	m.end(l)
	return err
}

func (m *Member) takeImage() error {
	if err := os.RemoveAll(m.image()); err != nil {
		return err
	}
	return diskfault.Image(m.image(), m.data())
}

// fallBack replaces the data by the image, at the end of a life that lost it.
func (m *Member) fallBack(l *life) error {
	if !l.restore {
		return nil
	}
	if _, err := os.Stat(m.image()); err != nil {
		return err
	}
	if err := os.RemoveAll(m.data()); err != nil {
		return err
	}
	return os.Rename(m.image(), m.data())
}

// prepareData makes the data fit to be started on.
func (m *Member) prepareData() error {
	m.mu.Lock()
	lying, stale := m.faults.Lying, m.stale
	m.stale = false
	m.mu.Unlock()
	if !lying && !stale {
		return nil
	}
	if err := m.takeImage(); err != nil || lying {
		return err
	}
	// Copies of the files are not locked.
	if err := os.RemoveAll(m.data()); err != nil {
		return err
	}
	return os.Rename(m.image(), m.data())
}

// Wipe empties the disk of a member that is down: it starts again with no data, as a member that the
// cluster knows. The error says that it is running, or is the system's.
func (m *Member) Wipe() error {
	if m.Up() {
		return fmt.Errorf("%s is running; only the disk of a member that is down can be wiped", m.Name)
	}
	m.settle()
	m.mu.Lock()
	m.stale = false
	m.mu.Unlock()
	m.cluster.mu.Lock()
	m.joins = true
	m.cluster.mu.Unlock()
	return os.RemoveAll(m.data())
}

// Settle waits until a crashed member is fully stopped and no longer touches its data. It does nothing
// while the member is up. The error is ctx's.
func (m *Member) Settle(ctx context.Context) error {
	select {
	case <-m.taken():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *Member) settle() { <-m.taken() }

// taken is closed once a member that crashed is taken down; that of one that is up is, too.
func (m *Member) taken() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life == nil && m.last != nil {
		return m.last.over
	}
	done := make(chan struct{})
	close(done)
	return done
}
