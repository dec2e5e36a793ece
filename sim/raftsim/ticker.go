package raftsim

import (
	"math/bits"
	"time"

	"quorumlab/sim"
)

// ticker is a member's clock as raft sees it: a Go time.Ticker, which keeps its
// rhythm and holds one tick at most for a process that does not look.
//
// Most ticks change nothing but a counter. So they are not events: before a member
// does anything the ticks that have gone by are counted in, and one wake is queued
// for the next tick that can have an effect. Too early a wake does no harm; the
// tests hold the result equal, event for event, to ticking one by one.
type ticker struct {
	start  time.Duration // of the rhythm
	period time.Duration
	gone   int64 // ticks since start that were given to raft or lost
	given  int64 // ticks that raft has had
	wake   int64 // the value of given for which a wake is queued, or 0
	wakeID uint64
}

// began sets a new rhythm whose first tick comes a period after at.
func (t *ticker) began(at, period time.Duration) {
	*t = ticker{start: at, period: period, wakeID: t.wakeID}
}

// due is how many ticks have gone by that raft has not had.
func (t *ticker) due(now time.Duration) int64 { return int64((now-t.start)/t.period) - t.gone }

// frozen reports whether the member does not look at its clock: its process is
// stopped, or, in etcd's loop, it waits for its disk.
func (m *member) frozen() bool { return m.paused || m.writing != nil }

// catchUp gives raft the ticks that have gone by, in one step: only the last of
// them can have an effect, or a wake would have come before.
func (m *member) catchUp() {
	if m.frozen() {
		return
	}
	if k := m.ticker.due(m.r.now); k > 0 {
		m.ticker.gone += k
		m.tick(k)
	}
}

// thaw is the end of a freeze. Of all the ticks that went by the ticker kept one.
func (m *member) thaw() {
	m.ticker.wake = 0
	if k := m.ticker.due(m.r.now); k > 0 {
		m.ticker.gone += k
		m.tick(1)
	}
}

func (m *member) tick(k int64) {
	m.ticker.given += k
	if k > 1 {
		*m.peek.electionElapsed() += int(k - 1)
		if m.peek.leads() {
			*m.peek.heartbeatElapsed() += int(k - 1)
		}
	}
	m.node.Tick()
}

// schedule queues a wake for the next tick that can have an effect.
func (m *member) schedule() {
	if m.frozen() {
		return
	}
	ahead, ok := m.nextEffect()
	if !ok {
		return
	}
	t := &m.ticker
	wake := t.given + max(ahead, 1)
	if t.wake != 0 && t.wake <= wake {
		return
	}
	t.wake = wake
	t.wakeID++
	at := t.start + time.Duration(t.gone+wake-t.given)*t.period
	m.r.queue.pushTick(at, event{kind: doTick, to: m.id, life: m.life, id: t.wakeID})
}

// nextEffect is in how many ticks raft will do something by itself: a heartbeat or
// the look for its quorum of a leader, the campaign of a voter.
func (m *member) nextEffect() (ahead int64, ok bool) {
	elapsed := *m.peek.electionElapsed()
	switch {
	case m.r.engine.everyTick:
		return 1, true
	case m.peek.leads():
		return int64(min(m.beat-*m.peek.heartbeatElapsed(), m.lo-elapsed)), true
	case !m.votes():
		return 0, false
	}
	return int64(m.peek.timeout() - elapsed), true
}

func (m *member) onTick(e *event) {
	if e.life != m.life || e.id != m.ticker.wakeID || m.frozen() {
		return
	}
	m.ticker.wake = 0
	m.do(func() {})
}

// setDrift changes the clock's speed from now on, in the middle of a tick.
func (m *member) setDrift(s sim.Share) {
	m.drift = s
	if !m.up {
		return
	}
	m.do(func() {}) // the ticks until now, at the old speed
	m.ticker.change(m.r.now, m.period())
	if m.up {
		m.schedule()
	}
}

// change goes on with another period: what is left of the tick takes that much
// longer or shorter. Ticks that wait for a frozen member still do.
func (t *ticker) change(now, period time.Duration) {
	waiting := t.due(now)
	if into := now - t.start; into > 0 {
		into = scale(into%t.period, period, t.period)
		t.start = now - into - time.Duration(waiting)*period
	}
	t.period, t.gone, t.wake = period, 0, 0
}

// scale is d x num/den for d < den, without overflow.
func scale(d, num, den time.Duration) time.Duration {
	hi, lo := bits.Mul64(uint64(d), uint64(num))
	q, _ := bits.Div64(hi, lo, uint64(den))
	return time.Duration(q)
}

// period is how long a tick takes by the member's clock.
func (m *member) period() time.Duration {
	whole := int64(sim.Whole)
	return time.Duration(int64(m.tickTime) * whole / (whole + int64(m.drift)))
}

// drawTimeout is what raft gets when it draws an election timeout: how many ticks
// above the shortest one.
func (m *member) drawTimeout() int {
	v := int(sim.Below(m.election, int64(m.hi-m.lo+1)))
	if f := m.r.engine.Timeouts; f != nil {
		if ticks := f(m.id, m.draws); ticks >= m.lo && ticks <= m.hi {
			v = ticks - m.lo
		}
	}
	m.draws++
	return v
}
