// Package engines finds engines by name. It imports them all, so that nobody else must: code that runs
// scenarios takes an engine as a value, and only a program or a lesson that was given a name comes here.
//
//	"sim"  ──Named──▶ raftsim.Engine, in virtual time
//	"etcd" ──Named──▶ etcdsim.Engine, in real time
//	"etcd-virtual" ──Named──▶ etcdsim.Virtual, real etcd in virtual time
package engines

import (
	"fmt"
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/raftsim"
)

// made are the engines with their defaults, in display order.
var made = []sim.Engine{raftsim.Engine{}, etcdsim.Engine{}, etcdsim.Virtual{}}

// What Pick takes for several engines: Both for those that a scenario can name, All for all. A list with
// commas names them one by one.
const (
	Both = "both"
	All  = "all"
)

// Names are the names of the engines.
func Names() (names []string) {
	for _, e := range made {
		names = append(names, e.Name())
	}
	return names
}

// Named is the engine of that name, with its defaults. The error lists the names.
func Named(name string) (sim.Engine, error) {
	for _, e := range made {
		if e.Name() == name {
			return e, nil
		}
	}
	return nil, unknown(name, Names())
}

func unknown(name string, known []string) error {
	last := len(known) - 1
	return fmt.Errorf("unknown engine %q%s", name, text.DidYouMeanOr(name, known,
		"the engines are "+strings.Join(known[:last], ", ")+" and "+known[last]))
}

// Pick returns the engines to run a scenario on: those that the wish names, or for an empty wish the first
// that the scenario lists. Errors: there is no engine of that name, the scenario does not list
// it, or it can't run the scenario (a sim.RefusedError).
func Pick(s *sim.Scenario, wish string) ([]sim.Engine, error) {
	var names []string
	switch {
	case wish == "":
		names = s.Engines[:1]
	case wish == Both:
		names = sim.EngineNames
	case wish == All:
		names = Names()
	default:
		names = strings.Split(wish, ",")
	}
	for i, name := range names {
		name = strings.TrimSpace(name)
		names[i] = name
		switch {
		case name == Both || name == All:
			return nil, fmt.Errorf("%q names several engines already; it stands alone, not in a list", name)
		case !slices.Contains(Names(), name):
			return nil, unknown(name, append(Names(), Both, All))
		case slices.Contains(names[:i], name):
			return nil, fmt.Errorf("the engine %s is named twice", name)
		}
	}
	var picked []sim.Engine
	for _, name := range names {
		e, err := Named(name)
		if err != nil {
			return nil, err
		}
		if err := fits(s, e); err != nil {
			return nil, err
		}
		picked = append(picked, e)
	}
	return picked, nil
}

// fits returns nil if a scenario names the engine and the engine can run it. Errors are Pick's.
func fits(s *sim.Scenario, e sim.Engine) error {
	if !s.NamesEngine(e.Name()) {
		return fmt.Errorf("%s does not run on the %s engine; it names %s", s.Name, e.Name(), strings.Join(s.Engines, ", "))
	}
	if rs := e.Refuse(s); len(rs) > 0 {
		return &sim.RefusedError{Scenario: s.Name, Engine: e.Name(), Refusals: rs}
	}
	return nil
}
