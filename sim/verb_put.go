package sim

func init() {
	register(Verb{
		Name:    "put",
		Args:    []Arg{ArgKey, ArgText},
		About:   "writes a key, as one more client would",
		Example: "put city Oslo",
		Began:   "a client wrote {text} to {key}",
		Needs:   []Power{PowerPut},
		Apply: func(a *Action) error {
			return a.Cluster().Put(a.Statement.Key, a.Statement.Text)
		},
	})
}
