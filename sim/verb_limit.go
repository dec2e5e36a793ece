package sim

func init() {
	register(Verb{
		Name:    "limit",
		Args:    []Arg{ArgArrow, ArgSpeed},
		About:   "limits the links from the first members to the second to a speed each",
		Example: "limit leader -> n2 1MB/s",
		Began:   "the links from {0} to {1} were limited to {speed}",
		Over:    "the links from {0} to {1} had their full speed again",
		Lasts:   true,
		Needs:   []Power{PowerLimit},
		Apply: func(a *Action) error {
			speed := a.Statement.Speed
			a.Links(a.Members(0), a.Members(1), func(s *LinkState) { s.Limit = speed })
			return nil
		},
	})
}
