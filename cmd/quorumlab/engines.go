package main

import (
	"errors"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/engines"
	"quorumlab/sim/run"
)

// pickEngines are the engines that a scenario is to run on.
func pickEngines(s *sim.Scenario, wish string) ([]sim.Engine, error) {
	picked, err := engines.Pick(s, wish)
	if err != nil {
		return nil, notStarted(err)
	}
	return picked, nil
}

// trialEngine is the engine for many runs: one in virtual time.
func trialEngine(name string) (sim.Engine, error) {
	e, err := engines.Named(name)
	if err == nil && name == "etcd" {
		err = errors.New("etcd runs in real time, so many runs would take hours; etcd-virtual runs the same servers in " +
			"virtual time")
	}
	if err != nil {
		return nil, badUsage("", "--engine: %w", err)
	}
	return e, nil
}

// notStarted is an error in what was asked for. An engine's refusal needs no hint.
func notStarted(err error) error {
	hint := ""
	if refused := new(sim.RefusedError); errors.As(err, &refused) {
		hint = "nothing was started"
	}
	return &run.InputError{Err: err, Hint: hint}
}

// loadScenarios reads every scenario before any is run, so that a bad one costs
// nothing.
func loadScenarios(names, sets []string, seed *uint64) ([]*sim.Scenario, error) {
	if len(names) == 0 {
		return nil, badUsage("quorumlab list scenarios shows the library",
			"no scenario given: a name from the library or a file")
	}
	var out []*sim.Scenario
	for _, n := range names {
		s, err := scenarios.Load(n, sets...)
		if err != nil {
			return nil, &run.InputError{Err: err, Hint: "nothing was started"}
		}
		if seed != nil {
			s.Seed = *seed
		}
		for _, o := range out {
			if o.Name == s.Name {
				return nil, badUsage("", "two of the scenarios are called %q: their output would go to the same place", s.Name)
			}
		}
		out = append(out, s)
	}
	return out, nil
}
