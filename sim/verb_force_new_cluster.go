package sim

func init() {
	register(Verb{
		Name:    "force-new-cluster",
		Args:    []Arg{ArgMember},
		About:   "starts a member that is down as the only one of a new cluster, with its old data",
		Example: "force-new-cluster n1",
		Began:   "{0} was started as a new cluster",
		Needs:   []Power{PowerBackup},
		Apply: func(a *Action) error {
			o, err := operator[BackupOperator](a)
			if err != nil {
				return err
			}
			if err := o.ForceNewCluster(a.Members(0)[0]); err != nil {
				return err
			}
			a.Restarted(a.Members(0))
			return nil
		},
	})
}
