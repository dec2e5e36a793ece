package sim

func init() {
	register(Verb{
		Name:    "drift",
		Args:    []Arg{ArgMembers, ArgDrift},
		About:   "makes the members' clocks run fast, or slow when negative",
		Example: "drift n2 5%",
		Began:   "the {clock|clocks} of {0} began to run {drift}",
		Over:    "the {clock|clocks} of {0} ran right again",
		Lasts:   true,
		Needs:   []Power{PowerDrift},
		Apply: func(a *Action) error {
			a.Drift(a.Members(0), a.Statement.Share)
			return nil
		},
	})
}
