package sim

func init() {
	register(Verb{
		Name:    "stall-disk",
		Args:    []Arg{ArgMembers},
		About:   "stops the members' disks: no write ends until the fault does",
		Example: "stall-disk a-follower",
		Began:   "the {disk|disks} of {0} stalled",
		Over:    "the {disk|disks} of {0} worked again",
		Lasts:   true,
		Needs:   []Power{PowerStallDisk},
		Apply: func(a *Action) error {
			a.Disks(a.Members(0), func(s *DiskState) { s.Stalled = true })
			return nil
		},
	})
}
