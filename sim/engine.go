package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Engine runs scenarios.
type Engine interface {
	// Name is "sim", "etcd" or "etcd-virtual".
	Name() string
	// Refuse returns why the scenario can't run on this engine, or nothing. It is asked
	// before the start; what it accepts, Run can do.
	Refuse(s *Scenario) []Refusal
	// Run runs the scenario to its end, or until ctx is done, and writes what happens
	// to rec. It leaves nothing behind: no goroutine, port, process or folder. An
	// error means that the run did not come to its end; what rec has is still good.
	// Progress, if not nil, is called now and then with how far the run is.
	Run(ctx context.Context, s *Scenario, rec *Recorder, progress func(at time.Duration)) error
}

// ErrFlood is the error of a run that was ended because it had more events than allowed. What was
// recorded until then is good.
var ErrFlood = errors.New("the run has more events than allowed: its members answer each other endlessly")

// ErrStandstill is the error of a run in virtual time whose time stopped passing. What was recorded until
// then is good.
var ErrStandstill = errors.New("virtual time stands still")

// Bounder is an engine that can be told how many events a run may have: one in virtual time, whose runs
// would otherwise go on forever when members answer each other endlessly.
type Bounder interface {
	Engine
	// Bounded is the same engine, whose runs end with ErrFlood after that many events of its own; 0 is
	// unlimited.
	Bounded(most int) Engine
}

// Refusal is a reason why an engine can't run a scenario.
type Refusal struct {
	Step   int    // place in the script from 1; 0 when it is about the cluster or the load
	What   string // the statement or setting
	Reason string
}

// RefusedError is the error for a run that an engine refused.
type RefusedError struct {
	Scenario, Engine string
	Refusals         []Refusal
}

func (e *RefusedError) Error() string {
	lines := []string{fmt.Sprintf("the %s engine can't run %s:", e.Engine, e.Scenario)}
	for _, r := range e.Refusals {
		where := r.What
		if r.Step > 0 {
			where = fmt.Sprintf("step %d %q", r.Step, r.What)
		}
		lines = append(lines, "  "+where+": "+r.Reason)
	}
	return strings.Join(lines, "\n")
}
