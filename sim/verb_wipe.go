package sim

func init() {
	register(Verb{
		Name:    "wipe",
		Args:    []Arg{ArgMembers},
		About:   "crashes the members if they are up and empties their disks; they stay down until restart",
		Example: "wipe n3",
		Began:   "{0} {was|were} stopped, and {its disk|their disks} emptied",
		Over:    "{0} came back with {an empty disk|empty disks}",
		Lasts:   true,
		Needs:   []Power{PowerCrash, PowerWipe},
		Apply: func(a *Action) error {
			for _, m := range a.Members(0) {
				if err := a.Cluster().Crash(m); err != nil {
					return err
				}
				if err := a.Cluster().Wipe(m); err != nil {
					return err
				}
			}
			a.Down(a.Members(0))
			return nil
		},
	})
}
