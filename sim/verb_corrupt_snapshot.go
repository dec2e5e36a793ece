package sim

func init() {
	register(Verb{
		Name:    "corrupt-snapshot",
		Args:    []Arg{ArgMembers},
		About:   "damages the members' newest snapshot files; they find out at their next start",
		Example: "corrupt-snapshot a-follower",
		Began:   "the snapshot {file|files} of {0} {was|were} damaged",
		Needs:   []Power{PowerDamage},
		Apply: func(a *Action) error {
			o, err := operator[Damager](a)
			if err != nil {
				return err
			}
			for _, m := range a.Members(0) {
				if err := o.Damage(m, FileSnapshot); err != nil {
					return err
				}
			}
			return nil
		},
	})
}
