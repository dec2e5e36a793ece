package sim

func init() {
	register(Verb{
		Name:    "reorder",
		Args:    []Arg{ArgArrow, ArgShare},
		About:   "holds a share of the messages back so that later ones pass them",
		Example: "reorder n1 -> n2 20%",
		Lasts:   true,
		Needs:   []Power{PowerReorder},
		Apply: func(a *Action) error {
			share := a.Statement.Share
			a.Links(a.Members(0), a.Members(1), func(s *LinkState) { s.Reorder = share })
			return nil
		},
	})
}
