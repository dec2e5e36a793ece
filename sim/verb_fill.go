package sim

func init() {
	register(Verb{
		Name:    "fill",
		Args:    []Arg{ArgNumber, ArgSize},
		About:   "writes N keys of that size, fill/0 and on; a second time it overwrites them",
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
