package sim

func init() {
	register(Verb{
		Name:    "cut",
		Args:    []Arg{ArgArrow},
		About:   "cuts links in one direction: data from the first members no longer reaches the second",
		Example: "cut leader -> followers",
		Began:   "data from {0} no longer reached {1}",
		Over:    "data from {0} reached {1} again",
		Lasts:   true,
		Needs:   []Power{PowerCut},
		Apply: func(a *Action) error {
			a.Links(a.Members(0), a.Members(1), cutLink)
			return nil
		},
	})
}
