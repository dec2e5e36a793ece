package raftsim_test

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// A member makes snapshots by its own setting, and from a restart on by that.
func TestMembersHaveTheirOwnSettings(t *testing.T) {
	t.Parallel()
	s := base(3)
	s.Cluster.Members[1].SnapshotCount = new(uint64(50))
	step(t, s, 5*time.Second, "restart n2 with snapshot-count=10000")
	step(t, s, 5*time.Second, "restart n3 with snapshot-count=20")
	tr := play(t, raftsim.Engine{}, s)
	made := func(m sim.MemberID, early bool) int {
		return count(tr, sim.KindSnapshotMade, func(e sim.Event) bool {
			return e.Member == m && (e.At < 5*time.Second) == early
		})
	}
	if made(1, true)+made(1, false)+made(3, true)+made(2, false) > 0 {
		t.Error("a member made a snapshot that its settings do not ask for")
	}
	if made(2, true) < 3 || made(3, false) < 3 {
		t.Errorf("%d snapshots of n2 before its restart and %d of n3 after, want several", made(2, true), made(3, false))
	}
}

// The patient one of five never campaigns first.
func TestElectionTimeoutOfAMember(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		s := base(5)
		s.Seed = seed + 1
		s.Cluster.Members[4].Election = new(sim.Fixed(4 * time.Second))
		step(t, s, 3*time.Second, "move-leader n1")
		step(t, s, 5*time.Second, "crash n1")
		tr := play(t, raftsim.Engine{}, s)
		if n := count(tr, sim.KindState, func(e sim.Event) bool {
			return e.Role == sim.Leader && e.Member == 5 && e.At > 5*time.Second
		}); n > 0 {
			t.Errorf("seed %d: n5, which waits longest, became leader", seed)
		}
	}
}

// What makes no sense together with what the member has is refused when it fires, if nobody could know before.
func TestRefusedRestart(t *testing.T) {
	t.Parallel()
	s := base(3)
	step(t, s, 2*time.Second, "restart random 3 with heartbeat=500ms")
	step(t, s, 4*time.Second, "restart leader with election=500ms")
	tr := play(t, raftsim.Engine{}, s)
	n := count(tr, sim.KindFaultFailed, func(e sim.Event) bool { return strings.Contains(e.Note, "must be longer than") })
	if n != 1 {
		t.Errorf("%d statements were refused, want one", n)
	}
}
