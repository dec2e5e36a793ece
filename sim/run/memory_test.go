package run_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// never is an engine that must not be asked to run.
type never struct {
	raftsim.Engine
	t *testing.T
}

func (n never) Bounded(int) sim.Engine { return n }
func (n never) Run(context.Context, *sim.Scenario, *sim.Recorder, func(time.Duration)) error {
	n.t.Error("it was run")
	return nil
}

// TestTooLargeForMemory: a run that would take more memory than a run may is refused before it starts. One of which
// nothing is kept, and one whose clients ask for nobody knows how much, are not.
func TestTooLargeForMemory(t *testing.T) {
	s := load(t, "leader-crash", "run=1h", "workload.rate=1000000/s")
	var input *run.InputError
	_, err := run.Do(t.Context(), s, never{t: t}, run.Options{})
	if !errors.As(err, &input) || input.Hint == "" || !strings.Contains(err.Error(),
		"a run of 1h at 1000000/s takes 1440 GB of memory, more than the 8 GB") {
		t.Errorf("the error is %v", err)
	}
	s = load(t, "leader-crash", "run=24h", "workload.rate=10/s")
	if need := run.Memory(s); need < 300_000_000 || need > 500_000_000 {
		t.Errorf("a day at 10 operations a second takes %d bytes", need)
	}
	s = load(t, "leader-crash", "run=1h", "workload.rate=1000000/s")
	s.Steps, s.Expect, s.Run = nil, nil, 1000*time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ask := &check.Questions{Readings: []sim.Reading{{Measure: "failover"}}, Checks: []string{"safety"}}
	if _, err := run.Do(ctx, s, raftsim.Engine{}, run.Options{Ask: ask}); errors.As(err, &input) {
		t.Errorf("only asked: %v", err)
	}
	s.Workload.Rate = 0
	if _, err := run.Do(ctx, s, raftsim.Engine{}, run.Options{}); errors.As(err, &input) {
		t.Errorf("a closed loop: %v", err)
	}
}
