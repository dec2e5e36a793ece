package cluster

import (
	"fmt"
	"reflect"
	"sync"

	"go.etcd.io/etcd/server/v3/etcdserver"
)

// Pause stops the member as SIGSTOP does, which a process of its own really gets: it does not tick,
// nothing leaves it, and what is sent to it waits. Errors: ErrDown if the member does not run or is only
// starting, and that of a platform that can't stop processes.
func (m *Member) Pause() error {
	m.freezing.Lock()
	defer m.freezing.Unlock()
	p, l := m.running(), m.current()
	if p == nil || l == nil || p != l.proc {
		return fmt.Errorf("%s: %w", m.Name, ErrDown)
	}
	if l.frozen {
		return nil
	}
	l.frozen = true
	m.cluster.hold(m, true)
	m.clients.Hold()
	if err := p.pause(); err != nil {
		m.release(l)
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	return nil
}

// Resume lets the member go on. It does nothing if the member is not paused.
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
	l.proc.resume()
	m.release(l)
}

// release lets what waits for a paused member go on its way.
func (m *Member) release(l *life) {
	l.frozen = false
	m.cluster.hold(m, false)
	m.clients.Release()
}

// tickLock is the lock that etcd's raft loop takes for each tick. A test holds the field's name.
func tickLock(s *etcdserver.EtcdServer) *sync.RWMutex {
	return hidden(reflect.ValueOf(s).Elem(), "r", "tickMu").Interface().(*sync.RWMutex)
}
