package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// Scenario is the planned cluster as a scenario, which both engines run: its members in
// their zones, its links and disks, and the timeouts of the plan. Eight clients make
// its writes, a thousand a second at most, and nothing breaks.
func (p *Plan) Scenario() *sim.Scenario {
	in := &p.Input
	s := &sim.Scenario{Name: "planned", Engines: []string{"sim", "etcd"}, Seed: 1, Run: 10 * time.Second}
	s.Title = fmt.Sprintf("%d members", in.Members)
	if len(in.Zones) > 0 {
		s.Title += fmt.Sprintf(", %s in zones", in.Zones)
	} else {
		c := &s.Cluster
		for i := range in.Members {
			c.Members = append(c.Members, sim.MemberSpec{Name: sim.MemberID(i + 1).String(), Role: sim.Follower})
		}
	}
	c := &s.Cluster
	for zone, k := range in.Zones {
		for range k {
			name := sim.MemberID(len(c.Members) + 1).String()
			c.Members = append(c.Members, sim.MemberSpec{Name: name, Zone: zoneName(zone), Role: sim.Follower})
		}
		within := sim.Selector{By: sim.ByZone, Name: zoneName(zone)}
		c.Links = append(c.Links, sim.LinkRule{From: []sim.Selector{within}, To: []sim.Selector{within},
			LinkSpec: sim.LinkSpec{Latency: half(in.ZoneRTT), Loss: in.Loss}})
	}
	c.Network = sim.LinkSpec{Latency: half(in.RTT), Loss: in.Loss}
	c.Heartbeat, c.Election = span(p.Election.Heartbeat), sim.Fixed(span(p.Election.Election))
	c.PreVote, c.CheckQuorum = true, true
	c.Disk = sim.DiskSpec{Fsync: in.Fsync, FsyncStated: true, Mode: "etcd"}
	c.Store = sim.StoreSpec{SnapshotCount: snapshotCount, CatchUpEntries: catchUp}
	s.Workload = sim.Workload{Clients: 8, Rate: min(max(int(p.Latency.Writes+.5), 1), 1000), Keys: 64,
		Mix:   sim.Mix{Put: 100},
		Value: in.ValueSize, Reads: sim.ReadLinearizable, Timeout: 5*time.Second + 2*c.Election.Hi,
		Via: []sim.Selector{{By: sim.ByLeader}}}
	return s
}

// WriteTrial is the planned cluster under writes that come at random moments, so many
// a second, for a time, to a leader in the best zone.
func (p *Plan) WriteTrial(perSecond float64, lasts time.Duration, seed uint64) *sim.Scenario {
	s := p.Scenario()
	s.Engines, s.Seed, s.Workload.Clients = []string{"sim"}, seed, 0
	s.Steps = []sim.Step{{Do: statement("campaign " + p.firstIn(p.Latency.best))}}
	const warm = time.Second
	r := sim.Stream(seed, "plan writes")
	for at := warm; at < warm+lasts; at += time.Duration(r.ExpFloat64() / perSecond * float64(time.Second)) {
		s.Steps = append(s.Steps, sim.Step{At: at, Do: statement("put a 1")})
	}
	s.Run = warm + lasts
	return s
}

// FailoverTrial is the planned cluster whose leader crashes, anywhere between two
// heartbeats. The leader is any member.
func (p *Plan) FailoverTrial(seed uint64) *sim.Scenario {
	s := p.Scenario()
	s.Engines, s.Seed, s.Workload.Clients = []string{"sim"}, seed, 0
	first := rand.New(rand.NewPCG(seed, 0)).IntN(p.Input.Members) + 1
	begin := 20 * s.Cluster.Heartbeat
	s.Steps = []sim.Step{
		{Do: statement(fmt.Sprintf("campaign n%d", first))},
		{At: begin, Within: s.Cluster.Heartbeat, Do: statement("crash leader")},
	}
	s.Until = "failover"
	s.Run = begin + 40*s.Cluster.Election.Hi
	return s
}

// statement is one of the language, written here.
func statement(text string) sim.Statement {
	st, err := script.Parse(text)
	if err != nil {
		panic("plan: " + err.Error())
	}
	return st
}

// firstIn is the first member of a zone.
func (p *Plan) firstIn(zone int) string {
	n := 1
	for _, k := range p.Input.places()[:zone] {
		n += k
	}
	return sim.MemberID(n).String()
}

func zoneName(zone int) string { return string(rune('a' + zone)) }

func span(millis float64) time.Duration { return time.Duration(millis * float64(time.Millisecond)) }

// Answers is how long each write of a trial took until its client knew, in milliseconds,
// shortest first.
func answered(t *sim.Trace) (took []float64) {
	called := map[uint64]time.Duration{}
	for _, e := range t.Events {
		switch {
		case e.Kind == sim.KindCall && e.Op.IsWrite():
			called[e.ID] = e.At
		case e.Kind == sim.KindReturn && e.Result == sim.OutcomeOK:
			if at, ok := called[e.ID]; ok {
				took = append(took, ms(e.At-at))
			}
		}
	}
	slices.Sort(took)
	return took
}
