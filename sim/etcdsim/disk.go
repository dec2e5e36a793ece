package etcdsim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/etcd/server/v3/etcdserver"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/diskfault"
)

// SetDisk sets everything that is wrong with the member's disk. Setting Lying copies the member's
// data, which takes some milliseconds during which its disk stands still. Errors are those of the
// copy.
func (m *Member) SetDisk(s sim.DiskState) error {
	m.disk.Slow(m.law(s.Slow))
	m.fill(s.Full)
	err := m.lie(s.Lying)
	if s.Stalled {
		m.disk.Stall()
	} else {
		m.disk.Unstall()
	}
	return err
}

// law draws from l by the member's own stream.
func (m *Member) law(l sim.Law) diskfault.Law {
	if l.IsZero() {
		return nil
	}
	random := sim.Stream(m.cluster.opt.Seed, fmt.Sprint("disk ", m.ID))
	var mu sync.Mutex
	return func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return l.Draw(random)
	}
}

// delay is the sum of two laws.
func delay(a, b sim.Law) func(*rand.Rand) time.Duration {
	return func(r *rand.Rand) time.Duration { return a.Draw(r) + b.Draw(r) }
}

// fill makes the disk full: the member's next write fails, which etcd does not survive. The write is
// held back instead of failed, since no file system is in between, and etcd's message is given.
func (m *Member) fill(full bool) {
	m.mu.Lock()
	m.full = full
	m.mu.Unlock()
	if !full {
		m.disk.Break(nil)
		return
	}
	m.disk.Break(func() {
		if l := m.current(); l != nil {
			m.die(l, m.diskFull("write"))
		}
		m.disk.Unstall()
	})
}

func (m *Member) diskFull(call string) string {
	return fmt.Sprintf("failed to save Raft hard state and entries: %s %s: no space left on device",
		call, filepath.Join(m.Name, "member", "wal"))
}

// startTimeout is how long a fault waits for a member that is just starting.
const startTimeout = 2 * time.Second

// lie keeps or forgets an image of what the disk really holds.
func (m *Member) lie(lying bool) error {
	m.mu.Lock()
	was := m.lying
	m.lying = lying
	m.mu.Unlock()
	if lying == was {
		return nil
	}
	m.settle()
	if !lying {
		return os.RemoveAll(m.image())
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	s, err := m.server(ctx)
	if err != nil {
		return nil // it is down: the next start takes the image
	}
	m.disk.Stall()
	return m.copyRunning(s)
}

// PowerCut stops the member as a loss of power would: what was not yet synced to its disk is gone,
// also if the system had taken it. The disk comes back as it is. Errors: ErrDown, and those of
// copying the data; after an error the member has crashed without loss.
func (m *Member) PowerCut(ctx context.Context) error {
	s, err := m.server(ctx)
	if err != nil {
		return err
	}
	l := m.current()
	if l == nil {
		return fmt.Errorf("%s: %w", m.Name, ErrDown)
	}
	m.disk.Stall()
	defer m.disk.Unstall()
	m.peers.Shut()
	m.clients.Shut()
	if err = m.copyRunning(s); err == nil {
		m.mu.Lock()
		l.restore = l.restore || m.life == l
		m.mu.Unlock()
	}
	m.end(l)
	return err
}

// copyRunning takes the image of a member whose disk is stalled: once no commit of the database is
// under way, its files hold what was synced, and at most a torn record behind it.
func (m *Member) copyRunning(s *etcdserver.EtcdServer) error {
	tx := s.Backend().BatchTx()
	locked, copied := make(chan struct{}), make(chan struct{})
	defer close(copied)
	m.cluster.work.Go(func() {
		tx.LockOutsideApply()
		close(locked)
		<-copied
		tx.Unlock()
	})
	select {
	case <-locked: // no commit is under way
	case <-m.disk.Parked(): // the one that was is done
	}
	return m.takeImage()
}

func (m *Member) takeImage() error {
	if err := os.RemoveAll(m.image()); err != nil {
		return err
	}
	return diskfault.Image(m.image(), m.data())
}

// fallBack puts the image in the place of the data, at the end of a life that lost it.
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
	lying, stale := m.lying, m.stale
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

// Wipe empties the disk of a member that is down: it starts again with nothing, as a member that the
// cluster knows. The error says that it is up, or is the system's.
func (m *Member) Wipe() error {
	if m.Up() {
		return fmt.Errorf("%s is up; only the disk of a member that is down can be emptied", m.Name)
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

// settle waits until a member that crashed is taken down and has left its data as they are. It does
// nothing while the member is up.
func (m *Member) settle() {
	m.mu.Lock()
	up, last := m.life != nil, m.last
	m.mu.Unlock()
	if !up && last != nil {
		<-last.over
	}
}
