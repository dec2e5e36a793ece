package script

import (
	"errors"
	"fmt"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// argChanges are members that join and leave at once.
var argChanges = told(line("+NEW-MEMBER|-MEMBER ...", "", readChanges, tellChanges), "joining",
	func(st sim.Statement) string {
		if len(st.Join) == 0 {
			return ""
		}
		return " with " + text.Names(st.Join)
	})

func readChanges(st *sim.Statement, s string) error {
	var leave []sim.Selector
	for _, w := range text.Words(s) {
		name := w.Text[1:]
		switch w.Text[0] {
		case '+':
			if err := sim.CheckName(name); err != nil {
				return sim.At(w.Offset+1, err)
			}
			st.Join = append(st.Join, name)
		case '-':
			g, err := sim.ParseSelectors(name)
			if err != nil {
				return sim.At(w.Offset+1, err)
			}
			if by := g[0].By; by != sim.ByName && by != sim.ByLeader && by != sim.ByAFollower {
				return sim.At(w.Offset+1, errOneMember)
			}
			leave = append(leave, g...)
		default:
			return sim.At(w.Offset, fmt.Errorf("%q neither joins nor leaves: write +NAME or -MEMBER", w.Text))
		}
	}
	if len(leave) > 0 {
		st.Groups = [][]sim.Selector{leave}
	}
	return nil
}

func tellChanges(st sim.Statement) string {
	var parts []string
	for _, name := range st.Join {
		parts = append(parts, "+"+name)
	}
	for _, g := range st.Groups {
		for _, x := range g {
			parts = append(parts, "-"+x.String())
		}
	}
	return strings.Join(parts, " ")
}

// The verb of joint consensus.
func init() {
	register(Verb{
		Family: "membership",
		Name:   "change-members",
		Args:   []*Arg{argChanges},
		About: "adds members as voters and removes others, all at once, by raft's joint consensus: until it is over, " +
			"everything takes a majority of the old voters and one of the new",
		Example: "change-members +n4 +n5 -n1",
		Absent:  true,
		Began:   "the cluster was asked to go on{joining}{without}, in one change",
		Needs:   []sim.Power{sim.PowerJoint},
		Apply: func(a *Action) error {
			o, err := operator[sim.JointChanger](a)
			if err != nil {
				return err
			}
			var cs []sim.MemberChange
			for _, name := range a.Statement.Join {
				id, err := a.in.scenario.MemberID(name)
				if err != nil {
					return err
				}
				cs = append(cs, sim.MemberChange{What: sim.AddVoter, Who: id})
			}
			if len(a.resolved) > 0 {
				for _, m := range a.Members(0) {
					cs = append(cs, sim.MemberChange{What: sim.Remove, Who: m})
				}
			}
			if len(cs) == 0 {
				return errors.New("nobody joins or leaves")
			}
			return o.ChangeJointly(cs)
		},
	})
}
