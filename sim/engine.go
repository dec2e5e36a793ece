package sim

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Engine runs scenarios.
type Engine interface {
	// Name is "sim" or "etcd".
	Name() string
	// Refuse says why the scenario can't run on this engine, or nothing. It is asked
	// before the start; what it lets through, Run can do.
	Refuse(s *Scenario) []Refusal
	// Run runs the scenario to its end, or until ctx is done, and writes what happens
	// to rec. It leaves nothing behind: no goroutine, port, process or folder. An
	// error means that the run did not come to its end; what rec has is still good.
	// Progress, if not nil, is called now and then with how far the run is.
	Run(ctx context.Context, s *Scenario, rec *Recorder, progress func(at time.Duration)) error
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
