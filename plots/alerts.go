package plots

import (
	"fmt"
	"slices"
	"time"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/alert"
)

func init() {
	register(Figure{
		Name:  "alerts",
		Title: "Which alerts fired when, and what the metrics said",
		About: "The upper rows show what each member's metrics said when scraped; no answer is not the same as no leader. " +
			"Below is one row per rule and member: pending while the condition holds, firing once it has held for as long as " +
			"the rule requires.",
		Order:  16,
		Points: alerts,
	})
}

// alertsPoints are the rows of the alerts.
type alertsPoints struct {
	Said  []saidRow
	Rules []alertRow
	More  int // rows of rules that found no room
}

// saidRow is what one member's metrics said.
type saidRow struct {
	Member string
	Stays  []saidStay
}

// saidStay is a stretch in which they said the same.
type saidStay struct {
	From, To time.Duration
	Said     said
}

// said is what a member's metrics say of the leader.
type said uint8

const (
	saidUnknown said = iota // not scraped yet, or no longer a target
	saidNothing             // the scrape was not answered
	saidNoLeader
	saidLeader
)

func (s said) String() string {
	return [...]string{"unknown", "no answer", "knows no leader", "knows a leader"}[s]
}

// alertRow is one rule for one member, or for the cluster.
type alertRow struct {
	Rule   string
	For    time.Duration // how long the condition must hold, at the run's pace
	Member string
	Stays  []alertStay // none inactive
}

// alertStay is a stretch in which the alert was in one state.
type alertStay struct {
	From, To time.Duration
	State    sim.AlertState
}

// fired reports whether the alert was firing at any time.
func (a alertRow) fired() bool {
	return slices.ContainsFunc(a.Stays, func(s alertStay) bool { return s.State == sim.AlertFiring })
}

// mostAlertRows is how many rows have room for a bar and a line of text.
const mostAlertRows = 12

func alerts(r *Run) (Points, error) {
	if !r.Scenario.Alerts.On() {
		return nil, chart.Nothing("no alert rules watched the run")
	}
	if r.Lacks(sim.Kinds(sim.KindAlert, sim.KindMetric)) {
		return nil, chart.Nothing("the trace was kept without alerts")
	}
	var a alertsPoints
	a.Said = whatWasSaid(r)
	a.Rules = rowsOfRules(r)
	a.cut(max(mostAlertRows-len(a.Said), 5))
	return a, nil
}

// cut leaves the rows out that find no room: those that only were pending first.
func (a *alertsPoints) cut(most int) {
	for _, pendingOnly := range []bool{true, false} {
		for i := len(a.Rules) - 1; i >= 0 && len(a.Rules) > most; i-- {
			if a.Rules[i].fired() != pendingOnly {
				a.Rules = slices.Delete(a.Rules, i, i+1)
				a.More++
			}
		}
	}
}

// whatWasSaid are the rows of the members that were scraped.
func whatWasSaid(r *Run) (rows []saidRow) {
	type metrics struct{ up, leader *sim.Event }
	now := make([]metrics, len(r.Members))
	stays := make([][]saidStay, len(r.Members))
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind != sim.KindMetric || !r.member(e.Member) {
			continue
		}
		m := &now[e.Member-1]
		switch e.Key {
		case "up":
			m.up = e
		case "etcd_server_has_leader":
			m.leader = e
		default:
			continue
		}
		turn(&stays[e.Member-1], saidStay{From: e.At, Said: saying(m.up, m.leader)})
	}
	for i, s := range stays {
		if len(s) == 0 {
			continue
		}
		s[len(s)-1].To = r.Span
		s = slices.DeleteFunc(s, func(s saidStay) bool { return s.To <= s.From || s.Said == saidUnknown })
		rows = append(rows, saidRow{r.Members[i], s})
	}
	return rows
}

// turn ends the stay of now and begins the next, if that says anything new.
func turn(stays *[]saidStay, next saidStay) {
	if n := len(*stays) - 1; n >= 0 {
		if (*stays)[n].Said == next.Said {
			return
		}
		(*stays)[n].To = next.From
	}
	*stays = append(*stays, next)
}

// saying is what the last scrape of a member found; its events may be nil.
func saying(up, leader *sim.Event) said {
	there := func(e *sim.Event) bool { return e != nil && e.Count > 0 }
	switch {
	case !there(up):
		return saidUnknown
	case up.Value == 0:
		return saidNothing
	case !there(leader):
		return saidUnknown
	case leader.Value == 0:
		return saidNoLeader
	}
	return saidLeader
}

// rowsOfRules are the alerts that were pending or fired, in the order of the rules, and of
// the members for each.
func rowsOfRules(r *Run) (rows []alertRow) {
	type key struct {
		rule   string
		member sim.MemberID
	}
	at := map[key]int{}
	order := map[string]int{}
	for i, rule := range alert.Rules() {
		order[rule.Name] = i
	}
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind != sim.KindAlert || int(e.Member) > len(r.Members) {
			continue
		}
		k := key{e.Key, e.Member}
		n, ok := at[k]
		if !ok {
			n = len(rows)
			at[k] = n
			rows = append(rows, alertRow{Rule: e.Key, For: r.waits(e.Key), Member: r.Name(e.Member)})
		}
		rows[n].take(e)
	}
	for i := range rows {
		rows[i].end(r.Span)
	}
	rows = slices.DeleteFunc(rows, func(a alertRow) bool { return len(a.Stays) == 0 })
	slices.SortStableFunc(rows, func(a, b alertRow) int {
		if a.Rule != b.Rule {
			return order[a.Rule] - order[b.Rule]
		}
		return slices.Index(r.Members, a.Member) - slices.Index(r.Members, b.Member)
	})
	return rows
}

// waits is how long a rule's condition must hold in this run.
func (r *Run) waits(rule string) time.Duration {
	known, _ := alert.RuleNamed(rule)
	return known.For / time.Duration(max(r.Scenario.Alerts.Pace, 1))
}

func (a *alertRow) take(e *sim.Event) {
	a.end(e.At)
	if state := sim.AlertState(e.Count); state == sim.AlertPending || state == sim.AlertFiring {
		a.Stays = append(a.Stays, alertStay{From: e.At, State: state})
	}
}

// end closes the stay that is open; one that took no time never was.
func (a *alertRow) end(at time.Duration) {
	n := len(a.Stays) - 1
	if n < 0 || a.Stays[n].To > 0 {
		return
	}
	if a.Stays[n].To = at; at <= a.Stays[n].From {
		a.Stays = a.Stays[:n]
	}
}

// text names the rule and its wait.
func (a alertRow) text() string {
	return fmt.Sprintf("%s, must hold for %s", chart.Printable(a.Rule), sim.FormatDuration(a.For))
}
