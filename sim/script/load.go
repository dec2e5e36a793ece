package script

import "quorumlab/sim"

// The verbs of what clients do.
func init() {
	register(Verb{
		Family:  "load",
		Name:    "load",
		Args:    []*Arg{argPace},
		About:   "sets the rate of the clients' operations (an open loop), or changes it evenly over a time",
		Example: "load 100/s..2000/s over 30s",
		Began:   "the clients' load was set to {pace}",
		Over:    "the clients' load returned to its initial rate",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerLoad},
		Apply: func(a *Action) error {
			a.Load(a.Statement.Pace)
			return nil
		},
	})
	register(Verb{
		Family:  "load",
		Name:    "stop-load",
		About:   "stops the clients from starting new operations",
		Example: "stop-load",
		Began:   "the clients stopped",
		Over:    "the clients resumed",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerLoad},
		Apply: func(a *Action) error {
			a.Load(sim.Pace{})
			return nil
		},
	})
	register(Verb{
		Family:  "load",
		Name:    "put",
		Args:    []*Arg{argKey, argText},
		About:   "writes a key, as one more client would",
		Example: "put city Oslo",
		Began:   "a client wrote {text} to {key}",
		Later:   true,
		Needs:   []sim.Power{sim.PowerPut},
		Apply: func(a *Action) error {
			return a.Cluster().Put(a.Statement.Key, a.Statement.Text)
		},
	})
	register(Verb{
		Family: "load",
		Name:   "kubernetes",
		Args:   []*Arg{argNumber, argSecond},
		About: "adds the load of a Kubernetes cluster with N nodes and M pods, sixty times as fast as in reality (a " +
			"second is a minute): node leases every 10 s of that time, node status every 5 min, pod updates every 10 min, " +
			"each with an event that lives for 10 s",
		Example: "kubernetes 100 1000",
		Began:   "the load of a Kubernetes cluster of {number} nodes and {second} pods began",
		Over:    "the Kubernetes load ended",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerStore},
		Apply: func(a *Action) error {
			o, err := operator[sim.StoreOperator](a)
			if err != nil {
				return err
			}
			a.During(func() (func() error, error) { return o.Kubernetes(a.Statement.Number, a.Statement.Second) })
			return nil
		},
	})
}
