package main

import (
	"slices"

	"github.com/spf13/pflag"

	"quorumlab/sim"
	"quorumlab/sim/exact"
)

// exactFlag declares --exact.
func exactFlag(fs *pflag.FlagSet, to *bool) {
	fs.BoolVar(to, "exact", false, "run etcd-virtual so that one seed gives the same bytes on every machine: as a "+
		"WebAssembly module, some twenty times slower")
}

// exactName is the engine that --exact means if none is named.
func exactName(engine string, named, exactly bool) string {
	if exactly && !named {
		return sim.EtcdVirtual
	}
	return engine
}

// anyModule is what a scenario names that is run exactly by whichever module there is.
const anyModule = "any"

// pickExactly are the engines that a scenario is to run on. With --exact, or if the scenario names a module and no
// engine is wished for, etcd-virtual is exact, and the scenario then names the module that runs it.
func pickExactly(s *sim.Scenario, wish string, exactly bool) ([]sim.Engine, error) {
	if s.Module != "" && wish == "" {
		wish, exactly = sim.EtcdVirtual, true
	}
	es, err := pickEngines(s, wish)
	if err != nil || !exactly {
		return es, err
	}
	return es, makeExact(s, es)
}

// makeExact replaces etcd-virtual among the engines by its exact twin. Errors: it is not among them, this program has
// none, or not the one that the scenario names.
func makeExact(s *sim.Scenario, es []sim.Engine) error {
	const hint = "nothing was started"
	i := slices.IndexFunc(es, func(e sim.Engine) bool { return e.Name() == sim.EtcdVirtual })
	if i < 0 {
		return badUsage(hint, "--exact goes with --engine %s; sim is always exact, and etcd never", sim.EtcdVirtual)
	}
	es[i] = exact.Engine{}
	hash, err := exact.OwnHash()
	switch {
	case err != nil:
		return badUsage(hint, "an exact run: %w", err)
	case s.Module != "" && s.Module != anyModule && s.Module != hash:
		return badUsage("take the version of quorumlab that has it, or give --set module=any to run it with this one",
			"%s is for the module %s; this program has %s, on which the same seed makes another run", s.Name, s.Module, hash)
	}
	s.Module = hash
	return nil
}

// exactTrials is the engine of many runs of a scenario, exact or not.
func exactTrials(s *sim.Scenario, name string, exactly bool) (sim.Engine, error) {
	e, err := trialEngine(name)
	if err != nil || !exactly {
		return e, err
	}
	es := []sim.Engine{e}
	err = makeExact(s, es)
	return es[0], err
}
