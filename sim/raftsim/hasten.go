package raftsim

import (
	"time"

	"quorumlab/sim"
)

// How often and how long a member that came back looks for its peers, as etcd's adjustTicks does.
const (
	hastenEvery = 50 * time.Millisecond
	hastenFor   = 5 * time.Second
)

// hasten advances the election clock, as etcd does with the default of
// --initial-election-tick-advance: a member that came back campaigns two ticks later
// if it hears of no leader, once it is connected to two others, and one that is alone has one
// tick to wait. The members that found a cluster wait for the whole timeout, in both engines.
func (m *member) hasten() {
	if m.alone() {
		m.do(func() { m.fastForward(m.lo - 1) })
		return
	}
	back := m.r.now
	var look func()
	look = func() {
		switch {
		case m.connected(back) > 1:
			m.fastForward(m.lo - 2)
		case m.r.now-back < hastenFor:
			m.later(hastenEvery, look)
		}
	}
	m.later(hastenEvery, look)
}

// alone reports whether the member is the only one of its cluster.
func (m *member) alone() bool {
	return len(m.conf.GetVoters())+len(m.conf.GetVotersOutgoing())+len(m.conf.GetLearners()) == 1
}

// connected is how many others the member has had the time to connect to since it came back: one
// round trip for the connection, and one for the stream of messages on it.
func (m *member) connected(back time.Duration) int {
	n := 0
	for _, p := range m.r.members {
		if p == m || !p.up || p.paused || m.r.config.role(p.id) == sim.RoleNone {
			continue
		}
		there, here := m.r.link(m.id, p.id), m.r.link(p.id, m.id)
		if !there.state.Cut && !here.state.Cut && m.r.now-max(back, p.booted) >= 2*(m.r.usual(there)+m.r.usual(here)) {
			n++
		}
	}
	return n
}

// fastForward gives raft more ticks than its clock does. They come one by one, since any of them
// may have an effect.
func (m *member) fastForward(ticks int) {
	for range ticks {
		m.node.Tick()
	}
}
