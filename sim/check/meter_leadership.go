package check

import (
	"time"

	"quorumlab/sim"
)

// leadershipMeter folds a run as it goes, until a value of its leaderships is known. It
// takes one step a change of the view, and keeps nothing of the trace.
type leadershipMeter struct {
	fold leadershipFold
	run  time.Duration // the run's length; 0: not known
	// known is the value, once there is one.
	known func(l *leadership) (time.Duration, bool)
}

// newFailoverMeter is done when the first failover is complete.
func newFailoverMeter(s *sim.Scenario) sim.Meter {
	return newLeadershipMeter(s, func(l *leadership) (time.Duration, bool) {
		if len(l.failovers) == 0 {
			return 0, false
		}
		return l.failovers[0].known - l.failovers[0].lost, true
	})
}

// newFirstLeaderMeter is done when a member can lead.
func newFirstLeaderMeter(s *sim.Scenario) sim.Meter {
	return newLeadershipMeter(s, func(l *leadership) (time.Duration, bool) { return l.firstAt, l.firstSeq > 0 })
}

func newLeadershipMeter(s *sim.Scenario, known func(l *leadership) (time.Duration, bool)) sim.Meter {
	t := &sim.Trace{Header: sim.Header{Scenario: *s, Members: memberNames(s)}}
	return &leadershipMeter{leadershipFold{view: newView(t), leadership: &leadership{}}, s.Run, known}
}

func memberNames(s *sim.Scenario) (names []string) {
	for _, m := range s.Members() {
		names = append(names, m.Name)
	}
	return names
}

// Kinds are those that can change who leads.
func (*leadershipMeter) Kinds() sim.KindSet { return viewKinds }

// Observe takes the next event of the run. What comes after its length is no longer measured.
func (m *leadershipMeter) Observe(e *sim.Event) {
	if within := m.run == 0 || e.At <= m.run; within && !m.Done() && m.fold.view.apply(e) {
		m.fold.next(e)
	}
}

// Done reports whether the value is known.
func (m *leadershipMeter) Done() bool {
	_, ok := m.known(m.fold.leadership)
	return ok
}

// Value is the measure's.
func (m *leadershipMeter) Value() (float64, bool) {
	d, ok := m.known(m.fold.leadership)
	if !ok {
		return 0, false
	}
	return millis(d)
}
