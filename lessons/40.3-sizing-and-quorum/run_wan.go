package sizingandquorum

import (
	"context"
	"fmt"
	"math"
	"time"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

// far is what an election timeout does on links whose round trip takes 160 ms.
type far struct {
	Election  time.Duration
	PreVote   bool
	Elections float64 // in a minute without any fault, mean
	Writing   float64 // share of that minute in which there was a leader, mean
	Failover  float64 // mean milliseconds; 0: the leader's crash changed nothing that can be timed
}

// seeds is how many minutes each point is the mean of.
const seeds = 3

var electionTimeouts = []time.Duration{100, 150, 200, 300, 500, 1000, 2000, 4000}

// wan tries election timeouts on far links, with and without pre-vote.
func wan(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	var fs []far
	for _, preVote := range []bool{false, true} {
		for _, ms := range electionTimeouts {
			env.Say("election timeout %v ms, pre-vote %v, %d minutes on sim", int64(ms), preVote, seeds)
			f, err := farAway(ctx, ms*time.Millisecond, preVote)
			if err != nil {
				return nil, err
			}
			fs = append(fs, f)
			if f.Election == 100*time.Millisecond || f.Election == time.Second {
				f.tell(o)
			}
		}
	}
	return o, o.DrawExact(wanChart(fs))
}

func (f far) tell(o *lessons.Observations) {
	name := f.Election.String()
	if f.PreVote {
		name += ".pre-vote"
	}
	o.Tell("leads."+name, often(f.Writing), "how much of that minute had a leader, in words")
	failover := lessons.Fact{Name: "failover." + name, Value: f.Failover, Unit: sim.Millis, Exact: true,
		About: "mean time from a leader's crash until all others followed the next one"}
	if f.Failover == 0 {
		failover.Text = "none"
	}
	o.Facts = append(o.Facts, failover,
		lessons.Fact{Name: "elections." + name, Value: math.Round(f.Elections), Exact: true, About: "elections in a minute " +
			"without faults, with that election timeout"},
		lessons.Fact{Name: "with-leader." + name, Value: f.Writing, Unit: sim.Shares, Exact: true,
			About: "share of that minute with a leader"})
}

// often puts a share of the time in words.
func often(share float64) string {
	switch {
	case share < 0.1:
		return "almost never"
	case share > 0.9:
		return "almost always"
	}
	return "now and then"
}

// farLinks is a scenario of five members on links of 80 ms, a minute without faults, and a crash.
func farLinks(election time.Duration, preVote bool) string {
	return fmt.Sprintf("cluster: {members: 5, heartbeat: %v, election: %v, pre-vote: %v, network: {latency: 80ms}}\n"+
		"workload: {clients: 0}\nengines: [sim]\nrun: 85s\nsteps:\n  - {at: 70s, do: crash leader}\n", election/5, election,
		preVote)
}

func farAway(ctx context.Context, election time.Duration, preVote bool) (f far, err error) {
	f.Election, f.PreVote = election, preVote
	s, err := lessons.ScenarioRun{Name: "far-links", File: []byte(farLinks(election, preVote))}.Load()
	if err != nil {
		return f, err
	}
	calm := sim.Window{From: 10 * time.Second, To: 70 * time.Second}
	failovers := 0
	err = lessons.Trials(ctx, s, seeds, func(t *sim.Trace) error {
		n, _ := check.MeasureNamed("elections").Compute(t, calm)
		without, _ := check.MeasureNamed("leaderless.total").Compute(t, calm)
		f.Elections += n / seeds
		f.Writing += (1 - without/sim.MillisOf(calm.To-calm.From)) / seeds
		if v, ok := check.MeasureNamed("failover").Compute(t, sim.Window{}); ok {
			f.Failover += v
			failovers++
		}
		return nil
	})
	if failovers > 0 {
		f.Failover /= float64(failovers)
	}
	return f, err
}
