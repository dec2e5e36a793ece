package sim

func init() {
	register(Verb{
		Name:    "disarm",
		About:   "clears all alarms",
		Example: "disarm",
		Began:   "the alarms were disarmed",
		Needs:   []Power{PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[StoreOperator](a)
			if err != nil {
				return err
			}
			return o.Disarm()
		},
	})
}
