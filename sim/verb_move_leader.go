package sim

func init() {
	register(Verb{
		Name:    "move-leader",
		Args:    []Arg{ArgMember},
		About:   "asks the leader to hand its leadership to the member",
		Example: "move-leader a-follower",
		Began:   "the leader was asked to hand over to {0}",
		Needs:   []Power{PowerTransfer},
		Apply: func(a *Action) error {
			return a.Cluster().MoveLeader(a.Members(0)[0])
		},
	})
}
