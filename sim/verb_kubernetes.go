package sim

func init() {
	register(Verb{
		Name:    "kubernetes",
		Args:    []Arg{ArgNumber, ArgSecond},
		About:   "adds the load of a Kubernetes cluster with N nodes and M pods, sixty times as fast as there (a second is a minute): node leases every 10 s of that time, node status every 5 min, pod updates every 10 min, each with an event that lives for 10 s",
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
