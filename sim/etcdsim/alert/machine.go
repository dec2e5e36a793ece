package alert

import (
	"time"

	"github.com/prometheus/prometheus/promql"

	"quorumlab/sim"
)

// machine is the state of a rule's alerts, one for each label set that its expression
// gives. A label set that it no longer gives is inactive at once.
type machine map[uint64]standing

// standing is one label set for which a rule's condition is true.
type standing struct {
	since  time.Duration
	state  sim.AlertState
	sample promql.Sample // of the last evaluation
}

// step takes what the expression gives at a moment.
func (m machine) step(at, hold time.Duration, active promql.Vector) {
	holds := make(map[uint64]bool, len(active))
	for _, s := range active {
		id := s.Metric.Hash()
		holds[id] = true
		a, ok := m[id]
		if !ok {
			a = standing{since: at, state: sim.AlertPending}
		}
		if at-a.since >= hold {
			a.state = sim.AlertFiring
		}
		a.sample = s
		m[id] = a
	}
	for id := range m {
		if !holds[id] {
			delete(m, id)
		}
	}
}
