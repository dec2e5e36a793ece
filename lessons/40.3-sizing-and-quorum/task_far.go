package sizingandquorum

import (
	_ "embed"

	"quorumlab/lessons"
	"quorumlab/sim"
)

//go:embed task-far-start.yaml
var farStart []byte

// farJudge has twenty clusters live through a minute, and then lose their leader.
var farJudge = lessons.ScenarioJudge{
	Engine: "sim", Seeds: 20,
	Given: lessons.SameAs(farStart, func(s *sim.Scenario) {
		c := &s.Cluster
		c.Heartbeat, c.Election, c.Tick, c.PreVote, c.CheckQuorum = 0, sim.Distribution{}, 0, false, false
	}),
	Must: []lessons.Criterion{
		{Points: 3, What: "no election in a minute without faults", Expect: "elections[15s..75s] == 0",
			Hint: "an election timeout has to cover the round trip and a few lost heartbeats; etcd advises ten round trips"},
		{Points: 2, What: "a new leader within 5 s of the crash", Expect: "failover <= 5s",
			Hint: "nobody starts an election before an election timeout has passed since the last heartbeat"},
		{Points: 1, What: "at least 60 writes are acknowledged in that minute", Expect: "writes.ok[15s..75s] >= 60",
			Hint: "without a leader nothing is written"},
	},
}
