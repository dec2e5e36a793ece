package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

func TestEveryMeasureSaysWhatItCounts(t *testing.T) {
	for _, m := range Measures() {
		if len(m.About) < 20 || strings.HasSuffix(m.About, ".") {
			t.Errorf("%s: About is %q", m.Name, m.About)
		}
	}
}

// loaded is a run of 30 s with operations of every outcome.
func loaded() *sim.Trace {
	p := newTape(3)
	p.at(1000).elect(1, 2, 2, 3)
	p.at(2000).put(1, "k1", 11, 2, 10)
	p.at(3000).put(1, "k1", 12, 3, 30)
	p.at(4000).get(2, "k1", 12, 3, 4)
	p.at(5000).put(2, "k2", 13, 4, 20)
	id := p.at(6000).call(1, sim.OpCAS, "k1", 14, 99)
	p.at(6008).back(id, sim.OutcomeMismatch, 12, 4)
	id = p.at(7000).call(1, sim.OpCAS, "k1", 15, 12)
	p.at(7012).back(id, sim.OutcomeOK, 15, 5)
	late := p.at(12000).call(1, sim.OpPut, "k1", 16, 0)
	id = p.at(13000).call(2, sim.OpPut, "k1", 17, 0)
	p.at(13000).back(id, sim.OutcomeFailed, 0, 0)
	id = p.at(14000).call(2, sim.OpGet, "k1", 0, 0)
	p.at(21000).back(id, sim.OutcomeFailed, 0, 0)
	p.at(22000).back(late, sim.OutcomeUnknown, 0, 0)
	p.at(25000).get(2, "k1", 15, 5, 6)
	p.at(29000).call(1, sim.OpPut, "k2", 18, 0)
	p.call(1, sim.OpGet, "k2", 0, 0)
	p.at(30000)
	return p.trace()
}

func TestOperationMeasures(t *testing.T) {
	tr := loaded()
	whole := sim.Window{}
	for name, n := range map[string]float64{
		"writes.ok": 4, "writes.failed": 1, "writes.unknown": 2, "reads.ok": 2, "reads.failed": 2,
		"cas.mismatch": 1, "ops.ok": 7, "ops.failed": 5, "writes.lost": 0, "reads.stale": 0,
		"availability": 7.0 / 12, "throughput": 7.0 / 28,
		"latency.put.p50": 20, "latency.put.p90": 30, "latency.put.p99": 30, "latency.put.max": 30, "latency.put.mean": 20,
		"latency.get.p50": 4, "latency.get.max": 6, "latency.get.mean": 5,
		"latency.cas.p50": 8, "latency.cas.max": 12, "latency.cas.mean": 10,
	} {
		want(t, name, tr, whole, n)
	}
}

func TestOperationsCountWhenTheyReturn(t *testing.T) {
	tr := loaded()
	want(t, "writes.ok", tr, seconds(3, 6), 2)
	want(t, "writes.unknown", tr, seconds(10, 22), 0)
	want(t, "writes.unknown", tr, seconds(22, 23), 1)
	want(t, "writes.unknown", tr, seconds(23, 30), 1) // the one that never came back
	want(t, "reads.failed", tr, seconds(21, 22), 1)
	want(t, "throughput", tr, seconds(4, 6), 2/1.02)
	want(t, "availability", tr, seconds(21, 30), 1.0/5)
	wantNothing(t, "availability", tr, seconds(8, 10))
	wantNothing(t, "throughput", tr, seconds(8, 10))
	wantNothing(t, "latency.put.p50", tr, seconds(8, 10))
	want(t, "writes.ok", tr, seconds(8, 10), 0)
}

