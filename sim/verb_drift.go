package sim

func init() {
	register(Verb{
		Name:    "drift",
		Args:    []Arg{ArgMembers, ArgDrift},
		About:   "makes the members' clocks run fast, or slow when negative",
		Example: "drift n2 5%",
		Lasts:   true,
		Needs:   []Power{PowerDrift},
		Apply: func(a *Action) error {
			a.Drift(a.Members(0), a.Statement.Share)
			return nil
		},
	})
}
