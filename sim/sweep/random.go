package sweep

import (
	"path/filepath"

	"quorumlab/sim"
	"quorumlab/sim/run"
	"quorumlab/sim/swarm"
)

// RandomName is the name of a sweep that draws whole scenarios.
const RandomName = "random-faults"

// RandomBase is the scenario that such a sweep draws from: the defaults.
const RandomBase = `title: Random faults on random clusters
about: Each trial draws a cluster, a load and faults, then heals everything and must commit again.
engines: [sim]
run: 1s
`

// RandomReadings is what is read off trials with random faults, unless told otherwise.
func RandomReadings() []sim.Reading {
	return []sim.Reading{{Measure: "elections"}, {Measure: "downtime.longest", In: sim.Millis}}
}

// randomFrom is a scenario as the trials draw from it: what the script does and expects
// is drawn.
func randomFrom(s *sim.Scenario) *sim.Scenario {
	out := *s
	out.Steps, out.Until, out.Alerts = nil, "", sim.AlertSpec{}
	out.Expect = []sim.Expectation{{Check: "linearizable"}, {Outcome: sim.StepNotDone}}
	return &out
}

// randomScript is where the script of a failing trial is.
func randomScript(dir string, seed uint64) string {
	name := swarm.Name(seed)
	drawn := &sim.Scenario{Name: name, Seed: seed}
	return filepath.Join(dir, run.FolderName(drawn, "sim"), name+".yaml")
}
