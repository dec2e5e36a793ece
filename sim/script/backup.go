package script

import "quorumlab/sim"

// The verbs of backup and restore.
func init() {
	register(Verb{
		Family:  "backup",
		Name:    "snapshot",
		About:   "saves the store to a snapshot file, as etcdctl snapshot save does",
		Example: "snapshot",
		Began:   "a snapshot was saved",
		Later:   true,
		Needs:   []sim.Power{sim.PowerBackup},
		Apply: func(a *Action) error {
			o, err := operator[sim.BackupOperator](a)
			if err != nil {
				return err
			}
			return o.Snapshot()
		},
	})
	register(Verb{
		Family: "backup",
		Name:   "restore",
		Args:   []*Arg{argOptionalNumber},
		About: "creates a new cluster of all members from the last snapshot; with N, the revision is raised by N and " +
			"everything older counts as compacted",
		Example: "restore 1000000",
		Began:   "the cluster was restored from the snapshot",
		Needs:   []sim.Power{sim.PowerBackup},
		Apply: func(a *Action) error {
			o, err := operator[sim.BackupOperator](a)
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
	register(Verb{
		Family:  "backup",
		Name:    "force-new-cluster",
		Args:    []*Arg{argMember},
		About:   "starts a member that is down as the only member of a new cluster, with its old data",
		Example: "force-new-cluster n1",
		Began:   "{0} was started as a new cluster",
		Needs:   []sim.Power{sim.PowerBackup},
		Apply: func(a *Action) error {
			o, err := operator[sim.BackupOperator](a)
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
