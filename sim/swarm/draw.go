package swarm

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

const ms = time.Millisecond

// Name is the name of a seed's scenario.
func Name(seed uint64) string { return fmt.Sprintf("random-%d", seed) }

// Draw draws a scenario: the cluster, the load and the faults. What it does not draw is
// taken from base, which has the defaults of package scenarios. It is one for the sim engine, unless
// etcd is the only engine of base: then it is one that etcd can have.
func Draw(base *sim.Scenario, seed uint64) *sim.Scenario {
	s := *base
	r := sim.Stream(seed, "swarm cluster")
	if s.Cluster = drawCluster(r, s.Cluster); onEtcd(base) {
		drawEtcd(r, &s.Cluster)
	} else {
		drawSim(r, &s.Cluster)
	}
	s.Workload = drawLoad(r, s.Workload)
	drawOwn(sim.Stream(seed, "swarm own settings"), &s.Cluster)
	return Faults(&s, seed)
}

// Faults draws the script alone, instead of base's own: the cluster and the load are
// base's. The engine is as with Draw.
func Faults(base *sim.Scenario, seed uint64) *sim.Scenario {
	s := *base
	s.Name, s.Seed, s.Chapter, s.Until = Name(seed), seed, "", ""
	s.Title = fmt.Sprintf("Random faults, drawn from seed %d", seed)
	s.About = "While the faults last, nothing may go wrong; then everything heals, and the cluster must commit."
	s.Expect = []sim.Expectation{{Check: "linearizable"}, {Outcome: sim.StepNotDone}} // faults may meet whom they can't
	d := &drawer{Rand: sim.Stream(seed, "swarm faults"), s: &s, unit: longest(&s.Cluster), onEtcd: onEtcd(base)}
	s.Steps = nil
	if !d.onEtcd {
		s.Engines = []string{"sim"}
	}
	d.script(seed)
	return &s
}

// onEtcd reports whether a scenario is drawn for etcd.
func onEtcd(base *sim.Scenario) bool { return slices.Equal(base.Engines, []string{"etcd"}) }

// longest is the longest election timeout.
func longest(c *sim.ClusterSpec) time.Duration {
	if c.Election.Lo == c.Election.Hi {
		return 2 * c.Election.Hi // as etcd draws it, see sim.ClusterSpec.ElectionTicks
	}
	return c.Election.Hi
}

// between draws a time from [lo, hi), in steps of grain.
func between(r *rand.Rand, lo, hi, grain time.Duration) time.Duration {
	if hi-lo < grain {
		return lo
	}
	return lo + time.Duration(sim.Below(r, int64((hi-lo)/grain)))*grain
}

func pick[T any](r *rand.Rand, of ...T) T { return of[sim.Below(r, int64(len(of)))] }

// oneIn reports whether something happens that does once in n times.
func oneIn(r *rand.Rand, n int) bool { return sim.Below(r, int64(n)) == 0 }

// drawCluster draws 3 to 7 members and their settings. Timeouts are short, so that a
// few seconds hold many elections.
func drawCluster(r *rand.Rand, c sim.ClusterSpec) sim.ClusterSpec {
	c.Members = nil
	for i := range 3 + sim.Below(r, 5) {
		c.Members = append(c.Members, sim.MemberSpec{Name: sim.MemberID(i + 1).String(), Role: sim.Follower})
	}
	c.Heartbeat, c.Election = 10*ms, sim.Fixed(100*ms)
	if oneIn(r, 2) {
		lo := between(r, 50*ms, 160*ms, 10*ms)
		c.Heartbeat, c.Election = lo/5, sim.Distribution{Lo: lo, Hi: 2 * lo}
	}
	c.StrictReconfigCheck = sim.Off // raft must survive every change, and etcd's server would refuse most of these
	c.PreVote, c.CheckQuorum = !oneIn(r, 3), !oneIn(r, 3)
	c.Network = sim.LinkSpec{Latency: pick(r, sim.Fixed(ms), sim.Distribution{Lo: ms / 2, Hi: 2 * ms},
		sim.Distribution{P50: ms, P99: 10 * ms}, sim.Distribution{Lo: ms, Hi: 8 * ms})}
	if oneIn(r, 3) {
		c.Network.Loss = sim.Share(1+sim.Below(r, 5)) * sim.Whole / 100
	}
	c.Disk.Fsync, c.Disk.FsyncStated = pick(r, sim.Fixed(ms/5), sim.Fixed(2*ms), sim.Distribution{P50: ms, P99: 8 * ms}),
		true
	c.Disk.Mode = pick(r, "etcd", "etcd", "async")
	c.Store.SnapshotCount = uint64(pick(r, 10, 50, 1000))
	c.Store.CatchUpEntries = uint64(pick(r, 1, 5, 20, 500))
	return c
}

