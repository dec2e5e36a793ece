package sweep

import (
	"path/filepath"

	"quorumlab/sim"
	"quorumlab/sim/run"
	"quorumlab/sim/swarm"
)

// RandomName is the name of a sweep that draws whole scenarios.
const RandomName = "random-faults"

// RandomBase is the scenario that such a sweep on sim or on etcd-virtual draws from: the defaults.
func RandomBase(engine string) string {
	return `title: Random faults on random clusters
about: Each trial draws a cluster, a load and faults, then heals everything and must commit again.
engines: [` + drawnFor(engine) + `]
run: 1s
`
}

// drawnFor is the engine that a scenario with random faults names.
func drawnFor(engine string) string {
	if engine == sim.EtcdVirtual {
		return "etcd"
	}
	return "sim"
}

// RandomReadings is what is read off trials with random faults, unless told otherwise.
func RandomReadings() []sim.Reading {
	return []sim.Reading{{Measure: "elections"}, {Measure: "downtime.longest", In: sim.Millis}}
}

// randomFrom is a scenario as the trials draw from it: what the script does and expects
// is drawn, for the engine.
func randomFrom(s *sim.Scenario, engine string) *sim.Scenario {
	out := *s
	out.Engines = []string{drawnFor(engine)}
	out.Steps, out.Until, out.Alerts = nil, "", sim.AlertSpec{}
	out.Expect = []sim.Expectation{{Check: "linearizable"}, {Outcome: sim.StepNotDone}}
	return &out
}

// randomScript is where the script of a failing trial on an engine is.
func randomScript(dir, engine string, seed uint64) string {
	name := swarm.Name(seed)
	drawn := &sim.Scenario{Name: name, Seed: seed}
	return filepath.Join(dir, run.FolderName(drawn, engine), name+".yaml")
}
