package sim

func init() {
	register(Verb{
		Name:    "quota",
		Args:    []Arg{ArgSize},
		About:   "limits the database files from each member's next start on",
		Example: "quota 64MiB",
		Began:   "the quota was set to {size} for the next starts",
		Needs:   []Power{PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[StoreOperator](a)
			if err != nil {
				return err
			}
			return o.SetQuota(a.Statement.Size)
		},
	})
}
