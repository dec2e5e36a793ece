package script

import "quorumlab/sim"

// retryHelp ends the description of the statements that a cluster may refuse by its rules.
const retryHelp = "what the cluster refuses is over, unless the statement ends in retry"

// change asks for the same change of all members that the statement names.
func (a *Action) change(what sim.Change) error {
	var cs []sim.MemberChange
	for _, m := range a.Members(0) {
		cs = append(cs, sim.MemberChange{What: what, Who: m})
	}
	return a.Cluster().Change(cs, a.Statement.Retry)
}

// The verbs of membership and leadership.
func init() {
	register(Verb{
		Family:  "membership",
		Name:    "add-learner",
		Args:    []*Arg{argNew, argRetry},
		About:   "adds a new member as a learner, without a vote, and starts it; " + retryHelp,
		Example: "add-learner n4",
		Began:   "the cluster was asked to add {new} as a learner{retry}",
		Needs:   []sim.Power{sim.PowerMembers},
		Apply: func(a *Action) error {
			id, err := a.NewMember()
			if err != nil {
				return err
			}
			return a.Cluster().Change([]sim.MemberChange{{What: sim.AddLearner, Who: id}}, a.Statement.Retry)
		},
	})
	register(Verb{
		Family:  "membership",
		Name:    "promote",
		Args:    []*Arg{argMembers, argRetry},
		About:   "gives a learner that has caught up a vote; " + retryHelp,
		Example: "promote n4",
		Absent:  true,
		Began:   "the cluster was asked to promote {0}{retry}",
		Needs:   []sim.Power{sim.PowerMembers},
		Apply: func(a *Action) error {
			return a.change(sim.Promote)
		},
	})
	register(Verb{
		Family:  "membership",
		Name:    "remove",
		Args:    []*Arg{argMembers, argRetry},
		About:   "removes members from the cluster and stops them; " + retryHelp,
		Example: "remove n3",
		Absent:  true,
		Began:   "the cluster was asked to remove {0}{retry}",
		Needs:   []sim.Power{sim.PowerMembers},
		Apply: func(a *Action) error {
			return a.change(sim.Remove)
		},
	})
	register(Verb{
		Family: "membership",
		Name:   "replace",
		Args:   []*Arg{argMember, argNew},
		About: "removes a member, adds a new one as a learner and promotes it when it has caught up: asks for each of the " +
			"three until the cluster takes it",
		Example: "replace n3 n4",
		Insists: true,
		Began:   "the cluster was asked to replace {0} with {new}",
		Needs:   []sim.Power{sim.PowerMembers},
		Apply: func(a *Action) error {
			id, err := a.NewMember()
			if err != nil {
				return err
			}
			return a.Cluster().Change([]sim.MemberChange{
				{What: sim.Remove, Who: a.Members(0)[0]}, {What: sim.AddLearner, Who: id}, {What: sim.Promote, Who: id},
			}, true)
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
