package sim

func init() {
	register(Verb{
		Name:    "heal-disk",
		Args:    []Arg{ArgOptionalMembers},
		About:   "mends every disk, or the disks of the members",
		Example: "heal-disk n2",
		Began:   "every disk{at} was mended",
		Apply: func(a *Action) error {
			a.MendDisks(a.optional())
			return nil
		},
	})
}
