package etcdsim

import "quorumlab/sim"

// Configure gives a member settings of its own for its next lives.
func (p powers) Configure(id sim.MemberID, s sim.MemberSettings) error {
	m := p.r.cluster.Member(id)
	own := m.Own().Then(s)
	if err := own.Check(&p.r.s.Cluster); err != nil {
		return refused("%s can't start with %s: %w", m.Name, own.Text(), err)
	}
	has := own.On(p.r.s.Cluster)
	for _, r := range refuseTiming(&has) {
		return refused("%s can't start with %s: %s", m.Name, own.Text(), r.Reason)
	}
	m.Configure(s)
	return nil
}
