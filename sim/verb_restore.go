package sim

func init() {
	register(Verb{
		Name:    "restore",
		Args:    []Arg{ArgOptionalNumber},
		About:   "makes a new cluster of all members from the last snapshot; with N the revision is raised by N and what is older counts as compacted",
		Example: "restore 1000000",
		Began:   "the cluster was restored from the snapshot",
		Needs:   []Power{PowerBackup},
		Apply: func(a *Action) error {
			o, err := operator[BackupOperator](a)
			if err != nil {
				return err
			}
			if err := o.Restore(a.Statement.Number); err != nil {
				return err
			}
			a.Restarted(nil)
			return nil
		},
	})
}
