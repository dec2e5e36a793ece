package sim

import (
	"errors"
	"strings"
	"time"
)

// StepOutcome is what became of a statement of the script.
type StepOutcome string

// The outcomes of a step.
const (
	// StepDone was carried out, all of it.
	StepDone StepOutcome = "done"
	// StepRefused was turned down, by a member or because the cluster was not in a state
	// for it, and has had no effect.
	StepRefused StepOutcome = "refused"
	// StepFailed was begun, and something went wrong: it may have had an effect in part.
	StepFailed StepOutcome = "failed"
	// StepUndone was carried out and was to last, but lost its effect before its time by what happened
	// to a member: a paused one that crashes is no longer paused.
	StepUndone StepOutcome = "undone"
	// StepUnfinished was not done when the run ended.
	StepUnfinished StepOutcome = "unfinished"
	// StepNotDone is, in an expectation, any of them but StepDone and StepUndone.
	StepNotDone StepOutcome = "not-done"
)

// CarriedOut reports whether a step was done, and be it that it was undone later.
func (o StepOutcome) CarriedOut() bool { return o == StepDone || o == StepUndone }

// StepResult is what became of one step of a script.
type StepResult struct {
	Step      int    // its place in the script, from 1
	Written   string // the statement as the script has it
	Statement string // with the members in place of its selectors
	Outcome   StepOutcome
	By        string        // the member that refused it; empty: nobody in particular
	Why       string        // in the words of who refused it, of what went wrong, or of what undid it
	At        time.Duration // when it was begun, or first asked for
	Took      time.Duration // from then on until the outcome was known
	Events    []uint64      // Seq of the events that say so
}

// NotDoneError is the error of a statement that was not carried out. An error of an
// engine that is none means StepFailed.
type NotDoneError struct {
	Outcome StepOutcome
	By      MemberID // who refused it; 0: nobody in particular
	Err     error    // in whose words
}

func (e *NotDoneError) Error() string { return e.Err.Error() }
func (e *NotDoneError) Unwrap() error { return e.Err }

// RefusedBy marks an error as a member's refusal (0: that of nobody in particular): what
// was asked for has had no effect.
func RefusedBy(m MemberID, err error) error {
	return &NotDoneError{Outcome: StepRefused, By: m, Err: err}
}

// Unfinished marks an error as that of something that was not done when the run ended.
func Unfinished(err error) error { return &NotDoneError{Outcome: StepUnfinished, Err: err} }

// ErrRunEnded is why something that was asked for was not done; what it waited for follows behind a colon.
var ErrRunEnded = errors.New("not done before the end of the run")

// Undone marks an error as what undid a statement that had been carried out.
func Undone(err error) error { return &NotDoneError{Outcome: StepUndone, Err: err} }

// InPart marks the error of a statement of which another part was done: that is no refusal of it.
func InPart(err error) error {
	if e := NotDoneEvent("", err); NotDoneOutcome(&e) != StepRefused {
		return err
	}
	return &NotDoneError{Outcome: StepFailed, Err: err}
}

// outcomeResults are the outcomes as the field Result of a KindFaultFailed.
var outcomeResults = map[StepOutcome]Outcome{StepRefused: OutcomeFailed, StepUnfinished: OutcomeUnknown,
	StepUndone: OutcomeOK}

// NotDoneEvent is the event of a statement, by its text, that was not carried out. What
// went wrong in several ways is refused when all of them are refusals.
func NotDoneEvent(text string, err error) Event {
	e := Event{Kind: KindFaultFailed, Note: text + ": " + strings.ReplaceAll(err.Error(), "\n", "; ")}
	var first *NotDoneError
	for i, part := range parts(err) {
		var n *NotDoneError
		switch {
		case !errors.As(part, &n):
			n = &NotDoneError{Outcome: StepFailed}
			fallthrough
		case i == 0:
			first = n
		case n.Outcome != first.Outcome:
			first = &NotDoneError{Outcome: worse(first.Outcome, n.Outcome)}
		}
	}
	e.Result, e.Peer = outcomeResults[first.Outcome], first.By
	return e
}

// worse is the outcome of a statement whose parts have these two: an unfinished part
// leaves it unfinished, whatever came of the others.
func worse(a, b StepOutcome) StepOutcome {
	if a == StepUnfinished || b == StepUnfinished {
		return StepUnfinished
	}
	return StepFailed
}

// parts are the errors that were joined, or the one error itself.
func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// NotDoneOutcome is the outcome that a KindFaultFailed tells.
func NotDoneOutcome(e *Event) StepOutcome {
	switch e.Result {
	case OutcomeFailed:
		return StepRefused
	case OutcomeUnknown:
		return StepUnfinished
	case OutcomeOK:
		return StepUndone
	}
	return StepFailed
}
