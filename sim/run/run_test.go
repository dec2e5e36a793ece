package run_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

func load(t *testing.T, name string, sets ...string) *sim.Scenario {
	t.Helper()
	s, err := scenarios.Load(name, sets...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFloodIsJudged: a run with too many events fails the check for it, beside what is judged of its
// beginning; one that is only asked for numbers is not OK; one that is not judged is an error.
func TestFloodIsJudged(t *testing.T) {
	s := load(t, "leader-crash")
	o := run.Options{MostEvents: 500}
	j, err := run.Do(t.Context(), s, raftsim.Engine{}, o)
	if err != nil {
		t.Fatal(err)
	}
	last := j.Result.Verdicts[len(j.Result.Verdicts)-1]
	if !errors.Is(j.Flood, sim.ErrFlood) || j.OK() || last.Check != run.Bounded || last.OK ||
		last.Why != sim.ErrFlood.Error() {
		t.Errorf("flood %v, ok %t, last verdict %+v", j.Flood, j.OK(), last)
	}
	if len(j.Trace.Events) == 0 {
		t.Error("what there is of the run is gone")
	}
	o.Ask = &check.Questions{Checks: []string{"none"}}
	if j, err = run.Do(t.Context(), s, raftsim.Engine{}, o); err != nil || j.OK() || j.Flood == nil {
		t.Errorf("asked: %+v, %v", j, err)
	}
	o = run.Options{MostEvents: 500, Unjudged: true}
	if _, err = run.Do(t.Context(), s, raftsim.Engine{}, o); !errors.Is(err, sim.ErrFlood) {
		t.Errorf("unjudged: %v", err)
	}
	j, err = run.Do(t.Context(), s, raftsim.Engine{MostEvents: 500}, run.Options{MostEvents: -1})
	if err != nil || j.Flood == nil {
		t.Errorf("the engine's own bound: %+v, %v", j, err)
	}
}

// TestNobodyComesNearTheBound runs the scenarios of the library that have most events with a quarter of it.
func TestNobodyComesNearTheBound(t *testing.T) {
	for _, e := range scenarios.Library() {
		t.Run(e.Name, func(t *testing.T) {
			s := load(t, e.Name)
			if !s.NamesEngine("sim") || s.Run > time.Minute && testing.Short() {
				t.Skip("not on sim, or long")
			}
			o := run.Options{MostEvents: run.MostEvents(s) / 4, Ask: &check.Questions{Checks: []string{"none"}}}
			j, err := run.Do(t.Context(), s, raftsim.Engine{}, o)
			if err != nil || j.Flood != nil {
				t.Errorf("%v, flood %v", err, j)
			}
		})
	}
}

// TestAskedAsJudged: what is asked of a run comes out as if all were judged, whether a meter reads it, a few
// kinds of events or all of them.
func TestAskedAsJudged(t *testing.T) {
	s := load(t, "leader-crash")
	s.Expect = nil
	for _, c := range []struct {
		name, measure string
		checks        []string
		trace         bool // it takes one
		lacks         bool // ... without the events that are many
	}{
		{"by a meter", "failover", []string{"safety"}, false, false},
		{"no check at all", "failover", []string{"none"}, false, false},
		{"few kinds", "writes.ok", []string{"safety"}, true, true},
		{"a check that reads the trace", "failover", []string{"linearizable"}, true, true},
		{"all checks", "failover", nil, true, true},
		{"all kinds", "messages.sent", []string{"safety"}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{})
			if err != nil {
				t.Fatal(err)
			}
			q := &check.Questions{Readings: []sim.Reading{{Measure: c.measure}}, Checks: c.checks}
			asked, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{Ask: q})
			if err != nil {
				t.Fatal(err)
			}
			want, ok := whole.Result.Measure(c.measure)
			if got := asked.Answers.Values[0]; got != want.Value || !ok && !math.IsNaN(got) || !asked.OK() {
				t.Errorf("%s is %v, %v when all is judged; ok %t", c.measure, got, want, asked.OK())
			}
			if (asked.Trace != nil) != c.trace || asked.Trace != nil && asked.Trace.Lacks(sim.HighRate) != c.lacks {
				t.Errorf("its trace: %v", asked.Trace)
			}
		})
	}
}

// TestSafetyIsWatchedForAnExpectation: a scenario that says it breaks safety is asked so, whatever checks are
// left out beside.
func TestSafetyIsWatchedForAnExpectation(t *testing.T) {
	for _, name := range []string{"lost-unsynced-majority", "leader-crash"} {
		s := load(t, name)
		s.Expect = []sim.Expectation{{Check: "safety", Broken: true}}
		q := &check.Questions{Checks: []string{"none"}}
		j, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{Ask: q})
		if err != nil {
			t.Fatal(err)
		}
		if want := name == "lost-unsynced-majority"; j.OK() != want {
			t.Errorf("%s breaks safety: %t, want %t", name, j.OK(), want)
		}
	}
}

// TestErrorsAreTheEngines: what the engine refuses and an interruption come back.
func TestErrorsAreTheEngines(t *testing.T) {
	s := load(t, "leader-crash")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := run.Do(ctx, s, raftsim.Engine{}, run.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	s.Engines = []string{"etcd"}
	refused := new(sim.RefusedError)
	if _, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{}); !errors.As(err, &refused) {
		t.Errorf("refused: %v", err)
	}
}
