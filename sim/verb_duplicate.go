package sim

func init() {
	register(Verb{
		Name:    "duplicate",
		Args:    []Arg{ArgArrow, ArgShare},
		About:   "delivers a share of the messages twice",
		Example: "duplicate n1 -> n2 5%",
		Began:   "{share} of the messages from {0} to {1} began to arrive twice",
		Over:    "messages from {0} to {1} arrived once again",
		Lasts:   true,
		Needs:   []Power{PowerDuplicate},
		Apply: func(a *Action) error {
			share := a.Statement.Share
			a.Links(a.Members(0), a.Members(1), func(s *LinkState) { s.Duplicate = share })
			return nil
		},
	})
}
