package whatetcdis

import (
	_ "embed"
	"time"

	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/sim"
)

//go:embed task-timeouts-start.yaml
var timeoutsStart []byte

// timeoutsJudge has the leader die a hundred times. With any timeouts some candidates meet: of good ones
// one or two in a hundred elections, of too narrow ones at least ten.
var timeoutsJudge = lessons.ScenarioJudge{
	Engine: "sim", Seeds: 100,
	Given: lessons.SameAs(timeoutsStart, func(s *sim.Scenario) {
		c := &s.Cluster
		c.Heartbeat, c.Election, c.Tick, c.PreVote, c.CheckQuorum = 0, sim.Distribution{}, 0, false, false
	}),
	Must: []lessons.Criterion{
		{Points: 3, Except: 5, What: "no vote splits in at least 95 of 100 elections", Expect: "elections.failed == 0",
			Hint: "candidates collide when their timeouts lie within one message delay of each other: draw them from a range " +
				"many times that wide"},
		{Points: 2, Except: 5, What: "a new leader within 800 ms in at least 95 of them", Expect: "failover <= 800ms",
			Hint: "after a crash nobody starts an election before the shortest timeout has passed, and a split vote costs " +
				"another round"},
		{Points: 1, What: "one leader from the first election to the crash, in all of them", Shows: oneLeaderBefore,
			Hint: "the shortest timeout has to exceed the heartbeat interval plus the message delay, with room to spare"},
	},
}

// crashAt is when the leader dies.
const crashAt = 3 * time.Second

// oneLeaderBefore tells whether a leader was elected and stayed until the crash: no changes alone would be
// true of a cluster that never had one.
func oneLeaderBefore(t *sim.Trace) (bool, string) {
	terms := map[uint64]bool{}
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == sim.KindState && e.Role == sim.Leader && e.At < crashAt {
			terms[e.Term] = true
		}
	}
	return len(terms) == 1, text.Counted(len(terms), "leader") + " before the crash"
}
