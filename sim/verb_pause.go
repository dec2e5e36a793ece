package sim

func init() {
	register(Verb{
		Name:    "pause",
		Args:    []Arg{ArgMembers},
		About:   "stops the members' processes where they stand, as SIGSTOP or a long garbage collection does",
		Example: "pause leader",
		Began:   "{0} {was|were} paused",
		Over:    "{0} went on",
		Lasts:   true,
		Needs:   []Power{PowerPause},
		Apply: func(a *Action) error {
			a.Paused(a.Members(0))
			return nil
		},
	})
}
