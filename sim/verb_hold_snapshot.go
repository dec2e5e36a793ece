package sim

func init() {
	register(Verb{
		Name:    "hold-snapshot",
		Args:    []Arg{ArgMember},
		About:   "begins to read a snapshot from a member and stops in the middle: the open read keeps freed pages from being used again, and a defrag of this member waits for it with the member at a standstill",
		Example: "hold-snapshot a-follower",
		Began:   "a client began to read a snapshot from {0} and did not go on",
		Over:    "the snapshot from {0} was let go",
		Lasts:   true,
		Needs:   []Power{PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[StoreOperator](a)
			if err != nil {
				return err
			}
			a.During(func() (func() error, error) { return o.HoldSnapshot(a.Members(0)[0]) })
			return nil
		},
	})
}
