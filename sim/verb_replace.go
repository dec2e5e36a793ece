package sim

func init() {
	register(Verb{
		Name:    "replace",
		Args:    []Arg{ArgMember, ArgNew},
		About:   "removes a member, adds a new one as a learner and promotes it when it has caught up",
		Example: "replace n3 n4",
		Began:   "{0} was to be replaced by {new}",
		Needs:   []Power{PowerMembers},
		Apply: func(a *Action) error {
			id, err := a.NewMember()
			if err != nil {
				return err
			}
			if err := a.Cluster().Change(Remove, a.Members(0)[0]); err != nil {
				return err
			}
			if err := a.Cluster().Change(AddLearner, id); err != nil {
				return err
			}
			return a.Cluster().Change(Promote, id)
		},
	})
}
