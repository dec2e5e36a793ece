package export

import (
	"slices"
	"strconv"
	"strings"

	"quorumlab/sim"
)

func init() {
	register("partition", counterpart{acts: links, objects: func(c *call) {
		for i, side := range c.groups {
			for _, other := range c.groups[i+1:] {
				c.network(side, other, networkChaos{Action: "partition", Direction: "both"})
			}
		}
	}})
	register("isolate", counterpart{acts: links, objects: func(c *call) {
		for i, m := range c.groups[0] {
			c.network([]int{m}, c.others(c.groups[0][:i+1]), networkChaos{Action: "partition", Direction: "both"})
		}
	}})
	register("cut", counterpart{acts: links,
		objects: arrow(func(sim.Statement) networkChaos { return networkChaos{Action: "partition"} }),
		differs: always("Chaos Mesh drops the packets of one direction, and TCP needs both: soon nothing passes the other " +
			"way either.")})
	register("delay", counterpart{acts: links, refuse: refuseDistribution,
		objects: arrow(func(do sim.Statement) networkChaos {
			l := do.Distribution
			d := &delay{Latency: deadline((l.Lo + l.Hi) / 2), Correlation: "0"}
			if l.Hi > l.Lo {
				d.Jitter = deadline((l.Hi - l.Lo) / 2)
			}
			return networkChaos{Action: "delay", Delay: d}
		}),
		differs: func(do sim.Statement) string {
			if do.Distribution.Hi > do.Distribution.Lo {
				return "Packets that overtake each other make TCP wait, so messages take longer at times."
			}
			return ""
		}})
	register("lose", counterpart{acts: links,
		objects: arrow(func(do sim.Statement) networkChaos {
			return networkChaos{Action: "loss", Loss: &loss{percent(do.Share), "0"}}
		}),
		differs: always("Chaos Mesh loses packets, which TCP sends again: messages arrive late instead of never.")})
	register("duplicate", counterpart{acts: links,
		objects: arrow(func(do sim.Statement) networkChaos {
			return networkChaos{Action: "duplicate", Duplicate: &duplicate{percent(do.Share), "0"}}
		}),
		differs: always("Chaos Mesh duplicates packets, and TCP drops the copies: etcd sees no message twice.")})
	register("reorder", counterpart{acts: links,
		objects: arrow(func(do sim.Statement) networkChaos {
			// netem lets a share pass at once, and holds back the rest
			atOnce := &reorder{Reorder: percent(sim.Whole - do.Share), Correlation: "0", Gap: 1}
			return networkChaos{Action: "delay", Delay: &delay{Latency: heldBack, Correlation: "0", Reorder: atOnce}}
		}),
		differs: always("Chaos Mesh reorders packets, and TCP puts them in order again: messages are late by " + heldBack +
			", in order.")})
	register("limit", counterpart{acts: links, objects: func(c *call) {
		for _, to := range c.groups[1] {
			c.network(without(c.groups[0], to), []int{to}, networkChaos{Action: "netem", Direction: "to",
				Rate: &rate{strconv.FormatInt(int64(c.do.Speed), 10) + "bps"}})
		}
	}})
}

// heldBack is how late a packet is that others are to pass.
const heldBack = "10ms"

// arrow has an object for the links from the first group to the second; several where the
// groups overlap, since no member has a link to itself.
func arrow(object func(do sim.Statement) networkChaos) func(*call) {
	return func(c *call) {
		from, to := c.groups[0], c.groups[1]
		o := object(c.do)
		o.Direction = "to"
		if !slices.ContainsFunc(from, func(m int) bool { return slices.Contains(to, m) }) {
			c.network(from, to, o)
			return
		}
		for _, m := range from {
			c.network([]int{m}, without(to, m), o)
		}
	}
}

// network adds an object, if there is a link.
func (c *call) network(from, to []int, o networkChaos) {
	if len(from) == 0 || len(to) == 0 {
		return
	}
	target := c.pods(to)
	o.pods, o.Target = c.pods(from), &target
	c.out = append(c.out, template{Type: "NetworkChaos", Network: &o})
}

func without(ms []int, m int) []int {
	return slices.DeleteFunc(slices.Clone(ms), func(x int) bool { return x == m })
}

func percent(s sim.Share) string { return strings.TrimSuffix(s.String(), "%") }

// refuseDistribution refuses what somebody measured: netem knows a time and a range.
func refuseDistribution(do sim.Statement) string {
	if do.Distribution.Measured() {
		return "Chaos Mesh supports a time or a range, like 2ms..8ms, but no quantiles"
	}
	return ""
}
