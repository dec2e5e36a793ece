package check

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/alert"
)

// expect reads expectations.
func expect(t *testing.T, texts ...string) (es []sim.Expectation) {
	t.Helper()
	for _, s := range texts {
		e, err := ParseExpectation(s)
		if err != nil {
			t.Fatal(err)
		}
		es = append(es, e)
	}
	return es
}

func TestJudgeAsksWhatIsAlwaysOnThenWhatIsExpected(t *testing.T) {
	tr := troubled()
	tr.Scenario.Expect = expect(t, "leaderless.longest[0s..10s] <= 1s", "safety", "failover < 2s", "latency.get.p50 < 1s")
	res := Judge(tr)
	var got []string
	for _, c := range Checks() {
		if c.Always && c.Name != carriedOutCheck {
			got = append(got, c.Name)
		}
	}
	want := append(got, "leaderless.longest[0s..10s] <= 1s", "failover < 2s", "latency.get.p50 < 1s")
	for i, v := range res.Verdicts {
		if i >= len(want) || v.Check != want[i] {
			t.Fatalf("verdict %d is %q, want %q", i, v.Check, want)
		}
		if i < len(got) && !v.OK {
			t.Errorf("%s: %s", v.Check, v.Why)
		}
	}
	if res.OK() {
		t.Error("the result is good, but two expectations fail")
	}
	for i, w := range []struct {
		ok   bool
		why  string
		from sim.Kind // of the first event of the evidence
	}{
		{false, "leaderless.longest in [0s..10s] is 1.3s, expected <= 1s (the longest stretch, after", sim.KindLinkCut},
		{true, "failover in the run is 1.35s", sim.KindLinkCut},
		{false, "there is nothing to measure in the run: latency.get.p50 is the time that 50% of the answered gets",
			sim.KindNone},
	} {
		v := res.Verdicts[len(got)+i]
		if v.OK != w.ok || !strings.HasPrefix(v.Why, w.why) {
			t.Errorf("%s: %v %q, want %v %q", v.Check, v.OK, v.Why, w.ok, w.why)
		}
		if w.from != sim.KindNone && (len(v.Events) == 0 || tr.Events[v.Events[0]-1].Kind != w.from) {
			t.Errorf("%s: evidence %v", v.Check, v.Events)
		}
	}
}

func TestJudgeTurnsAroundWhatTheScenarioBreaks(t *testing.T) {
	healthy, lossy := newTape(3), newTape(3)
	for _, p := range []*tape{healthy, lossy} {
		p.at(1000).elect(1, 2, 2, 3)
		p.at(2000).put(1, "k1", 11, 2, 10)
	}
	lossy.at(3000).put(2, "k2", 12, 2, 10) // the revision of the first
	for name, tt := range map[string]struct {
		tape *tape
		ok   bool
		why  string
	}{
		"healthy": {healthy, false, "not broken, although the scenario expects it to be: "},
		"lossy":   {lossy, true, "broken, as expected: "},
	} {
		tr := tt.tape.trace()
		tr.Scenario.Expect = expect(t, "not revisions")
		res := Judge(tr)
		found := false
		for _, v := range res.Verdicts {
			if v.Check != "not revisions" {
				continue
			}
			found = true
			if v.OK != tt.ok || !strings.HasPrefix(v.Why, tt.why) {
				t.Errorf("%s: %v %q, want %v %q...", name, v.OK, v.Why, tt.ok, tt.why)
			}
		}
		if !found {
			t.Errorf("%s: no verdict of revisions turned around among %+v", name, res.Verdicts)
		}
	}
}

func TestMeasuresAreInTheOrderOfTheirNames(t *testing.T) {
	res := Judge(loaded())
	for i := 1; i < len(res.Measures); i++ {
		if res.Measures[i-1].Name >= res.Measures[i].Name {
			t.Errorf("%s stands before %s", res.Measures[i-1].Name, res.Measures[i].Name)
		}
	}
	if _, ok := res.Measure("failover"); ok {
		t.Error("there was no failover to measure")
	}
	if f, ok := res.Measure("writes.ok"); !ok || f.Value != 4 {
		t.Errorf("writes.ok is %v", f)
	}
}

