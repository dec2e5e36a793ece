package script

import (
	"fmt"
	"strings"

	"quorumlab/sim"
)

// argAs is the name that a copy gets, behind "as".
var argAs = told(line("as NAME", "copy",
	func(st *sim.Statement, s string) error {
		name, ok := cutWord(s, "as")
		if !ok {
			return fmt.Errorf("%q: write the name of the copy as in %q", s, "copy-data n2 as monday")
		}
		st.Key = name
		return sim.CheckName(name)
	},
	func(st sim.Statement) string { return "as " + st.Key }), "copy", func(st sim.Statement) string { return st.Key })

// argCopy names a copy.
var argCopy = scalar("NAME", "copy",
	func(st *sim.Statement, s string) error { st.Key = s; return sim.CheckName(s) },
	func(st sim.Statement) string { return st.Key })

// The verbs of old data. The words of an argument are no part of its reading.
func init() {
	argAs.Words = []string{"as"}
	register(Verb{
		Family: "backup",
		Name:   "copy-data",
		Args:   []*Arg{argMember, argAs},
		About: "keeps a copy of the member's data folder, as a snapshot of its volume does; the member may run meanwhile. " +
			"restore-data puts it back",
		Example: "copy-data n2 as monday",
		Began:   "the data of {0} were copied as {copy}",
		Needs:   []sim.Power{sim.PowerOldData},
		Apply: func(a *Action) error {
			o, err := operator[sim.DataKeeper](a)
			if err != nil {
				return err
			}
			return o.CopyData(a.Members(0)[0], a.Statement.Key)
		},
	})
	register(Verb{
		Family: "backup",
		Name:   "restore-data",
		Args:   []*Arg{argMember, argCopy},
		About: "replaces the data of a member that is down by its copy of this name, as who puts an old volume back: what " +
			"the member has promised since it has forgotten",
		Example: "restore-data n2 monday",
		Began:   "{0} got back its data of {copy}",
		Needs:   []sim.Power{sim.PowerOldData},
		Apply: func(a *Action) error {
			o, err := operator[sim.DataKeeper](a)
			if err != nil {
				return err
			}
			return o.RestoreData(a.Members(0)[0], a.Statement.Key)
		},
	})
}

func cutWord(s, word string) (rest string, ok bool) {
	ws := strings.Fields(s)
	if len(ws) != 2 || ws[0] != word {
		return "", false
	}
	return ws[1], true
}
