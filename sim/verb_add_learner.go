package sim

func init() {
	register(Verb{
		Name:    "add-learner",
		Args:    []Arg{ArgNew},
		About:   "adds a new member as a learner, without a vote, and starts it",
		Example: "add-learner n4",
		Began:   "{new} was to join as a learner",
		Needs:   []Power{PowerMembers},
		Apply: func(a *Action) error {
			id, err := a.NewMember()
			if err != nil {
				return err
			}
			return a.Cluster().Change(AddLearner, id)
		},
	})
}
