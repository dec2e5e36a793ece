package script

import "quorumlab/sim"

// The verbs of TLS and certificates.
func init() {
	register(Verb{
		Family: "access",
		Name:   "connect",
		Args:   []*Arg{argClient},
		About: "has a client connect, and read and write a key below pub/ and one elsewhere, to see how far its " +
			"certificate gets it",
		Example: "connect alice",
		Began:   "the client {key} tried to connect",
		Later:   true,
		Needs:   []sim.Power{sim.PowerAccess},
		Apply: func(a *Action) error {
			o, err := operator[sim.AccessOperator](a)
			if err != nil {
				return err
			}
			return o.Connect(sim.ClientKind(a.Statement.Key))
		},
	})
	register(Verb{
		Family:  "access",
		Name:    "rotate-certs",
		Args:    []*Arg{argMembers},
		About:   "gives members new certificates from the same authority while they run",
		Example: "rotate-certs all",
		Began:   "{0} got new certificates",
		Later:   true,
		Needs:   []sim.Power{sim.PowerAccess},
		Apply: func(a *Action) error {
			o, err := operator[sim.AccessOperator](a)
			if err != nil {
				return err
			}
			return o.RotateCerts(a.Members(0))
		},
	})
}
