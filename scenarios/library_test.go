package scenarios_test

import (
	"context"
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

var seeds = flag.Int("seeds", 2, "how many seeds each scenario of the library runs with on sim")

// Each scenario holds on sim, whatever the seed: nothing in the script can't be
// done, and all that it expects is true. What sim can't run needs real members.
func TestLibraryOnSim(t *testing.T) {
	for _, e := range scenarios.Library() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			s, err := e.Scenario()
			if err != nil {
				t.Fatal(err)
			}
			if !s.NamesEngine("sim") {
				t.Skip("only real members show it")
			}
			for s.Seed = 1; s.Seed <= uint64(*seeds); s.Seed++ {
				holds(t, raftsim.Engine{}, s)
			}
		})
	}
}

// holds runs a scenario once and reports each verdict that is not good.
func holds(t *testing.T, e sim.Engine, s *sim.Scenario) {
	t.Helper()
	j, err := run.Do(context.Background(), s, e, run.Options{Keep: sim.AllKinds &^ sim.HighRate})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range j.Result.Verdicts {
		if !v.OK {
			t.Errorf("seed %d: %s: %s", s.Seed, v.Check, v.Why)
		}
	}
}

// A scenario of the library explains itself, and expects more than that nothing
// breaks.
func TestLibraryExplainsItself(t *testing.T) {
	for _, e := range scenarios.Library() {
		t.Run(e.Name, func(t *testing.T) {
			s, err := e.Scenario()
			if err != nil {
				t.Fatal(err)
			}
			if err := explained(s); err != nil {
				t.Error(err)
			}
			if first, _, _ := strings.Cut(string(e.Text), "\n"); first != "# yaml-language-server: $schema=schema.json" {
				t.Errorf("its first line is %q, which tells an editor nothing", first)
			}
			for _, line := range strings.Split(string(e.Text), "\n") {
				if len(line) > 100 {
					t.Errorf("a line of %d characters: %s", len(line), line)
				}
			}
		})
	}
}

var (
	watch    = regexp.MustCompile(`\b[Ww]atch\b`)
	sentence = regexp.MustCompile(`[.?](\s|$)`)
	chapter  = regexp.MustCompile(`^(40\.[1-7])$`)
)

func explained(s *sim.Scenario) error {
	if s.Title == "" || strings.HasSuffix(s.Title, ".") {
		return fmt.Errorf("the title is %q", s.Title)
	}
	if !chapter.MatchString(s.Chapter) {
		return fmt.Errorf("the chapter is %q", s.Chapter)
	}
	if n := len(sentence.FindAllString(s.About, -1)); n < 2 || n > 5 {
		return fmt.Errorf("what to watch for takes %d sentences", n)
	}
	if !watch.MatchString(s.About) {
		return fmt.Errorf("it does not say what to watch for")
	}
	measures := 0
	for _, e := range s.Expect {
		if e.Measure != "" {
			measures++
		}
	}
	if measures < 2 {
		return fmt.Errorf("it expects only %d measures", measures)
	}
	return nil
}
