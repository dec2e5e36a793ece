package sim

func init() {
	register(Verb{
		Name:    "pause",
		Args:    []Arg{ArgMembers},
		About:   "stops the members' processes where they stand, as SIGSTOP or a long garbage collection does",
		Example: "pause leader",
		Lasts:   true,
		Needs:   []Power{PowerPause},
		Apply: func(a *Action) error {
			a.Paused(a.Members(0))
			return nil
		},
	})
}
