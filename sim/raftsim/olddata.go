package raftsim

import "quorumlab/sim"

// Was reports whether a member was removed, and its process and its disk are still there.
func (c cluster) Was(id sim.MemberID) bool { return c.r.member(id).removed }

// tellRemoved lets a removed member that has started hear of it from all who know and whom it reaches, as in etcd from
// those with which it means to connect.
func (m *member) tellRemoved() {
	for _, o := range m.r.members {
		if o != m && o.up && newConfig(o.conf, 0).role(m.id) == sim.RoleNone {
			o.turnAway(m)
		}
	}
}

// CopyData keeps what a disk holds.
func (c cluster) CopyData(id sim.MemberID, name string) error {
	m := c.r.member(id)
	if m.copies == nil {
		m.copies = map[string]*platter{}
	}
	m.copies[name] = m.disk.platter.picture()
	return nil
}

// RestoreData puts an old disk back.
func (c cluster) RestoreData(id sim.MemberID, name string) error {
	m := c.r.member(id)
	old := m.copies[name]
	switch {
	case old == nil:
		return refused("there is no copy %q of the data of %s", name, m.name)
	case m.up:
		return refused("%s is up: its data can't be replaced", m.name)
	}
	m.loseTo(old, "an old copy of its data was put back")
	if m.disk.honest != nil {
		m.disk.honest = old.picture()
	}
	return nil
}
