package sim

func init() {
	register(Verb{
		Name:    "rotate-certs",
		Args:    []Arg{ArgMembers},
		About:   "gives members new certificates of the same authority while they run",
		Example: "rotate-certs all",
		Began:   "{0} got new certificates",
		Needs:   []Power{PowerAccess},
		Apply: func(a *Action) error {
			o, err := operator[AccessOperator](a)
			if err != nil {
				return err
			}
			return o.RotateCerts(a.Members(0))
		},
	})
}
