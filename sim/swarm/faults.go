package swarm

import (
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

	reach   time.Duration // how late messages and writes may come in this scenario
	added   string        // the learner that was added last
	leaving int           // how many voters are to leave, though others may take their places
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

func (d *drawer) below(n int) int { return int(sim.Below(d.Rand, int64(n))) }

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
