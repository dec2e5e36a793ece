package whatetcdis

import (
	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// three are three members in processes of their own, as they would run on three machines.
func three() cluster.Options {
	o := lessons.Brisk(3)
	o.Processes = sim.ProcessOwn
	return o
}

// leaderOf is the member that believes that it leads; 0: none does.
func leaderOf(c *cluster.Real) sim.MemberID {
	if m := c.Leader(); m != nil {
		return m.ID
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
