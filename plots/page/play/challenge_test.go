package play_test

import (
	"context"
	"testing"
	"time"

	"quorumlab/plots/page/play"
)

// Each challenge is solvable and not solved at the start: its model answer reaches every goal, step by step as a
// visitor plays it, and doing nothing does not.
func TestChallenges(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and no run has more than one goroutine")
	}
	if n := len(play.Challenges()); n < 10 {
		t.Errorf("only %d challenges", n)
	}
	seen := map[string]bool{}
	for _, c := range play.Challenges() {
		if seen[c.Title] || seen[c.Name] {
			t.Errorf("two challenges are %q, %s", c.Title, c.Name)
		}
		seen[c.Title], seen[c.Name] = true, true
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if len(c.Hints) != 3 || c.Title == "" || c.Text == "" {
				t.Errorf("%+v", c)
			}
			g := do(t, play.Request{Challenge: c.Name})
			if g.Error != "" || g.Solved || len(g.Goals) == 0 {
				t.Fatalf("the start: %q, solved %v, goals %v", g.Error, g.Solved, g.Goals)
			}
			for _, l := range play.Model(c) {
				if g.Solved {
					t.Errorf("solved before %q", l.Line)
				}
				g = do(t, play.Request{Challenge: c.Name, Scenario: g.Scenario, At: l.At, Do: l.Line})
				if g.Error != "" {
					t.Fatalf("%s: %s", l.Line, g.Error)
				}
			}
			if !g.Solved {
				t.Errorf("the model answer reaches %+v\n%s", g.Goals, g.Scenario)
			}
		})
	}
}

func TestAChallengeKeepsItsRules(t *testing.T) {
	start := do(t, play.Request{Challenge: "stop-writes"})
	for _, tt := range []struct {
		name, scenario, do, want string
	}{
		{"another statement", start.Scenario, "pause n1", "the challenge does not allow pause, only crash"},
		{"another cluster", small, "crash n1", "its settings stay as they are"},
		{"no such challenge", "", "", `unknown challenge "x"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := play.Request{Challenge: "stop-writes", Scenario: tt.scenario, At: time.Second, Do: tt.do}
			if tt.do == "" {
				q.Challenge = "x"
			}
			g, err := play.Do(context.Background(), "v", q)
			if err != nil || g.Error != tt.want && g.Error != "the challenge is about what happens to this cluster: "+tt.want {
				t.Errorf("%q, %v", g.Error, err)
			}
		})
	}
	g := start
	for range 2 {
		g = do(t, play.Request{Challenge: "stop-writes", Scenario: g.Scenario, At: 15 * time.Second, Do: "crash n1"})
	}
	g = do(t, play.Request{Challenge: "stop-writes", Scenario: g.Scenario, At: 15 * time.Second, Do: "crash n2"})
	if g.Error != "the challenge allows 2 statements at most" {
		t.Errorf("a third statement: %q", g.Error)
	}
}
