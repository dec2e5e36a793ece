package sim

func init() {
	register(Verb{
		Name:    "resume",
		Args:    []Arg{ArgMembers},
		About:   "lets paused members go on",
		Example: "resume all",
		Began:   "{0} went on",
		Needs:   []Power{PowerPause},
		Apply: func(a *Action) error {
			a.Unpaused(a.Members(0))
			return nil
		},
	})
}
