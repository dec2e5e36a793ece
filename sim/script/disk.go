package script

import "quorumlab/sim"

// The verbs of a member's disk.
func init() {
	register(Verb{
		Family:  "disk",
		Name:    "slow-disk",
		Args:    []*Arg{argMembers, argDistribution},
		About:   "adds a delay to each fsync of the members' disks",
		Example: "slow-disk leader 200ms",
		Began:   "each fsync of {0} began to take {distribution} longer",
		Over:    "the {disk|disks} of {0} returned to {its|their} usual speed",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerSlowDisk},
		Apply: func(a *Action) error {
			longer := a.Statement.Distribution
			a.Disks(a.Members(0), func(s *sim.DiskState) { s.Slow = longer })
			return nil
		},
	})
	register(Verb{
		Family:  "disk",
		Name:    "stall-disk",
		Args:    []*Arg{argMembers},
		About:   "stalls the members' disks: no write completes until the fault ends",
		Example: "stall-disk a-follower",
		Began:   "the {disk|disks} of {0} stalled",
		Over:    "the {disk|disks} of {0} worked again",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerStallDisk},
		Apply: func(a *Action) error {
			a.Disks(a.Members(0), func(s *sim.DiskState) { s.Stalled = true })
			return nil
		},
	})
	register(Verb{
		Family:  "disk",
		Name:    "fill-disk",
		Args:    []*Arg{argMembers},
		About:   "fills the members' disks: the next write fails, and etcd stops when a write fails",
		Example: "fill-disk a-follower",
		Began:   "the {disk|disks} of {0} filled up",
		Over:    "the {disk|disks} of {0} had room again",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerFillDisk},
		Apply: func(a *Action) error {
			a.Disks(a.Members(0), func(s *sim.DiskState) { s.Full = true })
			return nil
		},
	})
	register(Verb{
		Family:  "disk",
		Name:    "lose-unsynced",
		Args:    []*Arg{argMembers},
		About:   "makes the members' disks lie: fsync returns, but a crash loses all that was written since",
		Example: "lose-unsynced a-follower",
		Began:   "the {disk|disks} of {0} began to lie about fsync",
		Over:    "the {disk|disks} of {0} stopped lying about fsync",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerLoseDisk},
		Apply: func(a *Action) error {
			a.Disks(a.Members(0), func(s *sim.DiskState) { s.Lying = true })
			return nil
		},
	})
	register(Verb{
		Family:  "disk",
		Name:    "heal-disk",
		Args:    []*Arg{argOptionalMembers},
		About:   "repairs every disk, or the disks of the members",
		Example: "heal-disk n2",
		Began:   "every disk{at} was repaired",
		Apply: func(a *Action) error {
			a.MendDisks(a.optional())
			return nil
		},
	})
	register(Verb{
		Family:  "disk",
		Name:    "wipe",
		Args:    []*Arg{argMembers},
		About:   "crashes the members if they are up and empties their disks; they stay down until restarted",
		Example: "wipe n3",
		Began:   "{0} {was|were} stopped, and {its disk|their disks} emptied",
		Over:    "{0} came back with {an empty disk|empty disks}",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerCrash, sim.PowerWipe},
		Apply: func(a *Action) error {
			a.Down(a.Members(0))
			return each(a.Members(0), func(m sim.MemberID) error {
				if err := a.Cluster().Crash(m); err != nil {
					return err
				}
				return a.Cluster().Wipe(m)
			})
		},
	})
}
