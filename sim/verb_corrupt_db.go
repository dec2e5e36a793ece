package sim

func init() {
	register(Verb{
		Name:    "corrupt-db",
		Args:    []Arg{ArgMembers},
		About:   "changes a value in the members' databases behind their backs",
		Example: "corrupt-db a-follower",
		Began:   "the {database|databases} of {0} {was|were} damaged",
		Needs:   []Power{PowerDamage},
		Apply: func(a *Action) error {
			o, err := operator[Damager](a)
			if err != nil {
				return err
			}
			for _, m := range a.Members(0) {
				if err := o.Damage(m, FileDatabase); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
