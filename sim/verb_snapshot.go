package sim

func init() {
	register(Verb{
		Name:    "snapshot",
		About:   "saves the store in a snapshot file, as etcdctl snapshot save does",
		Example: "snapshot",
		Began:   "a snapshot was saved",
		Needs:   []Power{PowerBackup},
		Apply: func(a *Action) error {
			o, err := operator[BackupOperator](a)
			if err != nil {
				return err
			}
			return o.Snapshot()
		},
	})
}
