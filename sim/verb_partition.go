package sim

func init() {
	register(Verb{
		Name:    "partition",
		Args:    []Arg{ArgSides},
		About:   "cuts the network into sides: nothing passes between two members of different sides",
		Example: "partition leader n2 | rest",
		Began:   "{0} {was|were} cut off from {1 from}",
		Over:    "{0} {was|were} connected to {1 to} again",
		Lasts:   true,
		Needs:   []Power{PowerCut},
		Apply: func(a *Action) error {
			for i, side := range a.resolved {
				for j, other := range a.resolved {
					if i != j {
						a.Links(side, other, cutLink)
					}
				}
			}
			return nil
		},
	})
}

func cutLink(s *LinkState) { s.Cut = true }
