package check_test

import (
	"regexp"
	"strings"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// What a statement finds as it is to be is not told as a change.
func TestStoryOfWhatWasSoAlready(t *testing.T) {
	tr, _ := play(t, raftsim.Engine{}, `
cluster: {members: 5}
steps:
  - {at: 2s, do: pause n1}
  - {at: 3s, do: pause n1 n2}
  - {at: 4s, do: resume all}
  - {at: 5s, do: resume n1}
  - {at: 6s, do: crash n4}
  - {at: 7s, do: crash n4 n5}
run: 9s
`)
	var told []string
	for _, s := range check.Story(tr) {
		told = append(told, s.Text)
	}
	story := strings.Join(told, "\n")
	for _, want := range []string{"n1 was already paused", "n1 and n2 resumed; n3, n4 and n5 were not paused",
		"n1 was not paused", "n5 crashed; n4 was already down"} {
		if !strings.Contains(strings.NewReplacer(" (leader of term 2)", "", " (leader of term 3)", "").Replace(story), want) {
			t.Errorf("%q is not in\n%s", want, story)
		}
	}
	if tr, _ = play(t, raftsim.Engine{}, "cluster: {members: 1}\nrun: 3s\n"); !strings.HasPrefix(check.Story(tr)[0].Text,
		"The only member started; ") {
		t.Errorf("the story begins %q", check.Story(tr)[0].Text)
	}
}

// A member's name is written as the scenario has it, also where a sentence begins with it.
func TestStoriesKeepTheNamesOfMembers(t *testing.T) {
	for _, e := range scenarios.Library() {
		t.Run(e.Name, func(t *testing.T) {
			s, err := e.Scenario()
			if err != nil {
				t.Fatal(err)
			}
			if !s.NamesEngine("sim") {
				t.Skip("only real members show it")
			}
			t.Parallel()
			did, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{Keep: sim.AllKinds &^ sim.HighRate})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range did.Trace.Members {
				raised := strings.ToUpper(m[:1]) + m[1:]
				if raised == m {
					continue
				}
				name := regexp.MustCompile(`\b` + regexp.QuoteMeta(raised) + `\b`)
				for _, told := range check.Story(did.Trace, did.Result.Verdicts...) {
					if name.MatchString(told.Text) {
						t.Errorf("%s is %s in %q", m, raised, told.Text)
					}
				}
				for _, v := range did.Result.Verdicts {
					if name.MatchString(v.Why) {
						t.Errorf("%s is %s in %q", m, raised, v.Why)
					}
				}
			}
		})
	}
}
