package script

import "quorumlab/sim"

// The verbs of the key-value store and its database file.
func init() {
	register(Verb{
		Family:  "store",
		Name:    "compact",
		Args:    []*Arg{argOptionalNumber},
		About:   "drops the store's old revisions, up to N or up to the newest",
		Example: "compact",
		Began:   "the store's old revisions were dropped{upto}",
		Later:   true,
		Needs:   []sim.Power{sim.PowerCompact},
		Apply: func(a *Action) error {
			return a.Cluster().Compact(a.Statement.Number)
		},
	})
	register(Verb{
		Family: "store",
		Name:   "defrag",
		Args:   []*Arg{argMembers},
		About: "rewrites the members' database files, one member at a time and the leader last; each answers nobody " +
			"meanwhile, and one from which a snapshot is being read is blocked until that read has ended",
		Example: "defrag all",
		Began:   "{0} {was|were} defragmented",
		Later:   true,
		Needs:   []sim.Power{sim.PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[sim.StoreOperator](a)
			if err != nil {
				return err
			}
			return o.Defrag(a.Members(0))
		},
	})
	register(Verb{
		Family: "store",
		Name:   "fill",
		Args:   []*Arg{argNumber, argSize},
		About: "writes N keys of that size, a few at a time, as fast as the cluster answers; a second fill overwrites " +
			"them, and it ends early when the store is full",
		Example: "fill 1000 64KiB",
		Began:   "{number} keys of {size} were written",
		Later:   true,
		Needs:   []sim.Power{sim.PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[sim.StoreOperator](a)
			if err != nil {
				return err
			}
			return o.Fill(a.Statement.Number, a.Statement.Size)
		},
	})
	register(Verb{
		Family:  "store",
		Name:    "delete",
		Args:    []*Arg{argNumber},
		About:   "deletes the first N keys that fill wrote, in one request",
		Example: "delete 500",
		Began:   "{number} of the filled keys were deleted",
		Later:   true,
		Needs:   []sim.Power{sim.PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[sim.StoreOperator](a)
			if err != nil {
				return err
			}
			return o.Delete(a.Statement.Number)
		},
	})
	register(Verb{
		Family:  "store",
		Name:    "quota",
		Args:    []*Arg{argSize},
		About:   "limits the size of the database files, from each member's next start",
		Example: "quota 64MiB",
		Began:   "the quota was set to {size} for the next starts",
		Needs:   []sim.Power{sim.PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[sim.StoreOperator](a)
			if err != nil {
				return err
			}
			return o.SetQuota(a.Statement.Size)
		},
	})
	register(Verb{
		Family:  "store",
		Name:    "disarm",
		About:   "clears all alarms",
		Example: "disarm",
		Began:   "the alarms were disarmed",
		Later:   true,
		Needs:   []sim.Power{sim.PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[sim.StoreOperator](a)
			if err != nil {
				return err
			}
			return o.Disarm()
		},
	})
	register(Verb{
		Family: "store",
		Name:   "hold-snapshot",
		Args:   []*Arg{argMember},
		About: "begins to read a snapshot from a member and stops halfway: the open read keeps freed pages from being " +
			"reused, and a defrag of this member waits for it and blocks the member",
		Example: "hold-snapshot a-follower",
		Began:   "a client began to read a snapshot from {0} and stopped halfway",
		Over:    "the client let go of the snapshot from {0}",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[sim.StoreOperator](a)
			if err != nil {
				return err
			}
			a.During(func() (func() error, error) { return o.HoldSnapshot(a.Members(0)[0]) })
			return nil
		},
	})
	register(Verb{
		Family:  "store",
		Name:    "compare-hashes",
		About:   "compares the members' key-value states at one revision, as etcd's corruption check does",
		Example: "compare-hashes",
		Began:   "the members' states were compared",
		Later:   true,
		Needs:   []sim.Power{sim.PowerBackup},
		Apply: func(a *Action) error {
			o, err := operator[sim.BackupOperator](a)
			if err != nil {
				return err
			}
			return o.CompareHashes()
		},
	})
}
