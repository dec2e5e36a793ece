package main

import (
	"fmt"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/raftsim"
)

// engineNames are the values of --engine, beside both.
var engineNames = []string{"sim", "etcd"}

func engineNamed(name string) sim.Engine {
	if name == "etcd" {
		return &etcdsim.Engine{}
	}
	return &raftsim.Engine{}
}

// pickEngines are the engines that a scenario is to run on. Without a wish it is
// the first that the scenario names.
func pickEngines(s *sim.Scenario, wish string) ([]sim.Engine, error) {
	var names []string
	switch wish {
	case "":
		names = s.Engines[:1]
	case "both":
		names = engineNames
	case "sim", "etcd":
		names = []string{wish}
	default:
		return nil, badUsage("", "unknown engine %q%s; engines are sim, etcd and both", wish, text.DidYouMean(wish, append(engineNames, "both")))
	}
	var engines []sim.Engine
	for _, n := range names {
		if !s.NamesEngine(n) {
			return nil, badUsage("", "%s does not run on the %s engine; it names %s", s.Name, n, strings.Join(s.Engines, ", "))
		}
		e := engineNamed(n)
		if rs := e.Refuse(s); len(rs) > 0 {
			return nil, usageError{&sim.RefusedError{Scenario: s.Name, Engine: n, Refusals: rs}, "nothing was started"}
		}
		engines = append(engines, e)
	}
	return engines, nil
}

// loadScenarios reads every scenario before any is run, so that a bad one costs
// nothing.
func loadScenarios(names, sets []string, seed *uint64) ([]*sim.Scenario, error) {
	if len(names) == 0 {
		return nil, badUsage("quorumlab list scenarios shows the library", "a scenario is missing: a name from the library or a file")
	}
	var out []*sim.Scenario
	for _, n := range names {
		s, err := scenarios.Load(n, sets...)
		if err != nil {
			return nil, usageError{err, "nothing was started"}
		}
		if seed != nil {
			s.Seed = *seed
		}
		for _, o := range out {
			if o.Name == s.Name {
				return nil, badUsage("", "two of the scenarios are called %q: their output would have one place", s.Name)
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// outDir is the name of the folder that a run leaves.
func outDir(s *sim.Scenario, engine string) string {
	return fmt.Sprintf("%s-%s-seed%d", s.Name, engine, s.Seed)
}
