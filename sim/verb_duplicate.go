package sim

func init() {
	register(Verb{
		Name:    "duplicate",
		Args:    []Arg{ArgArrow, ArgShare},
		About:   "delivers a share of the messages twice",
		Example: "duplicate n1 -> n2 5%",
		Lasts:   true,
		Needs:   []Power{PowerDuplicate},
		Apply: func(a *Action) error {
			share := a.Statement.Share
			a.Links(a.Members(0), a.Members(1), func(s *LinkState) { s.Duplicate = share })
			return nil
		},
	})
}
