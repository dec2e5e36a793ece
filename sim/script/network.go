package script

import "quorumlab/sim"

// The verbs of the network: what happens to data on its way between members.
func init() {
	register(Verb{
		Family: "network",
		Name:   "partition",
		Args:   []*Arg{argSides},
		About: "splits the network into sides: nothing passes between members on different sides, and clients " +
			"among them",
		Example: "partition leader n2 | rest",
		Began:   "{0} {was|were} cut off from {1 from}",
		Over:    "{0} {was|were} connected to {1 to} again",
		Clients: true,
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerCut},
		Apply: func(a *Action) error {
			for i, side := range a.resolved {
				for j, other := range a.resolved {
					if i != j {
						a.Links(side, other, cutLink)
						a.ways(i, j, cutLink)
					}
				}
			}
			return nil
		},
	})
	register(Verb{
		Family:  "network",
		Name:    "isolate",
		Args:    []*Arg{argMembers},
		About:   "cuts each of the members off from every other member, in both directions",
		Example: "isolate leader",
		Began:   "{0} {was|were each} cut off from all others",
		Over:    "{0} {was|were} connected to the others again",
		Clients: true,
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerCut},
		Apply: func(a *Action) error {
			for _, m := range a.Members(0) {
				for _, o := range a.Cluster().Members() {
					a.Links([]sim.MemberID{m}, []sim.MemberID{o.ID}, cutLink)
					a.Links([]sim.MemberID{o.ID}, []sim.MemberID{m}, cutLink)
				}
			}
			a.isolateClients()
			return nil
		},
	})
	register(Verb{
		Family:  "network",
		Name:    "cut",
		Args:    []*Arg{argArrow},
		About:   "cuts links in one direction: data from the first members no longer reaches the second",
		Example: "cut leader -> followers",
		Began:   "data from {0} no longer reached {1}",
		Over:    "data from {0} reached {1} again",
		Clients: true,
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerCut},
		Apply: func(a *Action) error {
			a.Links(a.Members(0), a.Members(1), cutLink)
			a.ways(0, 1, cutLink)
			return nil
		},
	})
	register(Verb{
		Family:  "network",
		Name:    "delay",
		Args:    []*Arg{argArrow, argDistribution},
		About:   "adds a delay to each message from the first members to the second",
		Example: "delay n1 -> n2 20ms..50ms",
		Began:   "messages {links} took {distribution} longer",
		Over:    "messages {links} took their usual time again",
		Clients: true,
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerDelay},
		Apply: func(a *Action) error {
			longer := a.Statement.Distribution
			change := func(s *sim.LinkState) { s.Delay = longer }
			a.Links(a.Members(0), a.Members(1), change)
			a.ways(0, 1, change)
			return nil
		},
	})
	register(Verb{
		Family:  "network",
		Name:    "lose",
		Args:    []*Arg{argArrow, argShare},
		About:   "loses a share of the messages from the first members to the second",
		Example: "lose all -> leader 10%",
		Began:   "{share} of the messages {links} began to get lost",
		Over:    "messages {links} no longer got lost",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerLose},
		Apply: func(a *Action) error {
			share := a.Statement.Share
			a.Links(a.Members(0), a.Members(1), func(s *sim.LinkState) { s.Loss = share })
			return nil
		},
	})
	register(Verb{
		Family:  "network",
		Name:    "duplicate",
		Args:    []*Arg{argArrow, argShare},
		About:   "delivers a share of the messages from the first members to the second twice",
		Example: "duplicate n1 -> n2 5%",
		Began:   "{share} of the messages {links} began to arrive twice",
		Over:    "messages {links} no longer arrived twice",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerDuplicate},
		Apply: func(a *Action) error {
			share := a.Statement.Share
			a.Links(a.Members(0), a.Members(1), func(s *sim.LinkState) { s.Duplicate = share })
			return nil
		},
	})
	register(Verb{
		Family:  "network",
		Name:    "reorder",
		Args:    []*Arg{argArrow, argShare},
		About:   "holds back a share of the messages from the first members to the second, so that later ones overtake them",
		Example: "reorder n1 -> n2 20%",
		Began:   "{share} of the messages {links} began to arrive late, overtaken by later ones",
		Over:    "messages {links} arrived in order again",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerReorder},
		Apply: func(a *Action) error {
			share := a.Statement.Share
			a.Links(a.Members(0), a.Members(1), func(s *sim.LinkState) { s.Reorder = share })
			return nil
		},
	})
	register(Verb{
		Family:  "network",
		Name:    "limit",
		Args:    []*Arg{argArrow, argSpeed},
		About:   "limits the speed of each link from the first members to the second",
		Example: "limit leader -> n2 1MB/s",
		Began:   "the links {links} were limited to {speed}",
		Over:    "the links {links} returned to their full speed",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerLimit},
		Apply: func(a *Action) error {
			speed := a.Statement.Speed
			a.Links(a.Members(0), a.Members(1), func(s *sim.LinkState) { s.Limit = speed })
			return nil
		},
	})
	register(Verb{
		Family:  "network",
		Name:    "heal",
		Args:    []*Arg{argOptionalMembers},
		About:   "repairs every link, or every link of the members",
		Example: "heal",
		Began:   "every link{at} was repaired",
		Clients: true,
		Needs:   []sim.Power{sim.PowerCut},
		Apply: func(a *Action) error {
			if len(a.resolved) == 0 || len(a.resolved[0]) > 0 {
				a.MendLinks(a.optional())
			}
			a.mendClients()
			return nil
		},
	})
}

func cutLink(s *sim.LinkState) { s.Cut = true }

// optional are the members of a statement that may name none: nil means all.
func (a *Action) optional() []sim.MemberID {
	if len(a.resolved) == 0 {
		return nil
	}
	return a.Members(0)
}
