package plots

import (
	"time"

	"quorumlab/sim"
)

// State is what a member's process is at a moment.
type State uint8

// The states. Absent: not started yet, or removed from the cluster.
const (
	Absent State = iota
	Running
	Paused
	Down
)

func (s State) String() string { return [...]string{"absent", "running", "paused", "down"}[s] }

// Stay is a stretch of a member's life in which nothing of it changed.
type Stay struct {
	From, To time.Duration
	State    State
	Role     sim.Role // the last one known, also while paused or down
	Term     uint64
	Leader   sim.MemberID // whom it takes for the leader; 0: it knows none
}

// Leads tells whether the member leads during the stay, in its own eyes.
func (s Stay) Leads() bool { return s.State == Running && s.Role == sim.Leader }

type lifeReader []life

func newLifeReader(members int) lifeReader { return make(lifeReader, members) }

func (ls lifeReader) take(e *sim.Event) {
	m := e.Member
	if e.Kind == sim.KindMembership {
		m = e.Peer
	}
	if m > 0 && int(m) <= len(ls) {
		ls[m-1].take(e)
	}
}

// until is every member's stays, without gaps from 0 to the end.
func (ls lifeReader) until(end time.Duration) [][]Stay {
	out := make([][]Stay, len(ls))
	for i := range ls {
		out[i] = ls[i].until(end)
	}
	return out
}

// life is a member's life as far as it was read.
type life struct {
	stays   []Stay
	now     Stay
	removed bool // its process is gone for good when it next goes down
}

func (l *life) take(e *sim.Event) {
	next := l.now
	switch e.Kind {
	case sim.KindMembership:
		l.removed = e.Role == sim.RoleNone
	case sim.KindState:
		next.Role, next.Term, next.Leader = e.Role, e.Term, e.Peer
		if next.State == Absent {
			next.State = Running
		}
	case sim.KindStarted, sim.KindResumed:
		next.State = Running
	case sim.KindPaused:
		next.State = Paused
	case sim.KindCrashed, sim.KindPanicked:
		next.State = Down
		if l.removed {
			next.State = Absent
		}
	}
	if e.Kind == sim.KindStarted && l.now.State != Running { // nothing of its role outlives a process
		next.Role, next.Leader, l.removed = sim.Follower, 0, false
		if l.now.Role == sim.Learner {
			next.Role = sim.Learner
		}
	}
	if next != l.now {
		l.close(e.At)
		l.now = next
		l.now.From = e.At
	}
}

// close ends the stay of now, and forgets it if it took no time.
func (l *life) close(at time.Duration) {
	l.now.To = at
	if l.now.To > l.now.From {
		l.stays = append(l.stays, l.now)
	}
	l.now.To = 0
}

func (l *life) until(end time.Duration) []Stay {
	l.close(end)
	return l.stays
}

// lookOf is the look of a stay in a member's life.
func lookOf(s Stay) look {
	switch s.State {
	case Absent:
		return look{}
	case Down:
		return look{fill: paper, hatch: crossed, over: muted, text: ink}
	case Paused:
		return look{fill: purple.veil(0.35), hatch: upright, over: purple, text: ink}
	}
	switch s.Role {
	case sim.Leader:
		return look{fill: blue, text: onDark}
	case sim.Candidate:
		return look{fill: orange, hatch: rising, over: onLight, text: onLight}
	case sim.PreCandidate:
		return look{fill: yellow, hatch: falling, over: onLight, text: onLight}
	case sim.Learner:
		return look{fill: skyBlue.veil(0.45), hatch: level, over: skyBlue, text: ink}
	}
	return look{fill: pale, text: ink}
}
