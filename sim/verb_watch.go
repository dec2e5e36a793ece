package sim

func init() {
	register(Verb{
		Name:    "watch",
		Args:    []Arg{ArgKey},
		About:   "has a client watch a key",
		Example: "watch k0",
		Began:   "a client began to watch {key}",
		Over:    "the watch of {key} was ended",
		Lasts:   true,
		Needs:   []Power{PowerWatch},
		Apply: func(a *Action) error {
			o, err := operator[Watcher](a)
			if err != nil {
				return err
			}
			a.During(func() (func() error, error) { return o.Watch(a.Statement.Key) })
			return nil
		},
	})
}
