package sim

func init() {
	register(Verb{
		Name:    "campaign",
		Args:    []Arg{ArgMember},
		About:   "has the member stand for election at once, as if its election timeout had run out",
		Example: "campaign n2",
		Began:   "{0} was told to stand for election",
		Needs:   []Power{PowerCampaign},
		Apply: func(a *Action) error {
			o, err := operator[Campaigner](a)
			if err != nil {
				return err
			}
			return o.Campaign(a.Members(0)[0])
		},
	})
}
