package raftsim_test

import (
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// Two join and two leave at once. In between everything takes both majorities.
func TestJointChange(t *testing.T) {
	t.Parallel()
	s := base(3)
	step(t, s, 3*time.Second, "move-leader n3")
	step(t, s, 5*time.Second, "change-members +n4 +n5 -n1 -n2")
	tr := play(t, raftsim.Engine{}, s)
	if n := count(tr, sim.KindFaultFailed, nil); n > 0 {
		t.Fatalf("%d statements were not carried out", n)
	}
	role := map[sim.MemberID]sim.Role{}
	joined, left := time.Duration(0), time.Duration(0)
	for _, e := range tr.Events {
		if e.Kind != sim.KindMembership || e.Member != 3 {
			continue
		}
		if role[e.Peer] = e.Role; e.Role == sim.RoleNone {
			left = e.At
		} else if e.Peer > 3 {
			joined = e.At
		}
	}
	for m, want := range map[sim.MemberID]sim.Role{1: sim.RoleNone, 2: sim.RoleNone, 4: sim.Follower, 5: sim.Follower} {
		if role[m] != want {
			t.Errorf("%s is %v, want %v", m, role[m], want)
		}
	}
	if joined == 0 || left <= joined {
		t.Errorf("the new ones joined at %v, the old ones left at %v", joined, left)
	}
	late := func(e sim.Event) bool { return e.Result == sim.OutcomeOK && e.At > 8*time.Second }
	if count(tr, sim.KindReturn, late) == 0 {
		t.Error("the new cluster answers nobody")
	}
	if n := count(tr, sim.KindCrashed, func(e sim.Event) bool { return e.Member < 3 }); n != 2 {
		t.Errorf("%d of the two that left have stopped", n)
	}
}

// While a majority of the new voters is down, those of the old ones are not enough to leave them behind.
func TestJointChangeTakesBothMajorities(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change string
		left   bool
	}{{"change-members -n2", false}, {"change-members -n2 +n4", true}} {
		s := base(3)
		step(t, s, 3*time.Second, "move-leader n1")
		step(t, s, 4*time.Second, "crash n3")
		step(t, s, 5*time.Second, c.change)
		step(t, s, 9*time.Second, "restart n3")
		tr := play(t, raftsim.Engine{}, s)
		gone := func(early bool) bool {
			return count(tr, sim.KindMembership, func(e sim.Event) bool {
				return e.Peer == 2 && e.Role == sim.RoleNone && (e.At < 9*time.Second) == early
			}) > 0
		}
		if gone(true) != c.left {
			t.Errorf("%s without n3: n2 has left: %v", c.change, gone(true))
		}
		if !gone(true) && !gone(false) {
			t.Errorf("%s: n2 did not leave when n3 was back", c.change)
		}
	}
}

// A leader that is removed goes on leading until its process stops, unless it steps down on removal.
func TestStepDownOnRemoval(t *testing.T) {
	t.Parallel()
	leads := func(stepDown bool) time.Duration {
		s := base(3)
		s.Cluster.StepDownOnRemoval = stepDown
		step(t, s, 3*time.Second, "move-leader n1")
		step(t, s, 7*time.Second, "remove n1")
		tr := play(t, raftsim.Engine{}, s)
		var removed, over time.Duration
		for _, e := range tr.Events {
			if e.Member != 1 {
				continue
			}
			switch {
			case e.Kind == sim.KindMembership && e.Peer == 1 && e.Role == sim.RoleNone:
				removed = e.At
			case removed > 0 && over == 0 && (e.Kind == sim.KindCrashed || e.Kind == sim.KindState && e.Role != sim.Leader):
				over = e.At
			}
		}
		if removed == 0 || over == 0 {
			t.Fatalf("n1 was removed at %v, and led until %v", removed, over)
		}
		return over - removed
	}
	if d := leads(true); d != 0 {
		t.Errorf("it led for another %v", d)
	}
	if d := leads(false); d == 0 {
		t.Error("without it, too, it led no longer")
	}
}
