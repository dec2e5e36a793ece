package sim

func init() {
	register(Verb{
		Name:    "connect",
		Args:    []Arg{ArgClient},
		About:   "has a client connect, and read and write a key below pub/ and one elsewhere, to see how far its certificate takes it",
		Example: "connect alice",
		Began:   "the client {key} tried",
		Needs:   []Power{PowerAccess},
		Apply: func(a *Action) error {
			o, err := operator[AccessOperator](a)
			if err != nil {
				return err
			}
			return o.Connect(ClientKind(a.Statement.Key))
		},
	})
}
