package plots

import (
	"time"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// state is what a member's process is at a moment.
type state uint8

// The states. Absent: not started yet, or removed from the cluster.
const (
	absent state = iota
	running
	paused
	down
)

func (s state) String() string { return [...]string{"absent", "running", "paused", "down"}[s] }

// stay is a stretch of a member's life in which nothing of it changed.
type stay struct {
	From, To time.Duration
	State    state
	Role     sim.Role // the last one known, also while paused or down
	Term     uint64
	Leader   sim.MemberID // the member that it takes for the leader; 0: it knows none
}

// leads reports whether the member leads during the stay, in its own view.
func (s stay) leads() bool { return s.State == running && s.Role == sim.Leader }

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
func (ls lifeReader) until(end time.Duration) [][]stay {
	out := make([][]stay, len(ls))
	for i := range ls {
		out[i] = ls[i].until(end)
	}
	return out
}

// life is a member's life as far as it was read.
type life struct {
	stays   []stay
	now     stay
	removed bool // its process is gone for good when it next goes down
}

func (l *life) take(e *sim.Event) {
	next := l.now
	switch e.Kind {
	case sim.KindMembership:
		l.removed = e.Role == sim.RoleNone
	case sim.KindState:
		next.Role, next.Term, next.Leader = e.Role, e.Term, e.Peer
		if next.State == absent {
			next.State = running
		}
	case sim.KindStarted, sim.KindResumed:
		next.State = running
	case sim.KindPaused:
		next.State = paused
	case sim.KindCrashed, sim.KindPanicked:
		next.State = down
		if l.removed {
			next.State = absent
		}
	}
	if e.Kind == sim.KindStarted && l.now.State != running { // nothing of its role outlives a process
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

func (l *life) until(end time.Duration) []stay {
	l.close(end)
	return l.stays
}

// lookOf is the look of a stay in a member's life.
func lookOf(s stay) chart.Look {
	switch s.State {
	case absent:
		return chart.Look{}
	case down:
		return chart.Look{Fill: chart.Paper, Hatch: chart.Crossed, Over: chart.Muted, Text: chart.Ink}
	case paused:
		return chart.Look{Fill: chart.Purple.Veil(0.35), Hatch: chart.Upright, Over: chart.Purple, Text: chart.Ink}
	}
	switch s.Role {
	case sim.Leader:
		return chart.Look{Fill: chart.Blue, Text: chart.OnDark}
	case sim.Candidate:
		return chart.Look{Fill: chart.Orange, Hatch: chart.Rising, Over: chart.OnLight, Text: chart.OnLight}
	case sim.PreCandidate:
		return chart.Look{Fill: chart.Yellow, Hatch: chart.Falling, Over: chart.OnLight, Text: chart.OnLight}
	case sim.Learner:
		return chart.Look{Fill: chart.SkyBlue.Veil(0.45), Hatch: chart.Level, Over: chart.SkyBlue, Text: chart.Ink}
	}
	return chart.Look{Fill: chart.Pale, Text: chart.Ink}
}