func TestResultAsJSON(t *testing.T) {
	tr := loaded()
	tr.Scenario.Expect = expect(t, "latency.put.max <= 25ms")
	res := Judge(tr)
	b, err := json.Marshal(res.JSON())
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		OK       bool
		Verdicts []struct {
			Check  string
			OK     bool
			Why    string
			Events []uint64
		}
		Measures map[string]struct {
			Value float64
			Unit  string
		}
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	last := got.Verdicts[len(got.Verdicts)-1]
	if got.OK || last.Check != "latency.put.max <= 25ms" || last.OK || len(last.Events) != 2 {
		t.Errorf("%s", b)
	}
	if f := got.Measures["availability"]; f.Value != .583333 || f.Unit != "share" {
		t.Errorf("availability is %v", f)
	}
	if f := got.Measures["throughput"]; f.Value != .25 || f.Unit != "/s" {
		t.Errorf("throughput is %v", f)
	}
	if strings.Contains(string(b), "null") {
		t.Errorf("an empty list is null: %s", b)
	}
	again, _ := json.Marshal(Judge(tr).JSON())
	if string(again) != string(b) {
		t.Error("judging again gives other bytes")
	}
}

// Each measure that explains itself names events of the trace when there is
// something to explain.
func TestMeasuresNameTheirEvidence(t *testing.T) {
	p := newTape(3)
	p.at(1000).elect(1, 2, 2, 3)
	p.at(2000).put(1, "k", 1, 2, 5)
	p.put(1, "k", 2, 3, 5)
	p.get(1, "k", 1, 2, 5)
	id := p.call(1, sim.OpCAS, "k", 3, 9)
	p.at(2100).back(id, sim.OutcomeMismatch, 2, 3)
	p.add(sim.Event{Kind: sim.KindCommitted, Member: 1, Index: 9})
	p.at(3000).on(sim.KindCrashed, 1)
	p.at(4000).elect(2, 3, 3)
	p.at(5000).on(sim.KindStarted, 1)
	p.at(5100).add(sim.Event{Kind: sim.KindCommitted, Member: 1, Index: 9})
	p.at(6000).on(sim.KindPanicked, 3)
	p.at(6100).add(sim.Event{Kind: sim.KindStoreSize, Member: 1, Value: 4000, Old: 1000})
	p.add(sim.Event{Kind: sim.KindAlarm, Member: 1, Count: sim.AlarmNoSpace, Value: 1})
	id = p.call(1, sim.OpPut, "k", 4, 0)
	p.add(sim.Event{Kind: sim.KindReturn, ID: id, Client: 1, Op: sim.OpPut, Key: "k", Result: sim.OutcomeFailed,
		Count: sim.AlarmNoSpace})
	p.at(6200).on(sim.KindDefragBegun, 1)
	p.at(6300).add(sim.Event{Kind: sim.KindDefragEnded, Member: 1, Value: 2000, Old: 1000})
	p.Scenario.Alerts = sim.AlertSpec{Scrape: time.Second, Pace: 30}
	p.begin("crash n3")
	for _, rule := range alert.Rules() {
		p.at(6500).add(sim.Event{Kind: sim.KindAlert, Key: rule.Name, Member: 1, Count: uint32(sim.AlertFiring)})
	}
	for stage := sim.StageConnect; stage <= sim.StageAuthorization; stage++ {
		p.add(sim.Event{Kind: sim.KindAccess, Member: 1, Key: "k", Count: uint32(stage), Result: sim.OutcomeFailed})
	}
	p.add(sim.Event{Kind: sim.KindAccess, Member: 1, Key: "k", Count: uint32(sim.StageAuthorization),
		Result: sim.OutcomeOK})
	p.at(7000).restoreWithWatches()
	p.twoLeases()
	p.badWatch()
	p.final("k", 1, 2)
	tr := p.trace()
	r := newRun(tr)
	for name, m := range ownMeasures {
		if m.evidence == nil {
			continue
		}
		if v, ok := m.compute(r, sim.Window{}); !ok || v == 0 {
			t.Errorf("%s: the run gives it nothing to explain", name)
		}
		events := m.evidence(r, sim.Window{})
		if len(events) == 0 {
			t.Errorf("%s: no evidence", name)
		}
		for _, seq := range events {
			if seq == 0 || seq > uint64(len(tr.Events)) {
				t.Errorf("%s: there is no event %d", name, seq)
			}
		}
		if none := m.evidence(r, sim.Window{From: time.Hour}); len(none) > 0 {
			t.Errorf("%s: evidence %v for an hour after the run", name, none)
		}
	}
}
