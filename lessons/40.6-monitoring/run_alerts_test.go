package monitoring

import (
	"testing"
	"time"

	"quorumlab/lessons"
	"quorumlab/sim"
)

// traceOf is a run in which no more than that happened.
func traceOf(events ...sim.Event) *sim.Trace { return &sim.Trace{Events: events} }

func TestToldBy(t *testing.T) {
	alert := func(name string, state sim.AlertState) sim.Event {
		return sim.Event{Kind: sim.KindAlert, Key: name, Count: uint32(state)}
	}
	for _, test := range []struct {
		want   string
		events []sim.Event
	}{
		{"none", nil},
		{"none", []sim.Event{alert("etcdHighFsyncDurations", sim.AlertPending), alert("etcdMembersDown", sim.AlertFiring)}},
		{"alerts on disks", []sim.Event{alert("etcdHighFsyncDurations", sim.AlertFiring)}},
		{"alerts on disks", []sim.Event{alert("etcdHighCommitDurations", sim.AlertFiring),
			alert("etcdNoLeader", sim.AlertPending)}},
		{"alerts on the leader", []sim.Event{alert("etcdNoLeader", sim.AlertFiring)}},
		{"both", []sim.Event{alert("etcdHighNumberOfLeaderChanges", sim.AlertFiring),
			alert("etcdHighFsyncDurations", sim.AlertFiring)}},
	} {
		if got := toldBy(traceOf(test.events...)); got != test.want {
			t.Errorf("%v: told by %q, want %q", test.events, got, test.want)
		}
	}
}

// A millisecond of a run is a tenth of a second of production.
func TestInProduction(t *testing.T) {
	for _, test := range []struct {
		delay lessons.Fact
		want  string
	}{
		{lessons.Fact{Text: "none"}, "never"},
		{lessons.Fact{Value: 1199}, "within two minutes"},
		{lessons.Fact{Value: 1200}, "within ten minutes"},
		{lessons.Fact{Value: 5999}, "within ten minutes"},
		{lessons.Fact{Value: 6000}, "after more than ten minutes"},
	} {
		if got := inProduction(test.delay); got != test.want {
			t.Errorf("%+v: %q, want %q", test.delay, got, test.want)
		}
	}
}

func TestSaidLast(t *testing.T) {
	says := func(at time.Duration, m sim.MemberID, value uint64, there uint32) sim.Event {
		return sim.Event{At: at, Kind: sim.KindMetric, Key: "etcd_server_has_leader", Member: m, Value: value, Count: there}
	}
	got := saidLast(traceOf(
		says(1*time.Second, 1, 1, 1), says(1*time.Second, 2, 1, 1), says(1*time.Second, 3, 1, 1),
		sim.Event{At: 2 * time.Second, Kind: sim.KindCrashed, Member: 2},
		sim.Event{At: 2 * time.Second, Kind: sim.KindCrashed, Member: 3},
		says(3*time.Second, 2, 0, 0), says(3*time.Second, 3, 0, 0),
		says(4*time.Second, 1, 0, 1),
		says(5*time.Second, 1, 0, 0), // a scrape of the survivor that failed
		sim.Event{At: 6 * time.Second, Kind: sim.KindMetric, Key: "up", Member: 1},
		says(othersBack, 2, 1, 1),
	))
	if want := (words{silent: 2, noLeader: 1}); got != want {
		t.Errorf("they said %+v, want %+v", got, want)
	}
	if got := saidLast(traceOf(says(time.Second, 1, 1, 1))); got != (words{leader: 1}) {
		t.Errorf("a member with a leader said %+v", got)
	}
}
