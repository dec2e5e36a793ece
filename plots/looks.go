package plots

import (
	"fmt"
	"image/color"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// Looks are the colours and marks of the figures, for what draws elsewhere: the player of the page. Neutral colours
// are names of the page's own, so that they follow its light or dark.
type Looks struct {
	Roles    map[string]RoleLook `json:"roles"` // by role, and "paused" and "down"
	Families []MessageFamily     `json:"families"`
	Answers  []int               `json:"answers"` // the messages that answer others
	Members  []string            `json:"members"` // colours that tell things of one kind apart
	Fault    string              `json:"fault"`
}

// RoleLook is how a member looks in a role. The colours are CSS; Opacity is of Fill, from 0 to 1. Hatch is rising,
// falling, crossed, upright, level or empty.
type RoleLook struct {
	Fill    string  `json:"fill"`
	Opacity float64 `json:"opacity"`
	Hatch   string  `json:"hatch"`
	Over    string  `json:"over"` // of the hatch and the frame; empty: none
	Text    string  `json:"text"`
}

// MessageFamily is the messages of one purpose.
type MessageFamily struct {
	Name     string `json:"name"`
	Colour   string `json:"colour"`
	Messages []int  `json:"messages"`
}

// FigureLooks are the looks that the figures have.
func FigureLooks() Looks {
	l := Looks{Roles: map[string]RoleLook{}, Fault: css(chart.Vermillion)}
	for _, r := range []sim.Role{sim.Follower, sim.PreCandidate, sim.Candidate, sim.Leader, sim.Learner} {
		l.Roles[r.String()] = newRoleLook(lookOf(stay{State: running, Role: r}))
	}
	for _, s := range []state{paused, down} {
		l.Roles[s.String()] = newRoleLook(lookOf(stay{State: s}))
	}
	for _, f := range families {
		m := MessageFamily{Name: f.name, Colour: css(f.colour)}
		for t := sim.MsgProp; t <= sim.MsgPreVoteResp; t++ {
			if familyOf(t) == f {
				m.Messages = append(m.Messages, int(t))
			}
			if familyOf(t) == f && isAnswer(t) {
				l.Answers = append(l.Answers, int(t))
			}
		}
		l.Families = append(l.Families, m)
	}
	for _, c := range chart.MemberColours {
		l.Members = append(l.Members, css(c))
	}
	return l
}

func newRoleLook(l chart.Look) RoleLook {
	_, _, _, a := l.Fill.RGBA()
	return RoleLook{Fill: css(l.Fill), Opacity: float64(a) / 0xffff, Hatch: l.Hatch.String(), Over: css(l.Over),
		Text: css(l.Text)}
}

// css is a colour without its opacity; the neutral ones are the page's.
func css(c color.Color) string {
	if c == nil {
		return ""
	}
	switch c {
	case chart.Paper:
		return "var(--paper)"
	case chart.Ink:
		return "var(--ink)"
	case chart.Muted:
		return "var(--muted)"
	case chart.Grid:
		return "var(--grid)"
	case chart.Pale:
		return "var(--pale)"
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return fmt.Sprintf("#%02X%02X%02X", n.R, n.G, n.B)
}
