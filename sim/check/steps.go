package check

import (
	"fmt"
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/script"
)

func init() {
	registerCheck(carriedOutCheck,
		"every statement of the script was carried out, or the scenario expects that it was not; "+
			"listed only if it fails",
		true, (*run).carriedOut)
}

// carriedOutCheck judges the script and not the cluster: a what-if whose change never
// happened answers another question. Where all is well there is nothing to say.
const carriedOutCheck = "carried-out"

// Steps tells what became of each step of the script, in its order.
func Steps(t *sim.Trace) []sim.StepResult { return newRun(t).steps() }

// steps is worked out once.
func (r *run) steps() []sim.StepResult {
	return r.stepResults.get(func() []sim.StepResult {
		results := make([]sim.StepResult, len(r.t.Scenario.Steps))
		for i, st := range r.t.Scenario.Steps {
			written := st.Do.String()
			results[i] = sim.StepResult{Step: i + 1, Written: written, Statement: written, Outcome: sim.StepUnfinished,
				Why: "the run ended before it was begun", At: r.t.Scenario.StepTime(i)}
		}
		for i := range r.quiet.Events {
			e := &r.quiet.Events[i]
			switch e.Kind {
			case sim.KindFaultBegun, sim.KindFaultDone, sim.KindFaultFailed:
				if e.Count > 0 && int(e.Count) <= len(results) {
					r.tellStep(&results[e.Count-1], e)
				}
			}
		}
		return results
	})
}

// tellStep takes what an event of the script says of its step.
func (r *run) tellStep(s *sim.StepResult, e *sim.Event) {
	s.Events = append(s.Events, e.Seq)
	if e.Kind == sim.KindFaultBegun {
		s.Statement, s.At, s.Outcome, s.Why = e.Note, e.At, sim.StepDone, ""
		return
	}
	s.Took = max(0, e.At-s.At)
	if e.Kind == sim.KindFaultFailed {
		s.Outcome, s.Why = sim.NotDoneOutcome(e), reasonOf(e)
		if s.Outcome == sim.StepRefused && e.Peer > 0 {
			s.By = r.t.Name(e.Peer)
		}
	}
}

// reasonOf is the reason in the Note of a statement that was not carried out. The
// statement itself has no colon with a blank behind it, but in the text of a put.
func reasonOf(e *sim.Event) string {
	_, why, _ := strings.Cut(e.Note, ": ")
	return why
}

// notDone is a step that was not carried out, in words.
func notDone(s *sim.StepResult) string {
	if s.Outcome == sim.StepUnfinished {
		return fmt.Sprintf("step %d, %q, %s", s.Step, s.Statement, script.TellUnfinished(s.Why))
	}
	what := map[sim.StepOutcome]string{sim.StepRefused: "was refused", sim.StepFailed: "failed",
		sim.StepUndone: "was undone"}[s.Outcome]
	if s.By != "" {
		what += " by " + s.By
	}
	return fmt.Sprintf("step %d, %q, %s: %s", s.Step, s.Statement, what, s.Why)
}

// carriedOut judges the script.
func (r *run) carriedOut() sim.Verdict {
	v := sim.Verdict{Check: carriedOutCheck, OK: true}
	var bad []string
	expected := 0
	for i := range r.steps() {
		s := &r.steps()[i]
		switch {
		case s.Outcome.CarriedOut():
		case slices.ContainsFunc(r.t.Scenario.Expect, func(e sim.Expectation) bool { return e.Excuses(s) }):
			expected++
		case len(s.Events) == 0 && r.t.Scenario.Until != "": // the run ended with its measure
		default:
			bad = append(bad, notDone(s))
			v.Events = append(v.Events, s.Events...)
		}
	}
	v.Events = v.Events[:min(len(v.Events), maxEvents)]
	switch {
	case len(bad) > 0:
		v.OK, v.Why = false, strings.Join(bad, "; ")
	case expected > 0:
		v.Why = fmt.Sprintf("%s of %s not carried out, as the scenario expects", number(expected, "statement"),
			map[bool]string{true: "the script was", false: "the script were"}[expected == 1])
	default:
		v.Why = "all " + number(len(r.steps()), "statement") + " of the script were carried out"
	}
	return v
}

// expectStep judges what a scenario expects to become of a statement: of several steps with the same
// one, of at least one of them.
func (j *judge) expectStep(e sim.Expectation) sim.Verdict {
	v := sim.Verdict{Check: e.String(), OK: true, Why: "it is up to the cluster which statements it carries out"}
	if e.Statement == "" {
		return v
	}
	v.OK, v.Why = false, fmt.Sprintf("the script has no statement %q", e.Statement)
	for i := range j.run.steps() {
		s := &j.run.steps()[i]
		if v.OK || s.Written != e.Statement {
			continue
		}
		v.OK, v.Events, v.Why = e.Excuses(s), s.Events, tellOutcome(s)
	}
	return v
}

// tellOutcome is what became of a step, in words.
func tellOutcome(s *sim.StepResult) string {
	if s.Outcome == sim.StepDone {
		return fmt.Sprintf("step %d, %q, was done", s.Step, s.Statement)
	}
	return notDone(s)
}

// outcomeWords are those that an expectation of a statement begins with.
var outcomeWords = []string{
	string(sim.StepRefused), string(sim.StepFailed), string(sim.StepUnfinished), string(sim.StepUndone),
	string(sim.StepNotDone),
}

// parseStepExpectation reads OUTCOME STATEMENT, or OUTCOME any. False: it is something else.
func parseStepExpectation(s string) (e sim.Expectation, is bool, err error) {
	ws := text.Words(s)
	if len(ws) == 0 || !slices.Contains(outcomeWords, ws[0].Text) {
		return sim.Expectation{}, false, nil
	}
	word := ws[0].Text
	if len(ws) == 1 {
		return e, true, sim.At(0, fmt.Errorf("%q needs the statement that it is about, like %q, or %q", word,
			word+" compact 1000000", word+" any"))
	}
	e.Outcome = sim.StepOutcome(word)
	if len(ws) == 2 && ws[1].Text == "any" {
		return e, true, nil
	}
	st, err := script.Parse(s[ws[1].Offset:])
	if err != nil {
		return sim.Expectation{}, true, sim.At(ws[1].Offset, err)
	}
	e.Statement = st.String()
	return e, true, nil
}
