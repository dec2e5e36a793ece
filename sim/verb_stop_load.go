package sim

func init() {
	register(Verb{
		Name:    "stop-load",
		About:   "lets the clients begin no more operations",
		Example: "stop-load",
		Began:   "the clients stopped",
		Over:    "the clients went on",
		Lasts:   true,
		Needs:   []Power{PowerLoad},
		Apply: func(a *Action) error {
			a.Load(0)
			return nil
		},
	})
}
