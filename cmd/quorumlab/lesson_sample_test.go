package main

import (
	"context"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// The lesson that the command's tests play: it is quick, and one of its steps can be made
// to wait.
func init() {
	lessons.Register(lessons.Lesson{
		ID: "0.1", Name: "sample", Title: "A sample", About: "One sees how lessons work.",
		Text: "# A sample\n\nThis is **what** it is about.\n" +
			"<!-- step: count -->\nNow we count those who come.\n<!-- after: count -->\nThree came, as always.\n" +
			"<!-- step: crash -->\nThe leader will crash.\n<!-- after: crash -->\nAnother led.\n" +
			"<!-- task: five -->\nMake them five.\n<!-- task: orders -->\nSay it in order.\n" +
			"<!-- end -->\nThat was all.\n",
		Steps: []lessons.LessonStep{{
			ID: "count", Title: "Counting", Misconception: "Two always come.",
			Predictions: []lessons.Prediction{
				{ID: "how-many", Question: "How many come?", Fact: "n", Why: "They are three."},
				{ID: "answer", Question: "What are they told?", Fact: "code", Why: "The door is shut.",
					Choices: []lessons.Choice{{Value: "in", Text: "to come in"}, {Value: "late", Text: "that they are late"}}},
			},
			Run:    lessons.Driver(counting),
			Claims: []lessons.Claim{"n == 3", "code == late"},
		}, {
			ID: "crash", Title: "A crash", Misconception: "Nobody leads then.",
			Predictions: []lessons.Prediction{{ID: "elections", Question: "How many elections are there?", Fact: "elections",
				Why: "One at the start, one after the crash."}},
			Run: lessons.ScenarioRun{Name: "tiny", File: []byte("seed: 3\nsteps: [{at: 3s, do: crash leader}]\nrun: " +
				"8s\nworkload: {clients: 1, rate: 10/s}\n"),
				Facts: []string{"elections", "failover"}, Figures: []string{"timeline"}},
			Claims: []lessons.Claim{"elections == 2", "ok == yes"},
		}},
		Tasks: []lessons.Task{{
			ID: "five", Title: "Five members", File: "five.yaml",
			Start: []byte("cluster: {members: 3}\nrun: 5s\n"), Model: []byte("cluster: {members: 5}\nrun: 5s\n"),
			Judge: lessons.ScenarioJudge{Must: []lessons.Criterion{
				{Points: 3, What: "five members", Hint: "look at cluster.members", Holds: func(s *sim.Scenario) (bool, string) {
					n := len(s.Cluster.Members)
					return n == 5, "there are " + lessons.Fact{Value: float64(n)}.String()
				}},
				{Points: 1, What: "a leader", Hint: "give them time", Expect: "elections >= 1"},
			}},
		}, {
			ID: "orders", Title: "In order", File: "orders.txt", Start: []byte("# first one, then two\n"),
			Model: []byte("one\ntwo\n"),
			Judge: lessons.CommandsJudge{Usage: []string{"one", "two"}, Run: func(_ context.Context, _ *lessons.Env,
				cs []lessons.Command) ([]lessons.Mark, error) {
				return []lessons.Mark{lessons.Marked(len(cs) == 2 && cs[0].Verb == "one", 2, "the order", "it was said",
					"one comes first")}, nil
			}},
		}},
	})
}

func counting(_ context.Context, env *lessons.Env) (*lessons.Observations, error) {
	env.Say("three are counted")
	o := &lessons.Observations{}
	o.Count("n", 3, "how many came")
	o.Tell("code", "late", "what they were told")
	o.Tables = []lessons.Table{{Name: "who", Title: "Who came", Head: []string{"name", "age"},
		Rows: [][]string{{"Anna", "7"}, {"Bert", "12"}}, Exact: true}}
	return o, o.Draw(chart.Chart{Name: "ages", Title: "Their ages",
		Panels: []chart.Panel{chart.Bars{Names: []string{"Anna", "Bert"}, Sets: []chart.BarSet{{Values: []float64{7, 12}}}}}})
}
