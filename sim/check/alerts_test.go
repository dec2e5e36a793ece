package check

import (
	"strings"
	"testing"

	"quorumlab/sim"
	"quorumlab/sim/alert"
)

// alarmed is a run of 40 s in which a slow disk makes two rules fire for n1, one of them for
// n2 as well, and one rule about the cluster is still firing at the end.
func alarmed() *sim.Trace {
	p := newTape(3)
	p.Scenario.Alerts = sim.AlertSpec{Scrape: 1, Pace: 1}
	turns := func(ms int, rule string, m sim.MemberID, s sim.AlertState) {
		p.at(ms).add(sim.Event{Kind: sim.KindAlert, Key: rule, Member: m, Count: uint32(s)})
	}
	const fsync, commit, down = "etcdHighFsyncDurations", "etcdHighCommitDurations", "etcdMembersDown"
	p.at(1000).elect(1, 2, 2, 3)
	slow := p.at(5000).begin("slow-disk n1 600ms")
	turns(8000, fsync, 1, sim.AlertPending)
	turns(8000, commit, 1, sim.AlertPending)
	turns(9000, fsync, 2, sim.AlertPending)
	turns(10000, commit, 1, sim.AlertInactive) // it was nothing
	turns(11000, commit, 1, sim.AlertPending)
	turns(20000, fsync, 1, sim.AlertFiring)
	turns(20010, commit, 1, sim.AlertFiring)
	turns(22000, fsync, 2, sim.AlertFiring)
	p.at(25000).finish(slow, "slow-disk n1 600ms")
	turns(26000, fsync, 1, sim.AlertInactive)
	turns(28000, fsync, 2, sim.AlertInactive)
	turns(28010, commit, 1, sim.AlertInactive)
	p.at(30000).begin("crash n3")
	turns(31000, down, 0, sim.AlertPending)
	turns(38000, down, 0, sim.AlertFiring)
	p.at(40000).add(sim.Event{Kind: sim.KindNote})
	return p.trace()
}

func TestAlertMeasures(t *testing.T) {
	tr := alarmed()
	for name, n := range map[string]float64{
		"alerts.fired": 3, "alerts.firing": 8010 + 2000, "alerts.delay": 15000,
		"alert.etcdHighFsyncDurations": 8000, "alert.etcdHighFsyncDurations.members": 2,
		"alert.etcdHighCommitDurations": 8000, "alert.etcdHighCommitDurations.members": 1,
		"alert.etcdMembersDown": 2000, "alert.etcdMembersDown.members": 1,
		"alert.etcdHighFsyncDurations.critical": 0, "alert.etcdNoLeader": 0, "alert.etcdNoLeader.members": 0,
	} {
		want(t, name, tr, sim.Window{}, n)
	}
	want(t, "alerts.fired", tr, seconds(5, 20), 0)
	want(t, "alerts.fired", tr, seconds(5, 21), 2)
	want(t, "alert.etcdHighFsyncDurations", tr, seconds(21, 27), 6000)
	want(t, "alert.etcdHighFsyncDurations.members", tr, seconds(20, 22), 1)
	want(t, "alerts.delay", tr, seconds(26, 40), 8000)
	wantNothing(t, "alerts.delay", tr, seconds(0, 4))
}

// A run that nobody watched has no alerts to count, which is not the same as none.
func TestNoAlertMeasuresWithoutAlerts(t *testing.T) {
	tr := loaded()
	for _, m := range Measures() {
		if strings.HasPrefix(m.Name, "alert") {
			wantNothing(t, m.Name, tr, sim.Window{})
		}
	}
}

func TestEveryRuleHasItsMeasures(t *testing.T) {
	for _, r := range alert.Rules() {
		if MeasureNamed("alert."+r.Name) == nil || MeasureNamed("alert."+r.Name+".members") == nil {
			t.Errorf("%s has no measures", r.Name)
		}
		if r.For < 1 || r.Severity != "warning" && r.Severity != "critical" {
			t.Errorf("%+v", r)
		}
	}
}

func TestStoryOfAlerts(t *testing.T) {
	var all []string
	for _, s := range Story(alarmed()) {
		all = append(all, s.Text)
	}
	got := strings.Join(all, "\n")
	for _, want := range []string{
		"after 15.0 s the alerts etcdHighFsyncDurations and etcdHighCommitDurations fired for n1; after 17.0 s the alert " +
			"etcdHighFsyncDurations fired for n2",
		"after 1.00 s the alert etcdHighFsyncDurations stopped for n1; after 3.00 s the alert etcdHighFsyncDurations " +
			"stopped for n2; after 3.00 s the alert etcdHighCommitDurations stopped for n1",
		"after 8.00 s the alert etcdMembersDown fired",
		"still firing: etcdMembersDown",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the story lacks %q:\n%s", want, got)
		}
	}
}

// An alert that comes and goes is told a few times and then counted.
func TestStoryOfAFlappingAlert(t *testing.T) {
	p := newTape(1)
	p.Scenario.Alerts = sim.AlertSpec{Scrape: 1, Pace: 1}
	for i := range 10 {
		p.at(2000*i + 1000).add(sim.Event{Kind: sim.KindAlert, Key: "etcdNoLeader", Member: 1,
			Count: uint32(sim.AlertFiring)})
		p.at(2000*i + 2000).add(sim.Event{Kind: sim.KindAlert, Key: "etcdNoLeader", Member: 1})
	}
	text := Story(p.trace())[0].Text
	if n := strings.Count(text, "etcdNoLeader"); n != maxAlertClauses {
		t.Errorf("it is told %d times:\n%s", n, text)
	}
	if !strings.Contains(text, "after 20.0 s alerts fired or stopped another 16 times") {
		t.Errorf("the rest is not counted:\n%s", text)
	}
}
