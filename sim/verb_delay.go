package sim

func init() {
	register(Verb{
		Name:    "delay",
		Args:    []Arg{ArgArrow, ArgLaw},
		About:   "adds a time to each message from the first members to the second",
		Example: "delay n1 -> n2 20ms..50ms",
		Began:   "messages from {0} to {1} took {law} longer",
		Over:    "messages from {0} to {1} took their usual time again",
		Lasts:   true,
		Needs:   []Power{PowerDelay},
		Apply: func(a *Action) error {
			law := a.Statement.Law
			a.Links(a.Members(0), a.Members(1), func(s *LinkState) { s.Delay = law })
			return nil
		},
	})
}
