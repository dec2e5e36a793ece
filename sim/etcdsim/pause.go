package etcdsim

import (
	"fmt"
	"reflect"
	"sync"

	"go.etcd.io/etcd/server/v3/etcdserver"
)

// Pause stops the member where it stands, as SIGSTOP does: its raft loop does not tick, nothing
// leaves it, and what is sent to it waits. Its goroutines that do neither run on, unseen. The error
// is ErrDown when the member does not run or is only starting.
//
// The raft loop stops at its next tick, because the lock that it takes there is held.
func (m *Member) Pause() error {
	m.freezing.Lock()
	defer m.freezing.Unlock()
	s, l := m.Server(), m.current()
	if s == nil || l == nil {
		return fmt.Errorf("%s: %w", m.Name, ErrDown)
	}
	if l.frozen {
		return nil
	}
	l.frozen = true
	m.cluster.hold(m, true)
	m.clients.Hold()
	tickLock(s).Lock()
	return nil
}

// Resume lets the member go on. It does nothing when the member is not paused.
func (m *Member) Resume() {
	if l := m.current(); l != nil {
		m.thaw(l)
	}
}

func (m *Member) thaw(l *life) {
	m.freezing.Lock()
	defer m.freezing.Unlock()
	if !l.frozen {
		return
	}
	l.frozen = false
	tickLock(l.etcd.Server).Unlock()
	m.cluster.hold(m, false)
	m.clients.Release()
}

// tickLock is the lock that etcd's raft loop takes for each tick. A test holds the field's name.
func tickLock(s *etcdserver.EtcdServer) *sync.RWMutex {
	return hidden(reflect.ValueOf(s).Elem(), "r", "tickMu").Interface().(*sync.RWMutex)
}
