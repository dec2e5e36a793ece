package swarm

import (
	"fmt"
	"slices"
	"time"

	"quorumlab/sim"
)

// clients adds, in one of four scenarios, faults that hit clients: pauses, cuts and delays. They have draws of their
// own, so that all else is as it would be without them.
func (d *drawer) clients(begin time.Duration) {
	c := &drawer{Rand: sim.Stream(d.s.Seed, "swarm clients"), s: d.s, unit: d.unit, healed: d.healed, onEtcd: d.onEtcd}
	changes := slices.ContainsFunc(d.s.Workload.Via, func(x sim.Selector) bool {
		return x.By == sim.ByLeader || x.By == sim.ByFollowers
	})
	if d.s.Workload.Clients == 0 || changes || !oneIn(c.Rand, 4) {
		return
	}
	for at := begin; at < d.healed; at += between(c.Rand, ms, 3*d.unit, ms) {
		who := fmt.Sprintf("client c%d", 1+c.below(min(d.s.Workload.Clients, 8)))
		if d.s.Workload.Clients <= 8 {
			who = pick(c.Rand, who, who, "clients")
		}
		c.lasting(at, pick(c.Rand, "pause "+who, "isolate "+who, "cut "+who+" -> "+c.name(), "cut all -> "+who,
			fmt.Sprintf("delay %s -> all %dms", who, 1+c.below(100))))
	}
}
