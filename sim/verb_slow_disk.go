package sim

func init() {
	register(Verb{
		Name:    "slow-disk",
		Args:    []Arg{ArgMembers, ArgLaw},
		About:   "adds a time to each fsync of the members' disks",
		Example: "slow-disk leader 200ms",
		Began:   "each fsync of {0} began to take {law} longer",
		Over:    "the {disk|disks} of {0} had {its|their} usual speed again",
		Lasts:   true,
		Needs:   []Power{PowerSlowDisk},
		Apply: func(a *Action) error {
			law := a.Statement.Law
			a.Disks(a.Members(0), func(s *DiskState) { s.Slow = law })
			return nil
		},
	})
}
