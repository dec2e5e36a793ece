package cluster

import "quorumlab/sim"

// Configure gives the member settings of its own for its next starts, besides those that it has already.
func (m *Member) Configure(s sim.MemberSettings) {
	m.cluster.mu.Lock()
	defer m.cluster.mu.Unlock()
	m.own = m.own.Then(s)
}

// Own are the settings in which the member differs from the cluster from its next start on.
func (m *Member) Own() sim.MemberSettings {
	m.cluster.mu.Lock()
	defer m.cluster.mu.Unlock()
	return m.own
}

// has are the cluster's settings as the member has them.
func (m *Member) has() sim.ClusterSpec {
	o := &m.cluster.opt
	return m.Own().On(sim.ClusterSpec{Heartbeat: o.Heartbeat, Election: sim.Fixed(o.Election), PreVote: !o.NoPreVote,
		Store: m.cluster.store()})
}
