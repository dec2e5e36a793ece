package sim

func init() {
	register(Verb{
		Name:    "compare-hashes",
		About:   "compares the members' key-value states at one revision, as etcd's corruption check does",
		Example: "compare-hashes",
		Began:   "the members' states were compared",
		Needs:   []Power{PowerBackup},
		Apply: func(a *Action) error {
			o, err := operator[BackupOperator](a)
			if err != nil {
				return err
			}
			return o.CompareHashes()
		},
	})
}
