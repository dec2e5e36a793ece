package script

import "quorumlab/sim"

// The verbs that damage a member's files.
func init() {
	register(Verb{
		Family:  "damage",
		Name:    "corrupt",
		Args:    []*Arg{argMembers},
		About:   "damages the members' logs on disk (WAL); they notice at their next start",
		Example: "corrupt a-follower",
		Began:   "the {log|logs} of {0} {was|were} damaged",
		Needs:   []sim.Power{sim.PowerDamage},
		Apply: func(a *Action) error {
			o, err := operator[sim.Damager](a)
			if err != nil {
				return err
			}
			return each(a.Members(0), func(m sim.MemberID) error { return o.Damage(m, sim.FileWAL) })
		},
	})
	register(Verb{
		Family:  "damage",
		Name:    "corrupt-db",
		Args:    []*Arg{argMembers},
		About:   "changes a value in the members' databases behind their backs",
		Example: "corrupt-db a-follower",
		Began:   "the {database|databases} of {0} {was|were} damaged",
		Needs:   []sim.Power{sim.PowerDamage},
		Apply: func(a *Action) error {
			o, err := operator[sim.Damager](a)
			if err != nil {
				return err
			}
			return each(a.Members(0), func(m sim.MemberID) error { return o.Damage(m, sim.FileDatabase) })
		},
	})
	register(Verb{
		Family:  "damage",
		Name:    "corrupt-snapshot",
		Args:    []*Arg{argMembers},
		About:   "damages the members' newest snapshot files; they notice at their next start",
		Example: "corrupt-snapshot a-follower",
		Began:   "the snapshot {file|files} of {0} {was|were} damaged",
		Needs:   []sim.Power{sim.PowerDamage},
		Apply: func(a *Action) error {
			o, err := operator[sim.Damager](a)
			if err != nil {
				return err
			}
			return each(a.Members(0), func(m sim.MemberID) error { return o.Damage(m, sim.FileSnapshot) })
		},
	})
}
