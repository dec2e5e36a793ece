package script

import "quorumlab/sim"

// The verbs of a member's process and its clock.
func init() {
	register(Verb{
		Family:    "process",
		Name:      "crash",
		Args:      []*Arg{argMembers},
		About:     "kills the members' processes; what is on their disks stays, and restart starts them from there",
		Example:   "crash leader",
		Began:     "{0} crashed",
		Over:      "{0} came back",
		Already:   "{0} {was|were} already down",
		AlreadySo: func(up, _ bool) bool { return !up },
		Lasts:     true,
		Needs:     []sim.Power{sim.PowerCrash},
		Apply: func(a *Action) error {
			a.Down(a.Members(0))
			return nil
		},
	})
	register(Verb{
		Family:    "process",
		Name:      "pause",
		Args:      []*Arg{argMembers},
		About:     "stops the members' processes where they stand, as SIGSTOP or a long garbage collection does",
		Example:   "pause leader",
		Began:     "{0} {was|were} paused",
		Over:      "{0} resumed",
		Already:   "{0} {was|were} already paused",
		AlreadySo: func(_, paused bool) bool { return paused },
		Lasts:     true,
		Clients:   true,
		Needs:     []sim.Power{sim.PowerPause},
		Apply: func(a *Action) error {
			a.Paused(a.Members(0))
			a.pauseClients()
			return nil
		},
	})
	register(Verb{
		Family:    "process",
		Name:      "resume",
		Args:      []*Arg{argMembers},
		About:     "resumes paused members",
		Example:   "resume all",
		Began:     "{0} resumed",
		Already:   "{0} {was|were} not paused",
		AlreadySo: func(_, paused bool) bool { return !paused },
		Clients:   true,
		Needs:     []sim.Power{sim.PowerPause},
		Apply: func(a *Action) error {
			a.Unpaused(a.Members(0))
			a.resumeClients()
			return nil
		},
	})
	register(Verb{
		Family:  "process",
		Name:    "drift",
		Args:    []*Arg{argMembers, argDrift},
		About:   "makes the members' clocks run fast, or slow when negative",
		Example: "drift n2 5%",
		Began:   "the {clock|clocks} of {0} began to run {drift}",
		Over:    "the {clock|clocks} of {0} ran at the right speed again",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerDrift},
		Apply: func(a *Action) error {
			a.Drift(a.Members(0), a.Statement.Share)
			return nil
		},
	})
}
