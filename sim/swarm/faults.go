package swarm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// drawer adds steps to a scenario.
type drawer struct {
	*rand.Rand
	s      *sim.Scenario
	unit   time.Duration // the longest election timeout
	healed time.Duration // when the faults are over
	onEtcd bool          // it must be what etcd can have
}

// step adds a line of the script. A fault that would last beyond the end of all faults
// ends with them.
func (d *drawer) step(at, lasts time.Duration, do string) {
	st, err := script.Parse(do)
	if err != nil {
		panic("swarm: " + err.Error()) // what is drawn here is in the language
	}
	if script.VerbNamed(st.Verb).Lasts && at < d.healed {
		lasts = min(lasts, d.healed-at)
	} else {
		lasts = 0
	}
	if at <= d.healed {
		d.s.Steps = append(d.s.Steps, sim.Step{At: at, For: lasts, Do: st})
	}
}

// trouble draws something that goes wrong.
func (d *drawer) trouble(at time.Duration) {
	switch n := d.below(12); {
	case n == 0:
		d.contest(at)
	case n == 1:
		d.bounce(at)
	case n == 2 && len(d.s.Cluster.Members) > 2:
		d.bridge(at)
	default:
		d.step(at, between(d.Rand, d.unit/8, 4*d.unit, 5*ms), d.fault())
	}
}

func (d *drawer) below(n int) int { return int(sim.Below(d.Rand, int64(n))) }

// fault draws one fault that lasts.
func (d *drawer) fault() string {
	a, b := d.who(), d.who()
	kind := d.below(18)
	if do := d.instead(kind, a); do != "" {
		return do
	}
	switch kind {
	case 0, 1:
		return "crash " + a
	case 2:
		return "pause " + a
	case 3, 4:
		return "partition " + pick(d.Rand, "leader", "random 2", "random 1", "leader a-follower") + " | rest"
	case 5:
		return "isolate " + a
	case 6:
		return "cut " + pick(d.Rand, "leader -> followers", "all -> leader", a+" -> all", "all -> "+a)
	case 7:
		return fmt.Sprintf("lose all -> all %d%%", 1+d.below(40))
	case 8:
		return fmt.Sprintf("duplicate all -> all %d%%", 1+d.below(40))
	case 9:
		return fmt.Sprintf("reorder all -> all %d%%", 1+d.below(40))
	case 10:
		return fmt.Sprintf("delay %s -> %s %s", a, pick(d.Rand, "all", b), pick(d.Rand, "5ms", "1ms..30ms", "10ms..150ms"))
	case 11:
		return "limit all -> all " + pick(d.Rand, "20kB/s", "100kB/s")
	case 12:
		return "slow-disk " + a + " " + pick(d.Rand, "20ms", "p50 10ms p99 200ms", "150ms")
	case 13:
		return "stall-disk " + a
	case 14:
		return fmt.Sprintf("drift %s %d%%", a, d.below(61)-30)
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

// instead is drawn on etcd in place of what TCP and its own clock rule out there.
func (d *drawer) instead(kind int, who string) string {
	if !d.onEtcd {
		return ""
	}
	switch kind {
	case 8:
		return pick(d.Rand, "defrag "+who, "compact")
	case 9:
		return "slow-disk " + who + " " + pick(d.Rand, "5ms", "1ms..60ms")
	case 14:
		return "stall-disk " + who
	}
	return ""
}

// watch has clients watch keys from before the first fault: they must miss nothing.
func (d *drawer) watch(before time.Duration) {
	for range 1 + d.below(2) {
		d.step(between(d.Rand, ms, before, ms), 0, fmt.Sprintf("watch k%d", d.below(max(1, d.s.Workload.Keys))))
	}
	d.s.Expect = append(d.s.Expect, sim.Expectation{Measure: "watch.missed", Op: "==", In: sim.Count})
}

// who draws whom a fault hits.
func (d *drawer) who() string {
	return pick(d.Rand, "leader", "a-follower", "random 1", d.name())
}

// name draws a member of the start.
func (d *drawer) name() string {
	return d.s.Cluster.Members[d.below(len(d.s.Cluster.Members))].Name
}

// contest has two members campaign at about the same time, and others restart
// while they vote.
func (d *drawer) contest(at time.Duration) {
	a, b, voter := d.name(), d.name(), d.name()
	rise := "campaign "
	if d.onEtcd {
		rise = "move-leader "
	}
	d.step(at, 0, rise+a)
	at += between(d.Rand, 0, 4*ms, ms)
	d.step(at, 0, rise+b)
	every := between(d.Rand, ms, 6*ms, ms)
	for range d.below(6) {
		at += every
		d.step(at, 0, "restart "+voter)
	}
}

// bounce restarts some members at once, or one after the other.
func (d *drawer) bounce(at time.Duration) {
	if oneIn(d.Rand, 2) {
		d.step(at, 0, "restart "+pick(d.Rand, "all", "leader", "followers", "random 2"))
		return
	}
	every := between(d.Rand, 5*ms, d.unit, 5*ms)
	for range 1 + d.below(4) {
		d.step(at, 0, "restart "+d.who())
		at += every
	}
}

// bridge cuts the network in two halves that only one member still reaches.
func (d *drawer) bridge(at time.Duration) {
	n := len(d.s.Cluster.Members)
	order := d.Perm(n)
	lasts := between(d.Rand, d.unit, 5*d.unit, 5*ms)
	var left, right string
	for i, m := range order[1:] {
		if i < (n-1)/2 {
			left += " " + d.s.Cluster.Members[m].Name
		} else {
			right += " " + d.s.Cluster.Members[m].Name
		}
	}
	d.step(at, lasts, "cut"+left+" ->"+right)
	d.step(at, lasts, "cut"+right+" ->"+left)
}

// unused is a name that no member has.
func (d *drawer) unused() string {
	for n := len(d.s.Members()) + 1; ; n++ {
		name := sim.MemberID(n).String()
		if !slices.ContainsFunc(d.s.Members(), func(m sim.MemberSpec) bool { return m.Name == name }) {
			return name
		}
	}
}

// operate has an administrator at work while things go wrong.
func (d *drawer) operate(at time.Duration) {
	added := ""
	for range 1 + d.below(4) {
		at += between(d.Rand, ms, 3*d.unit, ms)
		next := d.unused()
		kind := d.below(6)
		if d.onEtcd && len(d.s.Members()) > 6 && kind < 3 { // its clusters have room for no more
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
