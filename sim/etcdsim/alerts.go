package etcdsim

import "quorumlab/sim"

// refuseAlerts says why the scenario's alerts can't be watched, or nothing.
func refuseAlerts(s *sim.Scenario) (rs []sim.Refusal) {
	if s.Alerts.On() && s.Cluster.Process != sim.ProcessOwn {
		rs = append(rs, sim.Refusal{What: "alerts", Reason: "members that share a process share their metrics; " +
			"give each its own with cluster.process: own"})
	}
	return rs
}
