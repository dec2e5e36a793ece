package main

import (
	"github.com/spf13/pflag"

	"quorumlab/sim"
	"quorumlab/sim/exact"
)

// exactFlag declares --exact.
func exactFlag(fs *pflag.FlagSet, to *bool) {
	fs.BoolVar(to, "exact", false, "run etcd-virtual so that one seed gives the same bytes on every machine: as a "+
		"WebAssembly module, ten times slower")
}

// exactName is the engine that --exact means if none is named.
func exactName(engine string, named, exactly bool) string {
	if exactly && !named {
		return sim.EtcdVirtual
	}
	return engine
}

// makeExact replaces etcd-virtual among the engines by its exact twin. The error is that it is not among them, or that
// this program has none.
func makeExact(es []sim.Engine) error {
	found := false
	for i, e := range es {
		if e.Name() == sim.EtcdVirtual {
			es[i], found = exact.Engine{}, true
		}
	}
	if !found {
		return badUsage("nothing was started", "--exact goes with --engine %s, and sim is always exact", sim.EtcdVirtual)
	}
	_, err := exact.Own()
	if err != nil {
		return badUsage("nothing was started", "--exact: %w", err)
	}
	return nil
}

// exactEngine is the engine of many runs, exact or not.
func exactEngine(name string, exactly bool) (sim.Engine, error) {
	e, err := trialEngine(name)
	if err != nil || !exactly {
		return e, err
	}
	es := []sim.Engine{e}
	err = makeExact(es)
	return es[0], err
}
