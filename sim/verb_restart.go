package sim

func init() {
	register(Verb{
		Name:    "restart",
		Args:    []Arg{ArgMembers},
		About:   "starts members that are down; one that is up is crashed and started again",
		Example: "restart crashed",
		Began:   "{0} {was|were} restarted",
		Needs:   []Power{PowerCrash},
		Apply: func(a *Action) error {
			for _, m := range a.Cluster().Members() {
				for _, id := range a.Members(0) {
					if m.ID == id && m.Up {
						if err := a.Cluster().Crash(id); err != nil {
							return err
						}
					}
				}
			}
			return a.Up(a.Members(0))
		},
	})
}
