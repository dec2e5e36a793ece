package sim

func init() {
	register(Verb{
		Name:    "lose-unsynced",
		Args:    []Arg{ArgMembers},
		About:   "makes the members' disks lie: fsync returns, but a crash loses all that was written since",
		Example: "lose-unsynced a-follower",
		Began:   "the {disk|disks} of {0} began to lie about fsync",
		Over:    "the {disk|disks} of {0} kept what {it|they} synced again",
		Lasts:   true,
		Needs:   []Power{PowerLoseDisk},
		Apply: func(a *Action) error {
			a.Disks(a.Members(0), func(s *DiskState) { s.Lying = true })
			return nil
		},
	})
}
