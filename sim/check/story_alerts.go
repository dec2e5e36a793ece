package check

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"quorumlab/sim"
)

// maxAlertClauses is how many turns of alerts are told in an episode; an alert that comes and
// goes would be all that one reads.
const maxAlertClauses = 4

// weightOfAlert is what an episode is worth for each alert that fired in it.
const weightOfAlert = 10 * time.Second

// tellAlerts tells in each episode which alerts began to fire and which stopped.
func (r *run) tellAlerts(eps []*episode) {
	var began, ended []alertTurn
	for _, s := range r.firings() {
		began = append(began, alertTurn{s.from, s.fromSeq, s.rule, s.member})
		if s.toSeq != 0 {
			ended = append(ended, alertTurn{s.to, s.toSeq, s.rule, s.member})
		}
	}
	more := map[*episode]*alertRest{}
	r.tellAlertTurns(eps, more, began, "fired", weightOfAlert)
	r.tellAlertTurns(eps, more, ended, "stopped", 0)
	for _, e := range eps {
		if m := more[e]; m != nil && m.left > 0 {
			e.change(m.last, fmt.Sprintf("alerts fired or stopped another %s", number(m.left, "time")), m.event)
		}
	}
}

// alertRest counts what an episode tells of alerts, and what it leaves out.
type alertRest struct {
	told, left int
	last       time.Duration
	event      uint64
}

// alertTurn is a moment at which an alert began to fire or stopped.
type alertTurn struct {
	at     time.Duration
	seq    uint64
	rule   string
	member sim.MemberID
}

// tellAlertTurns tells turns of one sort. Those of one evaluation that hit the same members
// share a clause.
func (r *run) tellAlertTurns(eps []*episode, more map[*episode]*alertRest, turns []alertTurn, verb string,
	weight time.Duration) {
	slices.SortFunc(turns, func(a, b alertTurn) int { return cmp.Compare(a.seq, b.seq) })
	for len(turns) > 0 {
		n := 1
		for n < len(turns) && turns[n].at-turns[0].at < sameMend && during(eps, turns[n].seq) == during(eps, turns[0].seq) {
			n++
		}
		e := during(eps, turns[0].seq)
		if more[e] == nil {
			more[e] = &alertRest{}
		}
		for _, g := range byMembers(turns[:n]) {
			e.weight += weight
			if m := more[e]; m.told == maxAlertClauses {
				m.left, m.last, m.event = m.left+1, max(m.last, turns[0].at), g.events[0]
				continue
			}
			more[e].told++
			e.change(turns[0].at, g.text(r.t, verb), g.events...)
		}
		turns = turns[n:]
	}
}

// alertGroup is rules that turned for the same members.
type alertGroup struct {
	rules   []string
	members []sim.MemberID
	events  []uint64
}

// byMembers puts the turns of one evaluation together, in the order of the rules.
func byMembers(turns []alertTurn) (groups []alertGroup) {
	var single []alertGroup
	for _, t := range turns {
		i := slices.IndexFunc(single, func(g alertGroup) bool { return g.rules[0] == t.rule })
		if i < 0 {
			i = len(single)
			single = append(single, alertGroup{rules: []string{t.rule}})
		}
		single[i].members = append(single[i].members, t.member)
		single[i].events = append(single[i].events, t.seq)
	}
	for _, g := range single {
		i := slices.IndexFunc(groups, func(o alertGroup) bool { return slices.Equal(o.members, g.members) })
		if i < 0 {
			groups = append(groups, g)
			continue
		}
		groups[i].rules = append(groups[i].rules, g.rules...)
		groups[i].events = append(groups[i].events, g.events...)
	}
	return groups
}

// text is the group as a clause: "the alerts A and B fired for n1".
func (g alertGroup) text(t *sim.Trace, verb string) string {
	s := "the alert "
	if len(g.rules) > 1 {
		s = "the alerts "
	}
	s += list(g.rules) + " " + verb
	if len(g.members) == 1 && g.members[0] == 0 {
		return s
	}
	return s + " for " + names(t, g.members)
}

// alertsAtTheEnd says what is left of them, or that there were none.
func (r *run) alertsAtTheEnd() string {
	if !r.t.Scenario.Alerts.On() || r.t.Lacks(sim.Kinds(sim.KindAlert)) {
		return ""
	}
	var still []string
	for _, s := range r.firings() {
		if s.toSeq == 0 && !slices.Contains(still, s.rule) {
			still = append(still, s.rule)
		}
	}
	switch {
	case len(r.firings()) == 0:
		return "no alert had fired"
	case len(still) == 0:
		return "no alert was still firing"
	}
	return "still firing: " + list(still)
}
