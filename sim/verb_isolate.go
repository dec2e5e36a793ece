package sim

func init() {
	register(Verb{
		Name:    "isolate",
		Args:    []Arg{ArgMembers},
		About:   "cuts each of the members off from every other one, in both directions",
		Example: "isolate leader",
		Began:   "{0} {was|were each} cut off from all others",
		Over:    "{0} {was|were} connected to the others again",
		Lasts:   true,
		Needs:   []Power{PowerCut},
		Apply: func(a *Action) error {
			for _, m := range a.Members(0) {
				for _, o := range a.Cluster().Members() {
					a.Links([]MemberID{m}, []MemberID{o.ID}, cutLink)
					a.Links([]MemberID{o.ID}, []MemberID{m}, cutLink)
				}
			}
			return nil
		},
	})
}
