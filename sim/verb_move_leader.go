package sim

func init() {
	register(Verb{
		Name:    "move-leader",
		Args:    []Arg{ArgMember},
		About:   "asks the leader to hand its leadership to the member",
		Example: "move-leader a-follower",
		Needs:   []Power{PowerTransfer},
		Apply: func(a *Action) error {
			return a.Cluster().MoveLeader(a.Members(0)[0])
		},
	})
}
