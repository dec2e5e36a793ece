package raftsim

import (
	"time"

	"quorumlab/sim"
)

// pause stops the process as SIGSTOP does: its clock stands still, what comes in
// waits in its buffers, and a write that the disk has in hand ends anyway.
func (m *member) pause() {
	m.do(func() {}) // the ticks until now
	if !m.up {
		return
	}
	m.paused = true
	m.record(sim.Event{Kind: sim.KindPaused})
}

// resume lets the process continue: with at most one tick of all that went by, and
// then with what waits.
func (m *member) resume() {
	m.paused = false
	m.record(sim.Event{Kind: sim.KindResumed})
	if m.writing == nil {
		m.do(m.thaw)
	}
	for _, e := range m.takeInbox() {
		m.r.happen(&e)
	}
}

// takeInbox empties the buffers of a paused process.
func (m *member) takeInbox() []event {
	inbox := m.inbox
	m.inbox = nil
	for i := range inbox {
		if inbox[i].kind == doDeliver {
			m.r.link(sim.MemberID(inbox[i].msg.GetFrom()), m.id).unread = 0
		}
	}
	return inbox
}

// later lets the process do something some time from now: if it still lives then,
// and as soon as it is not paused.
func (m *member) later(d time.Duration, act func()) {
	life := m.life
	run := func() {
		if m.up && m.life == life {
			m.do(act)
		}
	}
	m.r.after(d, func() {
		if m.paused && m.life == life {
			m.inbox = append(m.inbox, event{kind: doCall, call: run})
			return
		}
		run()
	})
}
