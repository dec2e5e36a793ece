package sim

func init() {
	register(Verb{
		Name:    "remove",
		Args:    []Arg{ArgMembers},
		About:   "removes members from the cluster and stops them",
		Example: "remove n3",
		Began:   "{0} {was|were} to leave the cluster",
		Needs:   []Power{PowerMembers},
		Apply: func(a *Action) error {
			for _, m := range a.Members(0) {
				if err := a.Cluster().Change(Remove, m); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
