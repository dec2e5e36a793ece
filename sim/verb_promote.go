package sim

func init() {
	register(Verb{
		Name:    "promote",
		Args:    []Arg{ArgMembers},
		About:   "gives a learner a vote, as soon as it has caught up",
		Example: "promote n4",
		Began:   "{0} {was|were} to get a vote",
		Needs:   []Power{PowerMembers},
		Apply: func(a *Action) error {
			for _, m := range a.Members(0) {
				if err := a.Cluster().Change(Promote, m); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
