package sim

func init() {
	register(Verb{
		Name:    "lose",
		Args:    []Arg{ArgArrow, ArgShare},
		About:   "loses a share of the messages from the first members to the second",
		Example: "lose all -> leader 10%",
		Began:   "{share} of the messages from {0} to {1} began to get lost",
		Over:    "messages from {0} to {1} arrived again",
		Lasts:   true,
		Needs:   []Power{PowerLose},
		Apply: func(a *Action) error {
			share := a.Statement.Share
			a.Links(a.Members(0), a.Members(1), func(s *LinkState) { s.Loss = share })
			return nil
		},
	})
}
