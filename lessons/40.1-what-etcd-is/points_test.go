package whatetcdis

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

func TestValueLanes(t *testing.T) {
	l := valueLanes([]change{{2, "a", "1"}, {3, "b", "1"}, {4, "a", "2"}, {4, "b", ""}})
	want := []chart.Lane{
		{Name: "key a", Stretches: []chart.Stretch{{From: 2, To: 4 - gap, Text: `"1"`, Mood: chart.Good},
			{From: 4, To: 5 - gap, Text: `"2"`, Mood: chart.Good}}},
		{Name: "key b", Stretches: []chart.Stretch{{From: 3, To: 4 - gap, Text: `"1"`, Mood: chart.Good}}},
		{Name: "watch from 2", Stretches: []chart.Stretch{
			{From: 2, To: 3 - gap, Text: "a = 1", Mood: chart.Neutral},
			{From: 3, To: 4 - gap, Text: "b = 1", Mood: chart.Neutral},
			{From: 4, To: 5 - gap, Text: "a = 2, b deleted", Mood: chart.Neutral},
		}},
	}
	if d := cmp.Diff(want, l.Rows); d != "" {
		t.Error(d)
	}
}

func TestStretchesJoinWhatEndedTheSameWay(t *testing.T) {
	got := stretches([]probe{
		{"put", 0, time.Second, true}, {"get", 0, time.Second, false}, {"put", 2 * time.Second, 3 * time.Second, true},
		{"put", 4 * time.Second, 5 * time.Second, false},
	}, "put")
	want := []chart.Stretch{{From: 0, To: 4, Text: "answered", Mood: chart.Good},
		{From: 4, To: 5, Text: "no answer", Mood: chart.Bad}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestOutcome: one answer is enough to say that there are some.
func TestOutcome(t *testing.T) {
	ps := []probe{{Op: "put"}, {Op: "put", Answered: true}, {Op: "get"}}
	if outcome(ps, "put") != "answers" || outcome(ps, "get") != "no answer" || outcome(nil, "put") != "no answer" {
		t.Errorf("put: %s, get: %s, none: %s", outcome(ps, "put"), outcome(ps, "get"), outcome(nil, "put"))
	}
}

func trace(es ...sim.Event) *sim.Trace {
	s := &sim.Scenario{Cluster: sim.ClusterSpec{Members: []sim.MemberSpec{{Name: "n1"}, {Name: "n2"}, {Name: "n3"}}}}
	rec := sim.NewRecorder(sim.AllKinds)
	for _, e := range es {
		rec.Add(e)
	}
	return rec.Trace(s, "sim", "")
}

func TestLogs(t *testing.T) {
	tr := trace(
		sim.Event{At: 1, Kind: sim.KindAppended, Member: 1, Index: 1, Term: 2, Value: 11},
		sim.Event{At: 2, Kind: sim.KindAppended, Member: 1, Index: 2, Term: 2, Value: 12},
		sim.Event{At: 2, Kind: sim.KindCommitted, Member: 1, Index: 1},
		sim.Event{At: 3, Kind: sim.KindTruncated, Member: 1, Index: 2},
		sim.Event{At: 3, Kind: sim.KindAppended, Member: 1, Index: 2, Term: 3, Value: 22},
	)
	before, after := logsAt(tr, 2), logsAt(tr, 3)
	if before.last(1) != 2 || before.committed() != 1 || before.gone(1, after) != 1 || after.gone(1, after) != 0 ||
		after.entries[1][2].Term != 3 {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestFates(t *testing.T) {
	put := func(id uint64, r sim.Outcome) sim.Event {
		return sim.Event{Kind: sim.KindReturn, Op: sim.OpPut, ID: id, Result: r}
	}
	applied := func(id uint64, m sim.MemberID) sim.Event { return sim.Event{Kind: sim.KindApplied, ID: id, Member: m} }
	got := fatesOf(trace(
		sim.Event{Kind: sim.KindStarted, Member: 1}, sim.Event{Kind: sim.KindStarted, Member: 2},
		sim.Event{Kind: sim.KindStarted, Member: 3},
		sim.Event{Kind: sim.KindCrashed, Member: 3},
		applied(1, 1), applied(1, 2), put(1, sim.OutcomeOK),
		applied(2, 1), put(2, sim.OutcomeOK), // member 2 lacks it
		put(3, sim.OutcomeUnknown),
		put(4, sim.OutcomeUnknown), applied(4, 2),
		put(5, sim.OutcomeFailed),
	))
	if want := (fates{Acked: 2, AckedGone: 1, Unknown: 2, UnknownFound: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if f := fate(got); f != "some kept, some lost" {
		t.Error(f)
	}
}

func TestVotes(t *testing.T) {
	tr := trace(
		sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Candidate, Term: 3},
		sim.Event{Kind: sim.KindDelivered, Member: 1, Peer: 2, Msg: sim.MsgVoteResp, Term: 3},
		sim.Event{Kind: sim.KindDelivered, Member: 1, Peer: 3, Msg: sim.MsgVoteResp, Term: 3, Reject: true},
		sim.Event{Kind: sim.KindDelivered, Member: 1, Peer: 3, Msg: sim.MsgVoteResp, Term: 2},
		sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Leader, Term: 3},
	)
	if v := votesIn(tr, 3); v[1] != 2 {
		t.Errorf("n1 has %d votes", v[1])
	}
	if leaderIn(tr, 3) != "n1" || leaderIn(tr, 4) != "nobody" {
		t.Errorf("term 3: %s, term 4: %s", leaderIn(tr, 3), leaderIn(tr, 4))
	}
}
