package sim

func init() {
	register(Verb{
		Name:    "defrag",
		Args:    []Arg{ArgMembers},
		About:   "rewrites the members' database files, one member after the other and the leader last; each answers nobody meanwhile, and one from which a snapshot is being read stands still until that read has ended",
		Example: "defrag all",
		Began:   "{0} {was|were} defragmented",
		Needs:   []Power{PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[StoreOperator](a)
			if err != nil {
				return err
			}
			return o.Defrag(a.Members(0))
		},
	})
}
