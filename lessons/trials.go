package lessons

import (
	"context"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// Trials runs a scenario on the sim engine for n seeds, from its own on, without judging,
// and shows each trace, which has no messages, log entries and writes to disk. Errors: what the
// engine refuses, visit's, and ctx's.
func Trials(ctx context.Context, s *sim.Scenario, n int, visit func(t *sim.Trace) error) error {
	trial := *s
	for i := range n {
		trial.Seed = s.Seed + uint64(i)
		rec := sim.NewRecorder(sim.AllKinds &^ sim.HighRate)
		check.Until(rec, &trial)
		if err := (raftsim.Engine{}).Run(ctx, &trial, rec, nil); err != nil {
			return err
		}
		if err := visit(rec.Trace(&trial, "sim", "")); err != nil {
			return err
		}
	}
	return nil
}
