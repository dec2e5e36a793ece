package sim

func init() {
	register(Verb{
		Name:    "fill",
		Args:    []Arg{ArgNumber, ArgSize},
		About:   "writes N keys of that size, a few at a time, as fast as the cluster answers; a second time it overwrites them, and it ends early when the store is full",
		Example: "fill 1000 64KiB",
		Began:   "{number} keys of {size} were written",
		Needs:   []Power{PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[StoreOperator](a)
			if err != nil {
				return err
			}
			return o.Fill(a.Statement.Number, a.Statement.Size)
		},
	})
}
