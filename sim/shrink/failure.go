package shrink

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// Failure is a way in which a run failed.
type Failure struct {
	Check string // a check's name, or an expectation
	Why   string

	expect  []sim.Expectation // the expectation, if it is one
	nothing bool              // there was nothing that the expectation could measure
}

// CheckName says, in a run.InputError, what is wrong with the name of a failure to keep: a run of the scenario is
// judged by nothing of that name. An empty name is good.
func CheckName(s *sim.Scenario, name string) error {
	names := []string{run.Bounded}
	for _, c := range check.Checks() {
		names = append(names, c.Name)
	}
	for _, e := range s.Expect {
		names = append(names, e.String())
	}
	if name == "" || slices.Contains(names, name) {
		return nil
	}
	return run.BadInput("quorumlab list checks shows the checks",
		"--check: %s has no check and no expectation %q%s", s.Name, name, text.DidYouMean(name, names))
}

// FailureOf is the failure of a run to keep: that of a check or an expectation, or with an empty name the first
// one. Errors, which are run.InputErrors: nothing failed, or not that.
func FailureOf(j *run.Judged, name string) (*Failure, error) {
	var failed []string
	for _, v := range j.Result.Verdicts {
		if v.OK || v.Unknown {
			continue
		}
		if name == "" || name == v.Check {
			return newFailure(j.Trace, v), nil
		}
		failed = append(failed, v.Check)
	}
	s := &j.Trace.Scenario
	if len(failed) > 0 {
		return nil, run.BadInput("", "--check: %q does not fail in %s with seed %d; what fails is %s", name, s.Name,
			s.Seed, strings.Join(failed, ", "))
	}
	return nil, run.BadInput("quorumlab sweep finds seeds that fail",
		"nothing to shrink: %s with seed %d passes all its checks and expectations", s.Name, s.Seed)
}

func newFailure(t *sim.Trace, v sim.Verdict) *Failure {
	f := &Failure{Check: v.Check, Why: v.Why}
	for _, e := range t.Scenario.Expect {
		if e.String() == v.Check {
			f.expect = []sim.Expectation{e}
		}
	}
	f.nothing = measuresNothing(check.Ask(t, *f.questions()))
	return f
}

// Alone is the scenario with only the expectation that fails.
func (f *Failure) Alone(s *sim.Scenario) *sim.Scenario {
	c := *s
	c.Expect = f.expect
	return &c
}

// questions are those that decide whether a run fails in this way.
func (f *Failure) questions() *check.Questions {
	if len(f.expect) == 0 {
		return &check.Questions{Checks: []string{f.Check}}
	}
	q := &check.Questions{Checks: []string{"none"}}
	if e := f.expect[0]; e.Measure != "" {
		q.Readings = []sim.Reading{{Measure: e.Measure, Window: e.Window}}
	}
	return q
}

func measuresNothing(a check.Answers) bool { return len(a.Values) > 0 && math.IsNaN(a.Values[0]) }

// Is reports whether a scenario fails in this way on an engine. A run that has no end fails so if its beginning
// does. It serves as Options.Fails.
func (f *Failure) Is(ctx context.Context, e sim.Engine, s *sim.Scenario) bool {
	if len(e.Refuse(s)) > 0 || len(f.expect) > 0 && len(s.Expect) == 0 {
		return false
	}
	j, err := run.Do(ctx, s, e, run.Options{Ask: f.questions()})
	switch {
	case err != nil:
		return false
	case f.Check == run.Bounded:
		return j.Flood != nil
	}
	return !j.Answers.OK && measuresNothing(j.Answers) == f.nothing
}

// Named is the smallest scenario under a name and a title that say what it was shrunk from.
func (f *Failure) Named(small, from *sim.Scenario) *sim.Scenario {
	s := *small
	s.Name = strings.TrimSuffix(from.Name, "-small") + "-small"
	s.Title = "The smallest of " + from.Name + " that fails"
	s.About = fmt.Sprintf("Shrunk from %s with seed %d; it fails %s.", from.Name, from.Seed, f.Check)
	s.Chapter = ""
	return &s
}

// In says how a run fails in this way; false if it does not.
func (f *Failure) In(j *run.Judged) (sim.Verdict, bool) {
	for _, v := range j.Result.Verdicts {
		if v.Check == f.Check {
			return v, true
		}
	}
	return sim.Verdict{}, false
}
