package sim

func init() {
	register(Verb{
		Name:    "delete",
		Args:    []Arg{ArgNumber},
		About:   "deletes the first N keys that fill wrote, in one request",
		Example: "delete 500",
		Began:   "{number} of the filled keys were deleted",
		Needs:   []Power{PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[StoreOperator](a)
			if err != nil {
				return err
			}
			return o.Delete(a.Statement.Number)
		},
	})
}
