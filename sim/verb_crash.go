package sim

func init() {
	register(Verb{
		Name:    "crash",
		Args:    []Arg{ArgMembers},
		About:   "kills the members' processes; what their disks kept stays, and restart starts them from there",
		Example: "crash leader",
		Began:   "{0} crashed",
		Over:    "{0} came back",
		Lasts:   true,
		Needs:   []Power{PowerCrash},
		Apply: func(a *Action) error {
			a.Down(a.Members(0))
			return nil
		},
	})
}
