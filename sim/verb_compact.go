package sim

func init() {
	register(Verb{
		Name:    "compact",
		Args:    []Arg{ArgOptionalNumber},
		About:   "drops the store's old revisions, up to N or up to the newest",
		Example: "compact",
		Began:   "the store's old revisions were dropped{upto}",
		Needs:   []Power{PowerCompact},
		Apply: func(a *Action) error {
			return a.Cluster().Compact(a.Statement.Number)
		},
	})
}
