package swarm

import (
	"fmt"
	"time"

	"quorumlab/sim"
)

// Real servers get every kind of fault in every scenario. Their times follow etcd's, which are longer, and what only
// virtual time and its network have is left out.

// troubleOnEtcd draws something that goes wrong.
func (d *drawer) troubleOnEtcd(at time.Duration) {
	switch n := d.below(12); {
	case n == 0:
		d.contest(at)
	case n == 1:
		d.bounce(at)
	case n == 2 && len(d.s.Cluster.Members) > 2:
		d.bridge(at)
	default:
		d.step(at, between(d.Rand, d.unit/8, 4*d.unit, 5*ms), d.faultOnEtcd())
	}
}

// faultOnEtcd draws one fault that lasts.
func (d *drawer) faultOnEtcd() string {
	a, b := d.who(), d.who()
	switch d.below(18) {
	case 0, 1:
		return "crash " + a
	case 2:
		return "pause " + a
	case 3, 4:
		return "partition " + d.side() + " | rest"
	case 5:
		return "isolate " + a
	case 6:
		return d.cut(a)
	case 7:
		return fmt.Sprintf("lose all -> all %d%%", 1+d.below(40))
	case 8: // TCP delivers nothing twice
		return pick(d.Rand, "defrag "+a, "compact")
	case 9: // and in order
		return "slow-disk " + a + " " + pick(d.Rand, "5ms", "1ms..60ms")
	case 10:
		return fmt.Sprintf("delay %s -> %s %s", a, pick(d.Rand, "all", b), pick(d.Rand, "5ms", "1ms..30ms", "10ms..150ms"))
	case 11:
		return "limit all -> all " + pick(d.Rand, "20kB/s", "100kB/s")
	case 12:
		return "slow-disk " + a + " " + pick(d.Rand, "20ms", "p50 10ms p99 200ms", "150ms")
	case 13, 14: // all servers have one clock, so none drifts
		return "stall-disk " + a
	case 15:
		return "crash all"
	case 16:
		return "fill-disk random 1"
	}
	if d.s.Workload.Clients == 0 {
		return "isolate " + b
	}
	return pick(d.Rand, "stop-load", "load 200/s")
}

// watch has clients watch keys from before the first fault: they must miss nothing.
func (d *drawer) watch(before time.Duration) {
	for range 1 + d.below(2) {
		d.step(between(d.Rand, ms, before, ms), 0, fmt.Sprintf("watch k%d", d.below(max(1, d.s.Workload.Keys))))
	}
	d.s.Expect = append(d.s.Expect, sim.Expectation{Measure: "watch.missed", Op: "==", In: sim.Count})
}

// leases has clients with leases from before the first fault: none may end too early. They are drawn apart, so that the
// other draws of a seed stay as they are.
func (d *drawer) leases(seed uint64, before time.Duration) {
	r := sim.Stream(seed, "swarm leases")
	for _, name := range []string{"la", "lb", "lc"}[:1+sim.Below(r, 3)] {
		at := between(r, ms, before, ms)
		d.step(at, 0, fmt.Sprintf("grant %s %ds keys %d", name, 1+sim.Below(r, 3), 1+sim.Below(r, 3)))
		if oneIn(r, 2) {
			d.step(at, 0, "keep-alive "+name)
		}
	}
	d.s.Expect = append(d.s.Expect, sim.Expectation{Check: "leases"})
}

// watchAll has a client watch all keys in one of the ways that there are: it must get what etcd promises.
func (d *drawer) watchAll(seed uint64, before time.Duration) {
	r := sim.Stream(seed, "swarm watches")
	d.step(between(r, ms, before, ms), 0, "watch k prefix"+pick(r, "", " progress")+pick(r, "", " require-leader"))
	d.s.Expect = append(d.s.Expect, sim.Expectation{Check: "watch-promises"})
}

// operate has an administrator at work while things go wrong.
func (d *drawer) operate(at time.Duration) {
	added := ""
	for range 1 + d.below(4) {
		at += between(d.Rand, ms, 3*d.unit, ms)
		next := d.unused()
		kind := d.below(6)
		if len(d.s.Members()) > 6 && kind < 3 { // etcd's clusters here have room for no more
			kind = 3
		}
		switch kind {
		case 0:
			d.step(at, 0, "add-learner "+next)
			added = next
		case 1:
			if added != "" {
				d.step(at, 0, "promote "+added)
			}
		case 2:
			d.step(at, 0, "replace "+d.name()+" "+next)
		case 3:
			d.step(at, 0, "compact")
		default:
			d.step(at, 0, "move-leader "+pick(d.Rand, "a-follower", d.name()))
		}
	}
}