// troubled is a cluster of five: the leader n1 is cut off with n2 at 5 s, n3 takes
// over; all heals at 10 s; n3 crashes at 15 s, n4 takes over after a split vote.
func troubled() *sim.Trace {
	p := newTape(5)
	p.at(1200).elect(1, 2, 2, 3, 4, 5)
	p.at(5000).split([]sim.MemberID{1, 2}, []sim.MemberID{3, 4, 5})
	p.at(6000).state(1, sim.Follower, 2, 0) // check-quorum
	p.at(6300).elect(3, 3, 4)
	p.at(6350).state(5, sim.Follower, 3, 3)
	p.at(10000)
	for _, a := range []sim.MemberID{1, 2} {
		for _, b := range []sim.MemberID{3, 4, 5} {
			p.link(sim.KindLinkMended, a, b)
		}
		p.state(a, sim.Follower, 3, 3)
	}
	p.at(15000).on(sim.KindCrashed, 3)
	p.at(16000).state(1, sim.Candidate, 4, 0)
	p.state(5, sim.Candidate, 4, 0)
	p.at(17000).elect(4, 5, 1, 2, 5)
	p.at(20000).on(sim.KindStarted, 3)
	p.at(20500).state(3, sim.Follower, 5, 4)
	p.at(25000)
	return p.trace()
}

func TestLeaderMeasures(t *testing.T) {
	tr := troubled()
	whole := sim.Window{}
	for name, n := range map[string]float64{
		"leader.first": 1200, "leaderless.total": 1300 + 2000, "leaderless.longest": 2000,
		"leader.changes": 2, "elections": 4, "elections.failed": 1, "terms": 5, "failover": 1350,
	} {
		want(t, name, tr, whole, n)
	}
	want(t, "leaderless.longest", tr, seconds(0, 10), 1300)
	want(t, "leaderless.longest", tr, seconds(6, 16), 1000)
	want(t, "leaderless.total", tr, seconds(6, 16), 300+1000)
	want(t, "leaderless.total", tr, seconds(20, 25), 0)
	want(t, "failover", tr, seconds(10, 20), 2000)
	want(t, "elections", tr, seconds(15, 25), 2)
	want(t, "terms", tr, seconds(0, 6), 2)
	wantNothing(t, "failover", tr, seconds(16, 25))
	wantNothing(t, "leader.first", tr, seconds(2, 25))
}

func TestAPausedLeaderThatComesBackInTimeIsNoFailover(t *testing.T) {
	p := newTape(3)
	p.at(1000).elect(1, 2, 2, 3)
	p.at(5000).on(sim.KindPaused, 1)
	p.at(5400).on(sim.KindResumed, 1)
	p.at(9000)
	wantNothing(t, "failover", p.trace(), sim.Window{})
	want(t, "leaderless.longest", p.trace(), sim.Window{}, 400)
}

func TestWithoutAnyLeaderTheWholeRunIsLeaderless(t *testing.T) {
	p := newTape(3)
	p.at(4000).state(1, sim.Candidate, 2, 0)
	p.at(9000)
	want(t, "leaderless.total", p.trace(), sim.Window{}, 9000)
	want(t, "leaderless.longest", p.trace(), seconds(3, 5), 2000)
	wantNothing(t, "leader.first", p.trace(), sim.Window{})
}

func TestAQuorumIsOfTheVotersThatThereAre(t *testing.T) {
	p := newTape(3)
	p.at(1000).elect(1, 2, 2, 3)
	p.at(2000).on(sim.KindCrashed, 2)
	p.add(sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 2, Role: sim.RoleNone, Index: 9})
	p.add(sim.Event{Kind: sim.KindMembership, Member: 3, Peer: 3, Role: sim.Follower, Index: 3}) // a laggard
	p.at(3000).on(sim.KindCrashed, 3)                                                            // one of two
	p.at(4000).on(sim.KindStarted, 3)
	p.at(5000)
	want(t, "leaderless.total", p.trace(), sim.Window{}, 1000)
}

