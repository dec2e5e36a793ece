package sim

func init() {
	register(Verb{
		Name:    "load",
		Args:    []Arg{ArgRate},
		About:   "sets the rate of the clients' operations (an open loop)",
		Example: "load 500/s",
		Began:   "the clients' load was set to {rate}",
		Over:    "the clients' load was as at the start again",
		Lasts:   true,
		Needs:   []Power{PowerLoad},
		Apply: func(a *Action) error {
			a.Load(a.Statement.Rate)
			return nil
		},
	})
}
