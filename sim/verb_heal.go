package sim

func init() {
	register(Verb{
		Name:    "heal",
		Args:    []Arg{ArgOptionalMembers},
		About:   "mends every link, or every link at the members",
		Example: "heal",
		Began:   "every link{at} was mended",
		Needs:   []Power{PowerCut},
		Apply: func(a *Action) error {
			a.MendLinks(a.optional())
			return nil
		},
	})
}

// optional are the members of a statement that may name none: nil means all.
func (a *Action) optional() []MemberID {
	if len(a.resolved) == 0 {
		return nil
	}
	return a.Members(0)
}
