package scenarios_test

import "quorumlab/sim"

// Figures and checks by the names that expectations here use; reading a scenario
// needs their names and units alone.
func init() {
	none := func(*sim.Trace, sim.Window) (float64, bool) { return 0, false }
	for name, unit := range map[string]sim.Unit{
		"writes.ok": sim.Count, "writes.lost": sim.Count, "leaderless.longest": sim.Millis, "leaderless.total": sim.Millis,
		"throughput": sim.PerSecond, "elections": sim.Count, "failover": sim.Millis, "latency.put.p99": sim.Millis,
	} {
		sim.RegisterMeasure(sim.Measure{Name: name, Unit: unit, Compute: none})
	}
	for _, name := range []string{"linearizable", "safety", "no-lost-writes", "equal-state", "progress", "revisions"} {
		sim.RegisterCheck(sim.Check{Name: name, Judge: func(*sim.Trace) sim.Verdict { return sim.Verdict{} }})
	}
}
