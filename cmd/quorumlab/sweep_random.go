package main

import (
	"fmt"
	"path/filepath"

	"quorumlab/sim"
	"quorumlab/sim/swarm"
)

// randomName is the name of a sweep that draws whole scenarios.
const randomName = "random-faults"

// randomBase is the scenario that such a sweep draws from: the defaults.
const randomBase = `title: Random faults on random clusters
about: Each trial draws a cluster, a load and faults, then heals all and owes a commit.
engines: [sim]
run: 1s
`

// mostEvents ends a trial whose members answer each other without end: far above what
// a drawn scenario has.
const mostEvents = 2_000_000

// randomFigures is what is read off trials with random faults, unless somebody says
// otherwise.
func randomFigures() []sim.Reading {
	return []sim.Reading{{Measure: "elections"}, {Measure: "downtime.longest", In: sim.Millis}}
}

// randomFrom is a scenario as the trials draw from it: what the script does and expects
// is drawn.
func randomFrom(s *sim.Scenario) *sim.Scenario {
	out := *s
	out.Steps, out.Until, out.Alerts = nil, "", sim.AlertSpec{}
	out.Expect = []sim.Expectation{{Check: "linearizable"}}
	return &out
}

// randomScript is where the script of a failing trial is.
func randomScript(dir string, seed uint64) string {
	name := swarm.Name(seed)
	return filepath.Join(dir, fmt.Sprintf("%s-sim-seed%d", name, seed), name+".yaml")
}
