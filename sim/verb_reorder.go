package sim

func init() {
	register(Verb{
		Name:    "reorder",
		Args:    []Arg{ArgArrow, ArgShare},
		About:   "holds a share of the messages back so that later ones pass them",
		Example: "reorder n1 -> n2 20%",
		Began:   "{share} of the messages from {0} to {1} began to be held back, so that later ones passed them",
		Over:    "messages from {0} to {1} arrived in order again",
		Lasts:   true,
		Needs:   []Power{PowerReorder},
		Apply: func(a *Action) error {
			share := a.Statement.Share
			a.Links(a.Members(0), a.Members(1), func(s *LinkState) { s.Reorder = share })
			return nil
		},
	})
}
