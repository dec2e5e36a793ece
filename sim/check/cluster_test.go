package check

import (
	"testing"

	"quorumlab/sim"
)

func TestClusterFollowsLinksAndProcesses(t *testing.T) {
	tr := &sim.Trace{Header: sim.Header{Members: []string{"n1", "n2", "n3"}}}
	for range tr.Members {
		tr.Scenario.Cluster.Members = append(tr.Scenario.Cluster.Members, sim.MemberSpec{Role: sim.Follower})
	}
	c := NewClusterView(tr)
	apply := func(k sim.Kind, m, peer sim.MemberID) { c.Apply(&sim.Event{Kind: k, Member: m, Peer: peer}) }
	for m := sim.MemberID(1); m <= 3; m++ {
		if c.Runs(m) {
			t.Errorf("%v runs before its start", m)
		}
		apply(sim.KindStarted, m, 0)
	}
	c.Apply(&sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Leader, Term: 2, Peer: 1})
	if m, term := c.Leader(); m != 1 || term != 2 {
		t.Errorf("leader %v in term %d, want n1 in 2", m, term)
	}
	apply(sim.KindLinkCut, 2, 1)
	if c.Reaches(2, 1) || !c.Reaches(1, 2) {
		t.Error("a link cut from n2 to n1 must hold in this direction alone")
	}
	apply(sim.KindPaused, 3, 0)
	if m, _ := c.Leader(); m != 0 || c.Reaches(1, 3) {
		t.Errorf("%v can't lead: n2 does not reach it and n3 is paused", m)
	}
	if c.Quorum() != 2 || !c.Voter(3) || c.Voter(4) || c.Runs(4) {
		t.Errorf("quorum %d, n3 votes %v, n4 votes %v", c.Quorum(), c.Voter(3), c.Voter(4))
	}
}
