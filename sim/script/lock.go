package script

import (
	"time"

	"quorumlab/sim"
)

var (
	argLock = scalar("NAME", "lock",
		func(st *sim.Statement, s string) error { st.Key = s; return sim.CheckName(s) },
		func(st sim.Statement) string { return st.Key })
	argLockHow = told(options(
		option{word: "ttl", shape: "TTL",
			read:  func(st *sim.Statement, s string) error { return st.TTL.UnmarshalText([]byte(s)) },
			write: func(st sim.Statement) string { return sim.FormatDuration(time.Duration(st.TTL)) },
			given: func(st sim.Statement) bool { return st.TTL > 0 }},
		flagOption("fenced", func(st *sim.Statement) *bool { return &st.Fenced }), by), "by", tellBy)
)

// lockVerb is a verb of a lock or an election.
func lockVerb(name, about, began, over string, election bool) Verb {
	return Verb{
		Family:  "lease",
		Name:    name,
		Args:    []*Arg{argLock, argLockHow},
		About:   about,
		Example: name + " jobs ttl 3s fenced",
		Began:   began,
		Over:    over,
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerLock},
		Apply: func(a *Action) error {
			o, err := operator[sim.LockOperator](a)
			if err != nil {
				return err
			}
			st := a.Statement
			spec := sim.LockSpec{Name: st.Key, Election: election, TTL: st.TTL, Fenced: st.Fenced, Client: st.Client}
			a.During(func() (func() error, error) { return o.Lock(spec) })
			return nil
		},
	}
}

// The verbs of locks and elections.
func init() {
	register(lockVerb("lock", "has a client take a lock by the recipe of etcd's client, on a session whose lease it "+
		"keeps alive (5s without ttl), and write to what the lock guards ten times a second, with its token, which is "+
		"the store's revision when it got the lock; with fenced, what it guards refuses a token older than one that it has "+
		"seen; when the statement ends, the client gives the lock back",
		"{by} asked for the lock {lock}", "{by} was to give the lock {lock} back", false))
	register(lockVerb("elect", "has a client stand for an election by the recipe of etcd's client, as with lock, and "+
		"lead until the statement ends, or its session does",
		"{by} stood for the election {lock}", "{by} was to resign from {lock}", true))
}
