package script

import (
	"strconv"
	"time"

	"quorumlab/sim"
)

var (
	argLease = scalar("LEASE", "lease",
		func(st *sim.Statement, s string) error { st.Key = s; return sim.CheckName(s) },
		func(st sim.Statement) string { return st.Key })
	argTTL = told(scalar("TTL", "",
		func(st *sim.Statement, s string) error { return st.TTL.UnmarshalText([]byte(s)) },
		func(st sim.Statement) string { return sim.FormatDuration(time.Duration(st.TTL)) }),
		"ttl", func(st sim.Statement) string { return strconv.FormatInt(st.TTL.Seconds(), 10) + " s" })
	argGrantHow = told(options(option{word: "keys", shape: "N",
		read:  func(st *sim.Statement, s string) (err error) { st.Number, err = parseNumber(s); return err },
		write: func(st sim.Statement) string { return strconv.FormatInt(st.Number, 10) },
		given: func(st sim.Statement) bool { return st.Number > 0 },
	}, by), "by", tellBy)
)

// maxLeaseKeys is how many puts etcd takes in one transaction (--max-txn-ops).
const maxLeaseKeys = 128

// The verbs of leases.
func init() {
	register(Verb{
		Family: "lease",
		Name:   "grant",
		Args:   []*Arg{argLease, argTTL, argGrantHow},
		About: "has a client get a lease and write a key on it, " + sim.LeaseKeys + "LEASE, or N of them in one " +
			"transaction; they are deleted when the lease ends",
		Example: "grant a 5s keys 3 by c1",
		Began:   "{by} got the lease {lease} for {ttl}",
		Later:   true,
		Needs:   []sim.Power{sim.PowerLease},
		Apply: func(a *Action) error {
			o, err := operator[sim.LeaseOperator](a)
			if err != nil {
				return err
			}
			st := a.Statement
			return o.Grant(st.Key, st.TTL, max(1, st.Number), st.Client)
		},
	})
	register(Verb{
		Family: "lease",
		Name:   "keep-alive",
		Args:   []*Arg{argLease},
		About: "has the client of a lease keep it alive as etcd's own client does: a request every third of its time to " +
			"live, and no more when the lease is gone or nothing was answered for that time",
		Example: "keep-alive a",
		Began:   "the client of the lease {lease} began to keep it alive",
		Over:    "the client of the lease {lease} stopped keeping it alive",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerLease},
		Apply: func(a *Action) error {
			o, err := operator[sim.LeaseOperator](a)
			if err != nil {
				return err
			}
			a.During(func() (func() error, error) { return o.KeepAlive(a.Statement.Key) })
			return nil
		},
	})
	register(Verb{
		Family:  "lease",
		Name:    "revoke",
		Args:    []*Arg{argLease},
		About:   "has the client of a lease end it",
		Example: "revoke a",
		Began:   "the client of the lease {lease} revoked it",
		Later:   true,
		Needs:   []sim.Power{sim.PowerLease},
		Apply: func(a *Action) error {
			o, err := operator[sim.LeaseOperator](a)
			if err != nil {
				return err
			}
			return o.Revoke(a.Statement.Key)
		},
	})
}

// leases finds what no lease can be, and clients that there are not.
func (f *finder) leases() {
	st := f.step.Do
	if st.Verb == "grant" && st.Number > maxLeaseKeys {
		f.at(strconv.FormatInt(st.Number, 10), "%d keys are more than the %d that etcd takes in one transaction", st.Number,
			maxLeaseKeys)
	}
	if n := f.s.Workload.Clients; st.Client > n {
		there := "there is no workload, and so there are no clients; set workload.clients"
		if n > 0 {
			there = "clients are c1 to " + sim.ClientName(n)
		}
		f.at(sim.ClientName(st.Client), "unknown client %q: %s", sim.ClientName(st.Client), there)
	}
}