func TestOneWayCutsLeaveTheLeaderOfTheHigherTerm(t *testing.T) {
	p := newTape(3)
	p.at(1000).elect(1, 2, 2, 3)
	p.at(2000).add(sim.Event{Kind: sim.KindLinkCut, Member: 1, Peer: 2}) // n1 still has n3
	p.at(4000).elect(2, 3, 3)                                            // n3 now knows term 3
	p.at(5000)
	want(t, "leaderless.total", p.trace(), sim.Window{}, 0)
	if l := newLeadership(p.trace(), p.now); len(l.failovers) != 0 {
		t.Errorf("failovers %+v: n1 was never taken away", l.failovers)
	}
}

func TestClusterMeasures(t *testing.T) {
	p := newTape(3)
	p.at(1000).add(sim.Event{Kind: sim.KindSent, Member: 1, Peer: 2})
	p.add(sim.Event{Kind: sim.KindSent, Member: 1, Peer: 3})
	p.add(sim.Event{Kind: sim.KindDropped, Member: 1, Peer: 3})
	p.add(sim.Event{Kind: sim.KindSnapshotMade, Member: 1})
	p.at(2000).add(sim.Event{Kind: sim.KindCommitted, Member: 1, Index: 40})
	p.at(3000).on(sim.KindCrashed, 2)
	p.add(sim.Event{Kind: sim.KindLost, Member: 2, Index: 38, Count: 3})
	p.add(sim.Event{Kind: sim.KindCommitted, Member: 1, Index: 50})
	p.at(5000).on(sim.KindStarted, 2)
	p.at(5100).add(sim.Event{Kind: sim.KindCommitted, Member: 1, Index: 60})
	p.add(sim.Event{Kind: sim.KindCommitted, Member: 2, Index: 37})
	p.at(5200).add(sim.Event{Kind: sim.KindSnapshotInstalled, Member: 2, Index: 50})
	p.at(6000).on(sim.KindPanicked, 3)
	p.at(9000).on(sim.KindStarted, 3)
	p.at(10000)
	tr := p.trace()
	for name, n := range map[string]float64{"messages.sent": 2, "messages.dropped": 1, "snapshots": 1,
		"snapshots.made": 1, "entries.lost": 3, "members.panicked": 1, "catchup": 200} {
		want(t, name, tr, sim.Window{}, n)
	}
	want(t, "messages.sent", tr, seconds(2, 3), 0)
	want(t, "entries.lost", tr, seconds(0, 3), 0)
	wantNothing(t, "catchup", tr, seconds(6, 10)) // n3 never came back to 60
	tr.Without = []sim.Kind{sim.KindSent, sim.KindCommitted}
	wantNothing(t, "messages.sent", tr, sim.Window{})
	wantNothing(t, "catchup", tr, sim.Window{})
	want(t, "messages.dropped", tr, sim.Window{}, 1)
}

func TestDowntime(t *testing.T) {
	p := newTape(3)
	wantNothing(t, "downtime.longest", p.trace(), sim.Window{})
	p.at(1000).put(1, "k", 1, 2, 10)
	p.at(3000).put(1, "k", 2, 3, 10)
	want(t, "downtime.longest", p.trace(), sim.Window{}, 10) // nobody asked in between
	a := p.at(5000).call(1, sim.OpPut, "k", 3, 0)
	b := p.at(5005).call(2, sim.OpPut, "k", 4, 0)
	p.at(5010).back(a, sim.OutcomeOK, 3, 4)
	p.at(9010).back(b, sim.OutcomeUnknown, 0, 0)
	p.at(9500).put(1, "k", 5, 5, 10)
	want(t, "downtime.longest", p.trace(), sim.Window{}, 4500) // from 5.01 to 9.51
	want(t, "downtime.longest", p.trace(), seconds(0, 6), 990)
	p.at(12000).call(1, sim.OpPut, "k", 6, 0)
	p.at(20000)
	want(t, "downtime.longest", p.trace(), sim.Window{}, 8000) // to the end
}

