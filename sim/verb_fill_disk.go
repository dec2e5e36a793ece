package sim

func init() {
	register(Verb{
		Name:    "fill-disk",
		Args:    []Arg{ArgMembers},
		About:   "fills the members' disks: the next write fails, and etcd stops on a write that fails",
		Example: "fill-disk a-follower",
		Began:   "the {disk|disks} of {0} filled up",
		Over:    "the {disk|disks} of {0} had room again",
		Lasts:   true,
		Needs:   []Power{PowerFillDisk},
		Apply: func(a *Action) error {
			a.Disks(a.Members(0), func(s *DiskState) { s.Full = true })
			return nil
		},
	})
}
