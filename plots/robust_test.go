package plots

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"quorumlab/plots/chart"
	"quorumlab/plots/plottest"
	"quorumlab/sim"
)

// drawn draws all figures, and checks that they can be opened.
func drawn(t *testing.T, tr *sim.Trace) {
	t.Helper()
	r := Read(tr)
	for _, f := range Figures() {
		p, err := r.Draw(f, false)
		if errors.Is(err, chart.ErrNothing) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		plottest.CheckSVG(t, p.SVG)
	}
}

func TestTracesAtTheEdge(t *testing.T) {
	named := func(members int, es ...sim.Event) *sim.Trace {
		tr := &sim.Trace{Events: es}
		for i := range members {
			tr.Members = append(tr.Members, sim.MemberID(i+1).String())
			tr.Scenario.Cluster.Members = append(tr.Scenario.Cluster.Members, sim.MemberSpec{Role: sim.Follower})
		}
		return tr
	}
	many := plottest.Play(20*time.Second, 50)
	for i := range 60 {
		many.Members = append(many.Members, "another-member-with-a-long-name-"+sim.MemberID(i).String())
	}
	for i := range 40 {
		many.Events = append(many.Events, sim.Event{Kind: sim.KindFaultBegun, ID: uint64(100 + i), At: 20 * time.Second,
			Note: "partition n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 | n11 n12 n13 n14 n15 n16 n17 n18 n19 n20"})
	}
	for name, tr := range map[string]*sim.Trace{
		"no header":  {},
		"no members": named(0, sim.Event{Kind: sim.KindStarted, Member: 1}),
		"one event":  named(1, sim.Event{Kind: sim.KindStarted, Member: 1}),
		"never started": named(3, sim.Event{Kind: sim.KindStarted, Member: 1},
			sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Leader, Term: 2, At: time.Second}),
		"a member too many": named(1, sim.Event{Kind: sim.KindCommitted, Member: 9, Index: 4},
			sim.Event{Kind: sim.KindLinkCut, Member: 1, Peer: 9}),
		"a day": named(2, sim.Event{Kind: sim.KindStarted, Member: 1},
			sim.Event{Kind: sim.KindCommitted, Member: 1, Index: 1 << 60, At: 24 * time.Hour}),
		"a nanosecond": named(2, sim.Event{Kind: sim.KindStarted, Member: 1},
			sim.Event{Kind: sim.KindCommitted, Member: 1, Index: 1, At: 1}),
		"65 members": many,
	} {
		t.Run(name, func(t *testing.T) { drawn(t, tr) })
	}
}

// TestAnyTrace draws what no engine would write.
func TestAnyTrace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) { drawn(t, plottest.Any(rt)) })
}