// drawEtcd replaces what was drawn and etcd can't have: not more than 5 members either, since each of them is
// a whole server.
func drawEtcd(r *rand.Rand, c *sim.ClusterSpec) {
	c.Members = c.Members[:min(len(c.Members), 5)]
	c.Heartbeat = pick(r, 10*ms, 20*ms, 40*ms)
	c.Election = sim.Fixed(10 * c.Heartbeat)
	c.CheckQuorum, c.Disk.Mode = true, "etcd"
}

// drawSim draws what only virtual time can have: links and disks that are slow all the time. Elections take longer on
// these, but still succeed in the time that the check progress gives them.
func drawSim(r *rand.Rand, c *sim.ClusterSpec) {
	if oneIn(r, 4) {
		c.Network.Latency = sim.Distribution{Lo: ms, Hi: c.Election.Lo / 6}
	}
	if oneIn(r, 4) {
		c.Disk.Fsync = pick(r, sim.Fixed(c.Election.Lo/10), sim.Distribution{Lo: ms, Hi: c.Election.Lo / 6})
	}
	if n := len(c.Members); n > 3 && oneIn(r, 4) {
		c.Members[n-1].Role = sim.Learner
	}
	if oneIn(r, 5) { // Raft as its paper has it: a leader rules until it hears of the next one
		c.Members = c.Members[:3]
		c.PreVote, c.CheckQuorum, c.Disk.Mode = false, false, "async"
	}
}

// drawLoad draws a load that the checks can judge in no time: a few clients, and several
// keys for them.
func drawLoad(r *rand.Rand, w sim.Workload) sim.Workload {
	w.Clients = 1 + int(sim.Below(r, 6))
	w.Rate = pick(r, 30, 60, 120)
	if oneIn(r, 5) {
		w.Clients, w.Rate = 1+int(sim.Below(r, 2)), 0
	}
	w.Keys = 1 + int(sim.Below(r, 6))
	w.Mix = pick(r, sim.Mix{Put: 50, Get: 40, CAS: 10}, sim.Mix{Put: 80, Get: 20}, sim.Mix{Put: 30, Get: 60, CAS: 10})
	w.Value = pick(r, sim.Size(16), 256, 4096)
	w.Timeout = pick(r, 300*ms, 600*ms, 1000*ms)
	return w
}

// script draws the steps: trouble from the time when the cluster has a leader until
// all heals, and then enough time for the check progress.
func (d *drawer) script(seed uint64) {
	begin := 3 * d.unit
	d.healed = begin + between(d.Rand, 4*d.unit, 8*d.unit, 10*ms)
	trouble := d.troubleOnEtcd
	if !d.onEtcd {
		trouble = d.trouble()
	}
	gap := pick(d.Rand, d.unit/4, d.unit, 3*d.unit) // a crowd of faults, or one at a time
	for at := begin; at < d.healed; at += between(d.Rand, ms, 2*gap, ms) {
		trouble(at)
	}
	if d.onEtcd {
		if oneIn(d.Rand, 3) {
			d.operate(begin)
		}
		d.watch(begin)
		d.leases(seed, begin)
		d.watchAll(seed, begin)
	}
	d.clients(begin)
	d.reconfigure()
	slices.SortStableFunc(d.s.Steps, func(a, b sim.Step) int { return cmp.Compare(a.At, b.At) })
	for _, do := range []string{"heal", "heal-disk", "resume all", "restart crashed"} {
		d.step(d.healed, 0, do)
	}
	d.s.Run = d.healed + check.ProgressBound(d.s) + d.unit
	if d.onEtcd {
		d.s.Run += check.PublishWait(d.s, sim.EtcdVirtual)
	}
}
