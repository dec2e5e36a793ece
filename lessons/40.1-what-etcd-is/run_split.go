package whatetcdis

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"quorumlab/lessons"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/sweep"
)

//go:embed forced-split.yaml
var forcedSplit []byte

// split has two members stand at the same moment, and then counts how often that happens by
// itself, by how far apart election timeouts may be.
func split(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	run := lessons.ScenarioRun{
		Name: "forced-split", File: forcedSplit, Engine: "sim",
		Facts:    []string{"elections", "elections.failed", "terms"},
		Figures:  []string{"messages"},
		Messages: sim.Window{From: 1040 * time.Millisecond, To: 1440 * time.Millisecond},
	}
	s, err := run.Load()
	if err != nil {
		return nil, err
	}
	env.Say("two of four start an election at once")
	t, result, err := lessons.RunScenario(ctx, s, "sim", env.Version)
	if err != nil {
		return nil, err
	}
	o, err := run.Tell(t, result)
	if err != nil {
		return nil, err
	}
	tellVotes(o, t)
	spreads, err := splitShares(ctx, env)
	if err != nil {
		return nil, err
	}
	o.Facts = append(o.Facts,
		share("split.narrowest", spreads[0]), share("split.widest", spreads[len(spreads)-1]))
	return o, o.DrawExact(spreadChart(spreads))
}

// tellVotes adds what each candidate of the failed term got.
func tellVotes(o *lessons.Observations, t *sim.Trace) {
	const failed = 3 // the term behind n5's
	votes := votesIn(t, failed)
	o.Count("votes.n1", float64(votes[1]), "votes that n1 got in term 3, including its own")
	o.Count("votes.n2", float64(votes[2]), "votes that n2 got in term 3, including its own")
	o.Count("votes.needed", float64(len(t.Members)/2+1), "votes needed to lead five members, counting dead ones")
	o.Tell("leader.term-3", leaderIn(t, failed), "who led in term 3")
	o.Tell("leader.term-4", leaderIn(t, failed+1), "who led in term 4")
}

// votesIn counts the votes that reached each candidate of a term, and its own.
func votesIn(t *sim.Trace, term uint64) map[sim.MemberID]int {
	votes := map[sim.MemberID]int{}
	for i := range t.Events {
		e := &t.Events[i]
		switch {
		case e.Term != term:
		case e.Kind == sim.KindState && e.Role == sim.Candidate:
			votes[e.Member]++
		case e.Kind == sim.KindDelivered && e.Msg == sim.MsgVoteResp && !e.Reject:
			votes[e.Member]++
		}
	}
	return votes
}

// leaderIn is who led in a term.
func leaderIn(t *sim.Trace, term uint64) string {
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == sim.KindState && e.Role == sim.Leader && e.Term == term {
			return t.Scenario.MemberName(e.Member)
		}
	}
	return "nobody"
}

// spread is how often the vote split when election timeouts lay in a range.
type spread struct {
	Millis        float64 // how wide the range is
	Split, Theory float64 // shares of the elections
}

// elections is how many leaders die for each point of the figure.
const elections = 200

// splitShares runs the elections of the scenario election-theory, where a message takes 15 ms.
func splitShares(ctx context.Context, env *lessons.Env) (ss []spread, err error) {
	for _, ms := range []int{15, 20, 30, 40, 50, 75, 100, 150} {
		env.Say("%d elections with timeouts from 150 to %d ms", elections, 150+ms)
		s, err := scenarios.Load("election-theory", fmt.Sprintf("cluster.election=150ms..%dms", 150+ms))
		if err != nil {
			return nil, err
		}
		theory, err := sweep.ElectionTheoryOf(s)
		if err != nil {
			return nil, err
		}
		failed := check.MeasureNamed("elections.failed")
		n := 0
		err = lessons.Trials(ctx, s, elections, func(t *sim.Trace) error {
			if v, ok := failed.Compute(t, sim.Window{}); ok && v > 0 {
				n++
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		ss = append(ss, spread{float64(ms), float64(n) / elections, theory.SplitVote()})
	}
	return ss, nil
}

func share(name string, s spread) lessons.Fact {
	return lessons.Fact{
		Name: name, Value: s.Split, Unit: sim.Shares, Exact: true,
		About: fmt.Sprintf("share of %d elections whose first vote split, with timeouts from 150 to %v ms", elections, 150+
			s.Millis),
	}
}
