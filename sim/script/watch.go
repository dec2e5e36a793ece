package script

import (
	"strconv"

	"quorumlab/sim"
)

// flagOption is an option of one word.
func flagOption(word string, of func(*sim.Statement) *bool) option {
	return option{word: word,
		read:  func(st *sim.Statement, _ string) error { *of(st) = true; return nil },
		given: func(st sim.Statement) bool { return *of(&st) },
	}
}

var argWatchHow = tellingWatch(options(
	option{word: "via", shape: "MEMBERS",
		read: func(st *sim.Statement, s string) error {
			g, err := sim.ParseSelectors(s)
			st.Groups = [][]sim.Selector{g}
			return err
		},
		write: func(st sim.Statement) string { return sim.FormatSelectors(st.Groups[0]) },
		given: func(st sim.Statement) bool { return len(st.Groups) > 0 }},
	option{word: "from", shape: "REVISION",
		read:  func(st *sim.Statement, s string) (err error) { st.Watch.From, err = parseNumber(s); return err },
		write: func(st sim.Statement) string { return strconv.FormatInt(st.Watch.From, 10) },
		given: func(st sim.Statement) bool { return st.Watch.From > 0 }},
	flagOption("prefix", func(st *sim.Statement) *bool { return &st.Watch.Prefix }),
	flagOption("progress", func(st *sim.Statement) *bool { return &st.Watch.Progress }),
	flagOption("require-leader", func(st *sim.Statement) *bool { return &st.Watch.RequireLeader }),
))

// tellingWatch lets sentences refer to what is watched, from where, and under which condition.
func tellingWatch(a *Arg) *Arg {
	a.slots = map[string]func(sim.Statement) string{
		"what": func(st sim.Statement) string {
			if st.Watch.Prefix {
				return st.Key + "*"
			}
			return st.Key
		},
		"from": func(st sim.Statement) string {
			if st.Watch.From == 0 {
				return ""
			}
			return " from revision " + strconv.FormatInt(st.Watch.From, 10) + " on"
		},
		"leader": func(st sim.Statement) string {
			if st.Watch.RequireLeader {
				return ", as long as there is a leader"
			}
			return ""
		},
	}
	return a
}

// The verb of watches.
func init() {
	register(Verb{
		Family: "load",
		Name:   "watch",
		Args:   []*Arg{argKey, argWatchHow},
		About: "has a client watch a key, or with prefix all keys that begin so; it asks the members of via alone, from " +
			"the newest revision on or from an older one; with progress it asks every second how far the watch is; with " +
			"require-leader the server ends the watch when it has known no leader for three election timeouts, and the " +
			"client goes on where it was, at another member if it knows one",
		Example: "watch k via n3 from 5 prefix progress require-leader",
		Began:   "a client began to watch {what}{at}{from}{leader}",
		Over:    "the watch of {what}{at} was stopped",
		Lasts:   true,
		Needs:   []sim.Power{sim.PowerWatch},
		Apply: func(a *Action) error {
			o, err := operator[sim.Watcher](a)
			if err != nil {
				return err
			}
			var via []sim.MemberID
			if len(a.Statement.Groups) > 0 {
				via = a.Members(0)
			}
			a.During(func() (func() error, error) { return o.Watch(a.Statement.Key, a.Statement.Watch, via) })
			return nil
		},
	})
}
