package script

import (
	"strings"

	"quorumlab/sim"
)

// wordWith stands before the settings of a start.
const wordWith = "with"

// argWith takes settings for the members' next lives.
var argWith = told(optional(line("[with SETTING=VALUE ...]", "",
	func(st *sim.Statement, s string) (err error) {
		own, _ := strings.CutPrefix(s, wordWith)
		st.With, err = sim.ParseMemberSettings(own)
		return sim.At(len(wordWith), err)
	}, tellWith)), wordWith, func(st sim.Statement) string {
	if with := tellWith(st); with != "" {
		return " " + with
	}
	return ""
})

// init, because the words of an argument are no part of its reading.
func init() {
	argWith.Words = []string{wordWith}
	for _, name := range sim.MemberSettingNames() {
		argWith.Words = append(argWith.Words, name+"=")
	}
}

func tellWith(st sim.Statement) string {
	if st.With.IsZero() {
		return ""
	}
	return wordWith + " " + st.With.Text()
}

// The verb that starts members.
func init() {
	register(Verb{
		Family: "process",
		Name:   "restart",
		Args:   []*Arg{argMembers, argWith},
		About: "starts members that are down; one that is up is crashed and started again. With settings they have these " +
			"from now on, in later starts too",
		Example: "restart n2 with election=2s pre-vote=false",
		Began:   "{0} {was|were} restarted{with}",
		Needs:   []sim.Power{sim.PowerCrash},
		Apply:   restart,
	})
}

func restart(a *Action) error {
	with := a.Statement.With
	if !with.IsZero() {
		o, err := operator[sim.Configurer](a)
		if err != nil {
			return err
		}
		if err := each(a.Members(0), func(m sim.MemberID) error { return o.Configure(m, with) }); err != nil {
			return err
		}
	}
	for _, id := range a.Members(0) { // one that is down stays down
		if err := a.Cluster().Crash(id); err != nil {
			return err
		}
	}
	return a.Up(a.Members(0))
}
