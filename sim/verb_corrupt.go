package sim

func init() {
	register(Verb{
		Name:    "corrupt",
		Args:    []Arg{ArgMembers},
		About:   "damages the members' logs on disk (WAL); they find out at their next start",
		Example: "corrupt a-follower",
		Began:   "the {log|logs} of {0} {was|were} damaged",
		Needs:   []Power{PowerDamage},
		Apply: func(a *Action) error {
			o, err := operator[Damager](a)
			if err != nil {
				return err
			}
			for _, m := range a.Members(0) {
				if err := o.Damage(m, FileWAL); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
