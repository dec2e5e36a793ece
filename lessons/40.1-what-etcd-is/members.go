package whatetcdis

import (
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// three are three members in processes of their own, as they would run on three machines.
func three() cluster.Options {
	return cluster.Options{
		Names:     []string{"n1", "n2", "n3"},
		Processes: sim.ProcessOwn,
		Heartbeat: 50 * time.Millisecond, Election: 500 * time.Millisecond,
	}
}

// leaderOf is the member that believes that it leads; 0: none does.
func leaderOf(c *cluster.Real) sim.MemberID {
	for _, m := range c.Members() {
		if s, ok := m.Status(); ok && s.Leads() {
			return m.ID
		}
	}
	return 0
}

// others are the members but one.
func others(c *cluster.Real, not sim.MemberID) (ids []sim.MemberID) {
	for _, m := range c.Members() {
		if m.ID != not {
			ids = append(ids, m.ID)
		}
	}
	return ids
}
