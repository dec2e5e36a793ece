package raftsim

import "quorumlab/sim"

// Configure gives a member settings of its own for its next lives.
func (c cluster) Configure(id sim.MemberID, s sim.MemberSettings) error {
	m := c.r.member(id)
	own := m.own.Then(s)
	if err := own.Check(&c.r.s.Cluster); err != nil {
		return refused("%s can't start with %s: %w", m.name, own.Text(), err)
	}
	m.own = own
	return nil
}

// configure makes the member's settings those that hold for it now. They change only between two lives.
func (m *member) configure() {
	m.has = m.own.On(m.r.s.Cluster)
	m.tickTime, m.beat, m.lo, m.hi = m.has.ElectionTicks()
}
