package run

import (
	"context"
	"errors"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// Options say how to make and judge a run. The zero value keeps all events, runs all checks that are
// always on and all that the scenario expects, and reads all measures.
type Options struct {
	Version    string                 // of the program; recorded in the trace
	Progress   func(at time.Duration) // called now and then with the run's progress in its own time; may be nil
	Observers  []sim.Observer         // see each event as it happens
	Keep       sim.KindSet            // the kinds of events that the trace keeps; 0: all, or what the questions need
	Streamed   bool                   // the trace is, see sim.Recorder.Stream; with Ask it always is
	MostEvents int                    // a run with more is ended; 0: MostEvents of the scenario, negative: no limit

	// Ask, if not nil, is all that is asked of the run besides its expectations: the run has Answers
	// instead of a Result.
	Ask *check.Questions
	// Unjudged leaves the run unjudged: it has only a trace, and too many events are an error.
	Unjudged bool
}

// Judged is a finished run.
type Judged struct {
	Trace   *sim.Trace    // with Options.Ask its header alone, or nil if no trace was needed
	Result  *check.Result // verdicts and measures; nil with Options.Ask and Options.Unjudged
	Answers check.Answers // to Options.Ask
	Flood   error         // sim.ErrFlood or sim.ErrStandstill if the run was ended before its time
}

// OK reports whether the run completed and every verdict is good.
func (j *Judged) OK() bool {
	if j.Result == nil {
		return j.Flood == nil && j.Answers.OK
	}
	return j.Result.OK()
}

// Do runs a scenario on an engine and judges the run. A run that was ended because it had too many events, or
// because its time stood still, is judged too, and fails.
// Errors are the engine's: a sim.RefusedError, ctx's, and those of the machine, as when there is no room for events;
// and an InputError for a run on sim that would take more memory than a run may.
func Do(ctx context.Context, s *sim.Scenario, e sim.Engine, o Options) (*Judged, error) {
	u := Begin(s, o)
	if _, virtual := e.(sim.Bounder); virtual && u.metered == nil {
		if err := fits(s); err != nil {
			return nil, err
		}
	}
	e = bounded(e, s, o.MostEvents)
	check.Until(u.Recorder, s)
	err := e.Run(ctx, s, u.Recorder, o.Progress)
	early := errors.Is(err, sim.ErrFlood) || errors.Is(err, sim.ErrStandstill)
	if err != nil && (o.Unjudged || !early) {
		return nil, err
	}
	j := u.end(s, e.Name(), err)
	if j.Trace == nil {
		return j, nil
	}
	err = j.Trace.Err()
	if err != nil || o.Ask != nil {
		err = errors.Join(err, j.Trace.Close())
	}
	if err != nil {
		return nil, err
	}
	return j, nil
}

// Judge judges a run of which there is its trace alone, as it was saved. What was judged while the run went on is
// judged by the events that the trace was kept with.
func Judge(t *sim.Trace) *Judged { return &Judged{Trace: t, Result: check.Judge(t)} }

// Underway is a run in progress.
type Underway struct {
	// Recorder takes the events. It may be limited before the first one.
	Recorder *sim.Recorder

	o       Options
	safety  *check.Safety // nil: nobody asks
	metered *metered      // nil: a trace is kept
}

// Begin prepares a run of a scenario: a live cluster writes its events to the recorder until End.
// Progress, MostEvents and the measure that ends a run (Scenario.Until) are up to the caller.
func Begin(s *sim.Scenario, o Options) *Underway {
	u := &Underway{o: o}
	observers := o.Observers
	if watched(s, o) {
		u.safety = check.NewSafety()
		observers = append(observers[:len(observers):len(observers)], u.safety)
	}
	keep := o.Keep
	switch {
	case keep == 0 && o.Ask == nil:
		keep = sim.AllKinds
	case keep == 0 && meters(s, o.Ask):
		u.metered = newMetered(s, o.Ask)
		observers = append(observers, u.metered.observers...)
	case keep == 0:
		keep = needed(s, o.Ask)
	}
	u.Recorder = sim.NewRecorder(keep, observers...)
	if o.Streamed || o.Ask != nil {
		u.Recorder.Stream()
	}
	return u
}

// watched reports whether the safety rules are asked for, which are judged while the run goes on.
func watched(s *sim.Scenario, o Options) bool {
	switch {
	case o.Unjudged:
		return false
	case o.Ask == nil || o.Ask.Checks == nil:
		return true
	}
	for _, c := range o.Ask.Checks {
		if c == safetyCheck {
			return true
		}
	}
	for _, e := range s.Expect {
		if e.Check == safetyCheck {
			return true
		}
	}
	return false
}

// safetyCheck is the check that an observer of the run answers.
const safetyCheck = "safety"

// End judges what was recorded. s is the scenario as it was run, which for a live cluster is only known at
// the end.
func (u *Underway) End(s *sim.Scenario, engine string) *Judged { return u.end(s, engine, nil) }

func (u *Underway) end(s *sim.Scenario, engine string, flood error) *Judged {
	j := &Judged{Flood: flood}
	if u.metered != nil {
		j.Answers = u.metered.answers(s, u.o.Ask, u.safety)
		return j
	}
	j.Trace = u.Recorder.Trace(s, engine, u.o.Version)
	var opts []check.Option
	if u.safety != nil {
		opts = append(opts, check.WithSafety(u.safety))
	}
	switch {
	case u.o.Unjudged:
	case u.o.Ask != nil:
		j.Answers = check.Ask(j.Trace, *u.o.Ask, opts...)
	default:
		j.Result = check.Judge(j.Trace, opts...)
		if flood != nil { // what was recorded shows why
			j.Result.Verdicts = append(j.Result.Verdicts, sim.Verdict{Check: Bounded, Why: flood.Error()})
		}
	}
	return j
}
