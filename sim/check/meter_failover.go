package check

import (
	"time"

	"quorumlab/sim"
)

// failoverMeter folds a run as it goes, until the first failover is complete. It
// takes one step a change of the view, and keeps nothing of the trace.
type failoverMeter struct {
	fold leadershipFold
	run  time.Duration // the run's length; 0: not known
}

func newFailoverMeter(s *sim.Scenario) sim.Meter {
	t := &sim.Trace{Header: sim.Header{Scenario: *s, Members: memberNames(s)}}
	return &failoverMeter{leadershipFold{view: newView(t), leadership: &leadership{}}, s.Run}
}

func memberNames(s *sim.Scenario) (names []string) {
	for _, m := range s.Members() {
		names = append(names, m.Name)
	}
	return names
}

// Kinds are those that can change who leads.
func (*failoverMeter) Kinds() sim.KindSet { return viewKinds }

// Observe takes the next event of the run. What comes after its length is no longer measured.
func (f *failoverMeter) Observe(e *sim.Event) {
	if within := f.run == 0 || e.At <= f.run; within && !f.Done() && f.fold.view.apply(e) {
		f.fold.next(e)
	}
}

// Done reports whether a lost leader has been replaced.
func (f *failoverMeter) Done() bool { return len(f.fold.failovers) > 0 }

// Value is the failover.
func (f *failoverMeter) Value() (float64, bool) {
	if !f.Done() {
		return 0, false
	}
	first := f.fold.failovers[0]
	return millis(first.known - first.lost)
}
