package script

import "quorumlab/sim"

// The verbs of membership and leadership.
func init() {
	register(Verb{
		Family:  "membership",
		Name:    "add-learner",
		Args:    []*Arg{argNew},
		About:   "adds a new member as a learner, without a vote, and starts it",
		Example: "add-learner n4",
		Began:   "the cluster was asked to add {new} as a learner",
		Needs:   []sim.Power{sim.PowerMembers},
		Apply: func(a *Action) error {
			id, err := a.NewMember()
			if err != nil {
				return err
			}
			return a.Cluster().Change(sim.AddLearner, id)
		},
	})
	register(Verb{
		Family:  "membership",
		Name:    "promote",
		Args:    []*Arg{argMembers},
		About:   "gives a learner a vote, as soon as it has caught up",
		Example: "promote n4",
		Began:   "the cluster was asked to promote {0}",
		Needs:   []sim.Power{sim.PowerMembers},
		Apply: func(a *Action) error {
			for _, m := range a.Members(0) {
				if err := a.Cluster().Change(sim.Promote, m); err != nil {
					return err
				}
			}
			return nil
		},
	})
	register(Verb{
		Family:  "membership",
		Name:    "remove",
		Args:    []*Arg{argMembers},
		About:   "removes members from the cluster and stops them",
		Example: "remove n3",
		Began:   "the cluster was asked to remove {0}",
		Needs:   []sim.Power{sim.PowerMembers},
		Apply: func(a *Action) error {
			for _, m := range a.Members(0) {
				if err := a.Cluster().Change(sim.Remove, m); err != nil {
					return err
				}
			}
			return nil
		},
	})
	register(Verb{
		Family:  "membership",
		Name:    "replace",
		Args:    []*Arg{argMember, argNew},
		About:   "removes a member, adds a new one as a learner and promotes it when it has caught up",
		Example: "replace n3 n4",
		Began:   "the cluster was asked to replace {0} with {new}",
		Needs:   []sim.Power{sim.PowerMembers},
		Apply: func(a *Action) error {
			id, err := a.NewMember()
			if err != nil {
				return err
			}
			if err := a.Cluster().Change(sim.Remove, a.Members(0)[0]); err != nil {
				return err
			}
			if err := a.Cluster().Change(sim.AddLearner, id); err != nil {
				return err
			}
			return a.Cluster().Change(sim.Promote, id)
		},
	})
	register(Verb{
		Family:  "membership",
		Name:    "move-leader",
		Args:    []*Arg{argMember},
		About:   "asks the leader to transfer its leadership to the member",
		Example: "move-leader a-follower",
		Began:   "the leader was asked to hand over to {0}",
		Needs:   []sim.Power{sim.PowerTransfer},
		Apply: func(a *Action) error {
			return a.Cluster().MoveLeader(a.Members(0)[0])
		},
	})
	register(Verb{
		Family:  "membership",
		Name:    "campaign",
		Args:    []*Arg{argMember},
		About:   "makes the member campaign at once, as if its election timeout had expired",
		Example: "campaign n2",
		Began:   "{0} was told to campaign",
		Needs:   []sim.Power{sim.PowerCampaign},
		Apply: func(a *Action) error {
			o, err := operator[sim.Campaigner](a)
			if err != nil {
				return err
			}
			return o.Campaign(a.Members(0)[0])
		},
	})
}
