package lessons

import (
	"context"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// Trials runs a scenario on the sim engine for n seeds, starting with its own, without judging,
// and passes each trace to visit, without messages, log entries and disk writes. Errors: what the
// engine refuses, visit's, and ctx's.
func Trials(ctx context.Context, s *sim.Scenario, n int, visit func(t *sim.Trace) error) error {
	trial := *s
	for i := range n {
		trial.Seed = s.Seed + uint64(i)
		j, err := run.Do(ctx, &trial, raftsim.Engine{}, run.Options{Keep: sim.AllKinds &^ sim.HighRate, Unjudged: true})
		if err != nil {
			return err
		}
		if err := visit(j.Trace); err != nil {
			return err
		}
	}
	return nil
}
