package sim

func init() {
	register(Verb{
		Name:    "kubernetes",
		Args:    []Arg{ArgNumber, ArgSecond},
		About:   "adds the load of a Kubernetes cluster with N nodes and M pods: node leases, pod updates, events with a time to live",
		Example: "kubernetes 100 1000",
		Began:   "a Kubernetes of {number} nodes and {second} pods came on",
		Over:    "the Kubernetes went away",
		Lasts:   true,
		Needs:   []Power{PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[StoreOperator](a)
			if err != nil {
				return err
			}
			a.During(func() (func() error, error) { return o.Kubernetes(a.Statement.Number, a.Statement.Second) })
			return nil
		},
	})
}