func TestDowntimeDoesNotCountAStoppedLoad(t *testing.T) {
	p := newTape(3)
	a := p.at(1000).call(1, sim.OpPut, "k", 3, 0)
	p.at(2000).begin("stop-load")
	p.at(4000).back(a, sim.OutcomeUnknown, 0, 0)
	p.at(30000).put(1, "k", 4, 2, 5)
	want(t, "downtime.longest", p.trace(), sim.Window{}, 1000)
}

func TestDowntimeEndsWithTheLoad(t *testing.T) {
	p := newTape(3)
	p.at(9990).call(1, sim.OpPut, "k", 3, 0) // hangs
	p.at(9995).put(2, "k", 4, 2, 3)
	p.at(17000).back(1, sim.OutcomeUnknown, 0, 0)
	tr := p.trace()
	tr.Scenario.Run = 10 * time.Second
	want(t, "downtime.longest", tr, sim.Window{}, 8)
}

func TestReaderReadsWhatTheMeasuresSay(t *testing.T) {
	tr := loaded()
	r, w := Read(tr), sim.Window{From: 2 * time.Second, To: 10 * time.Second}
	for _, name := range []string{"writes.ok", "latency.put.p50", "ops.failed"} {
		want, has := MeasureNamed(name).Compute(tr, w)
		if got, ok := r.Measure(name, w); ok != has || got != want {
			t.Errorf("%s is %v %v, want %v %v", name, got, ok, want, has)
		}
	}
	if _, ok := r.Measure("no.such.measure", w); ok {
		t.Error("a measure that there is not has a value")
	}
	ms := time.Millisecond
	if got, want := r.Latencies(sim.OpPut, sim.Window{}), []time.Duration{10 * ms, 20 * ms, 30 * ms}; !slices.Equal(got,
		want) {
		t.Errorf("puts took %v, want %v", got, want)
	}
}

// overrun is a run of 4 s whose followers crash at 2 s, and after which the engine waits for
// answers and final reads.
func overrun() *sim.Trace {
	p := newTape(3)
	p.at(500).elect(1, 2, 2, 3)
	p.at(1000).put(1, "k", 1, 2, 10)
	p.at(2000).on(sim.KindCrashed, 2)
	p.on(sim.KindCrashed, 3)
	id := p.at(3000).call(1, sim.OpPut, "k", 2, 0)
	p.at(5000).on(sim.KindStarted, 2)
	p.at(6000).elect(1, 3, 2)
	p.at(6500).back(id, sim.OutcomeOK, 2, 3)
	p.at(15900).on(sim.KindPanicked, 1)
	tr := p.trace()
	tr.Scenario.Run = 4 * time.Second
	return tr
}

func TestMeasuresEndWithTheRun(t *testing.T) {
	tr := overrun()
	for name, n := range map[string]float64{
		"leaderless.total": 2000, "leaderless.longest": 2000, "downtime.longest": 1000, "elections": 1, "members.panicked": 0,
		"writes.ok": 2, "latency.put.max": 10, // the second was answered after the run, and how long it takes is not known
	} {
		want(t, name, tr, sim.Window{}, n)
		want(t, name, tr, seconds(0, 4), n)
		want(t, name, tr, seconds(0, 20), n)
	}
	for _, name := range []string{"recovery.time", "recovery.full", "catchup", "failover"} {
		wantNothing(t, name, tr, sim.Window{})
	}
	want(t, "writes.ok", tr, seconds(3, 4), 1)
	want(t, "leaderless.total", tr, seconds(3, 4), 1000)
}

func TestAMeasureEndsTheRun(t *testing.T) {
	tr := overrun()
	tr.Scenario.Run, tr.Scenario.Until = 20*time.Second, "failover"
	want(t, "members.panicked", tr, sim.Window{}, 1) // with the last event
	want(t, "leaderless.longest", tr, sim.Window{}, 3000)
	tr.Scenario.Run = 4 * time.Second // it did not come
	want(t, "leaderless.longest", tr, sim.Window{}, 2000)
}
