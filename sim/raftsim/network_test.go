package raftsim_test

import (
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// pair is a link in one direction.
type pair struct{ from, to sim.MemberID }

// window is when the faults of these tests last.
var window = sim.Window{From: 3 * time.Second, To: 6 * time.Second}

// under is a run of three members with one fault from 3 s to 6 s.
func under(t *testing.T, do string, change func(*sim.Scenario)) *sim.Trace {
	t.Helper()
	s := base(3)
	if change != nil {
		change(s)
	}
	step(t, s, window.From, do, window.To-window.From)
	return play(t, raftsim.Engine{}, s)
}

// delivered counts deliveries by link in a window.
func delivered(tr *sim.Trace, w sim.Window) map[pair]int {
	n := map[pair]int{}
	for _, e := range tr.Events {
		if e.Kind == sim.KindDelivered && w.Has(e.At) {
			n[pair{e.Peer, e.Member}]++
		}
	}
	return n
}

// journeys are the times from sent to delivered, by link, of messages sent in the
// window.
func journeys(tr *sim.Trace, w sim.Window) map[pair][]time.Duration {
	sent := map[uint64]time.Duration{}
	out := map[pair][]time.Duration{}
	for _, e := range tr.Events {
		if e.Kind == sim.KindSent && w.Has(e.At) {
			sent[e.ID] = e.At
		}
		if at, ok := sent[e.ID]; e.Kind == sim.KindDelivered && ok {
			out[pair{e.Peer, e.Member}] = append(out[pair{e.Peer, e.Member}], e.At-at)
		}
	}
	return out
}

func TestCutIsOneWay(t *testing.T) {
	tr := under(t, "cut n1 -> n2", nil)
	n := delivered(tr, window)
	if n[pair{1, 2}] != 0 {
		t.Errorf("%d messages passed the cut link", n[pair{1, 2}])
	}
	for _, p := range []pair{{2, 1}, {2, 3}, {3, 2}} {
		if n[p] == 0 {
			t.Errorf("nothing passed from %v to %v, which is not cut", p.from, p.to)
		}
	}
	for _, e := range tr.Events {
		if e.Kind == sim.KindDropped && (e.Note != "cut" || e.Member != 1 || e.Peer != 2 || !window.Has(e.At)) {
			t.Errorf("dropped without a reason: %s", lines(t, e))
		}
	}
	after := delivered(tr, sim.Window{From: window.To + time.Second})
	if after[pair{1, 2}] == 0 {
		t.Error("nothing passes after the cut was mended")
	}
	for _, k := range []sim.Kind{sim.KindLinkCut, sim.KindLinkMended} {
		if c := count(tr, k, func(e sim.Event) bool { return e.Member == 1 && e.Peer == 2 }); c != 1 ||
			count(tr, k, nil) != 1 {
			t.Errorf("%d events %s for the link, want one, and none for others", c, k)
		}
	}
}

func TestPartitionCutsBothWays(t *testing.T) {
	n := delivered(under(t, "partition n1 | n2 n3", nil), sim.Window{From: window.From + ms, To: window.To})
	for _, p := range []pair{{1, 2}, {2, 1}, {1, 3}, {3, 1}} {
		if n[p] != 0 {
			t.Errorf("%d messages from %v to %v across the partition", n[p], p.from, p.to)
		}
	}
	if n[pair{2, 3}] == 0 || n[pair{3, 2}] == 0 {
		t.Error("the majority does not talk")
	}
}

func TestLoss(t *testing.T) {
	tr := under(t, "lose n1 -> n2 30%", nil)
	var sent, lost int
	for _, e := range tr.Events {
		if e.Member != 1 || e.Peer != 2 || !window.Has(e.At) {
			continue
		}
		switch {
		case e.Kind == sim.KindSent:
			sent++
		case e.Kind == sim.KindDropped && e.Note == "loss":
			lost++
		}
	}
	if sent < 100 || lost < sent*20/100 || lost > sent*40/100 {
		t.Errorf("%d of %d messages were lost, want about 30%%", lost, sent)
	}
	if other := count(tr, sim.KindDropped, func(e sim.Event) bool { return e.Member != 1 || e.Peer != 2 }); other != 0 {
		t.Errorf("%d messages were lost on other links", other)
	}
}

func TestDelay(t *testing.T) {
	for p, ds := range journeys(under(t, "delay n1 -> n2 20ms..30ms", nil), window) {
		for _, d := range ds {
			slow := p == pair{1, 2}
			if slow && d < 20*ms || !slow && d > ms {
				t.Fatalf("%v to %v took %v", p.from, p.to, d)
			}
		}
	}
}

func TestDuplicateSparesProposals(t *testing.T) {
	tr := under(t, "duplicate all -> all 100%", nil)
	times := map[uint64]int{}
	kind := map[uint64]sim.MsgType{}
	for _, e := range tr.Events {
		inside := sim.Window{From: window.From, To: window.To - 10*ms}
		if e.Kind == sim.KindSent && inside.Has(e.At) {
			times[e.ID], kind[e.ID] = 0, e.Msg
		}
		if _, ok := times[e.ID]; e.Kind == sim.KindDelivered && ok {
			times[e.ID]++
		}
	}
	seen := map[sim.MsgType]bool{}
	for id, n := range times {
		want := 2
		if kind[id] == sim.MsgProp {
			want = 1
		}
		if n != want {
			t.Errorf("a %s was delivered %d times", kind[id], n)
		}
		seen[kind[id]] = true
	}
	if !seen[sim.MsgProp] || !seen[sim.MsgApp] || !seen[sim.MsgHeartbeat] {
		t.Errorf("the run had only messages %v", seen)
	}
}

// overtaken counts the messages that arrive behind a later one of their link.
func overtaken(tr *sim.Trace) (n int) {
	newest := map[pair]uint64{}
	for _, e := range tr.Events {
		p := pair{e.Peer, e.Member}
		if e.Kind != sim.KindDelivered || e.Msg == sim.MsgSnap {
			continue
		}
		if e.ID < newest[p] {
			n++
		}
		newest[p] = max(newest[p], e.ID)
	}
	return n
}

func TestOnlyReorderOvertakes(t *testing.T) {
	jitter := func(s *sim.Scenario) { s.Cluster.Network.Latency = sim.Distribution{Lo: ms, Hi: 20 * ms} }
	if n := overtaken(under(t, "delay all -> all 1ms..50ms", jitter)); n != 0 {
		t.Errorf("%d messages overtook others on a link in order", n)
	}
	if n := overtaken(under(t, "reorder all -> all 20%", jitter)); n < 20 {
		t.Errorf("%d messages were overtaken with reorder", n)
	}
}

func TestLimit(t *testing.T) {
	const speed = 20_000 // bytes a second; an entry of the load takes about 300
	tr := under(t, "limit n1 -> n2 20kB/s", func(s *sim.Scenario) { s.Workload.Mix = sim.Mix{Put: 1} })
	bytes := 0
	for _, e := range tr.Events {
		if e.Kind == sim.KindDelivered && e.Peer == 1 && e.Member == 2 && (sim.Window{From: window.From + time.Second,
			To: window.To}).Has(e.At) {
			bytes += 64 + 256*int(e.Count)
		}
	}
	if secs := 2; bytes > speed*secs*11/10 {
		t.Errorf("%d bytes passed in %d s at %d bytes a second", bytes, secs, speed)
	}
	for p, ds := range journeys(tr, window) {
		if p != (pair{1, 2}) && ds[len(ds)-1] > ms {
			t.Errorf("the link from %v to %v became slow", p.from, p.to)
		}
	}
}

// TestLiftedLimit: what has piled up behind a limit goes out when it is lifted, and
// is lost when its sender dies.
func TestLiftedLimit(t *testing.T) {
	for _, tt := range []struct {
		do   string
		late time.Duration // when the last of the messages from before 6 s is there
	}{{"heal", 6*time.Second + ms}, {"limit n2 -> n3 1MB/s", 6300 * ms}, {"crash n2", 6 * time.Second}} {
		s := base(3)
		s.Workload.Mix, s.Workload.Rate = sim.Mix{Put: 1}, 200
		step(t, s, 3*time.Second, "limit n2 -> n3 10kB/s")
		step(t, s, 6*time.Second, tt.do)
		tr := play(t, raftsim.Engine{}, s)
		waited, early := map[uint64]bool{}, 0
		for _, e := range tr.Events {
			switch {
			case e.Member == 2 && e.Peer == 3 && e.Kind == sim.KindSent && e.At < 6*time.Second:
				waited[e.ID] = true
			case !waited[e.ID] || e.Kind != sim.KindDelivered && e.Kind != sim.KindDropped:
			case e.At > tt.late:
				t.Fatalf("%s: still under way at %v: %s", tt.do, tt.late, lines(t, e))
			case e.At < 6*time.Second:
				early++
			}
		}
		if len(waited)-early < 200 {
			t.Errorf("%s: %d of %d messages were there before; nothing piled up", tt.do, early, len(waited))
		}
		judged(t, tr)
	}
}

func TestLinkRules(t *testing.T) {
	s := base(3)
	s.Cluster.Members[2].Zone = "far"
	s.Cluster.Links = []sim.LinkRule{{From: []sim.Selector{{By: sim.ByAll}},
		To:       []sim.Selector{{By: sim.ByZone, Name: "far"}},
		LinkSpec: sim.LinkSpec{Latency: sim.Fixed(20 * ms)}}}
	for p, ds := range journeys(play(t, raftsim.Engine{}, s), sim.Window{}) {
		far := p.from == 3 || p.to == 3
		for _, d := range ds {
			if far != (d >= 20*ms) {
				t.Fatalf("%v to %v took %v", p.from, p.to, d)
			}
		}
	}
}

// TestForwardedProposalsWaitForALeader cuts off a leader with a follower. When it has stepped down the
// follower still sends it proposals, and they are made when it knows the new leader.
func TestForwardedProposalsWaitForALeader(t *testing.T) {
	s := base(5)
	s.Run, s.Workload.Timeout = 12*time.Second, 20*time.Second
	step(t, s, 2*time.Second, "move-leader n1")
	cut := sim.Window{From: 3 * time.Second, To: 8 * time.Second}
	step(t, s, cut.From, "partition n1 n2 | rest", cut.To-cut.From)
	tr := play(t, raftsim.Engine{}, s)
	var down, lost time.Duration // when n1 stepped down, and when n2 noticed
	for _, e := range tr.Events {
		if e.Kind == sim.KindState && cut.Has(e.At) && e.Peer == 0 {
			switch {
			case e.Member == 1 && down == 0:
				down = e.At
			case e.Member == 2 && lost == 0:
				lost = e.At
			}
		}
	}
	asked, n := map[uint64]bool{}, 0
	for _, e := range tr.Events {
		switch {
		case e.Kind == sim.KindCall && e.Op == sim.OpPut && e.At > down && e.At < lost-20*ms:
			asked[e.ID] = true
		case e.Kind == sim.KindReturn && asked[e.ID] && e.Member == 2:
			if n++; e.Result != sim.OutcomeOK || e.At < cut.To {
				t.Errorf("put %d ended at %v: %v %s", e.ID, e.At, e.Result, e.Note)
			}
		}
	}
	if n == 0 {
		t.Errorf("no put through n2 between %v and %v", down, lost)
	}
}
