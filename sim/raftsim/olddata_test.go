package raftsim_test

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// A removed member that is cut off runs on; it is told when it hears something, and again when it is started once more.
func TestRemovedMemberReturns(t *testing.T) {
	t.Parallel()
	s := base(3)
	step(t, s, 3*time.Second, "move-leader n1")
	step(t, s, 5*time.Second, "isolate n3", 2*time.Second)
	step(t, s, 6*time.Second, "remove n3")
	step(t, s, 8500*ms, "restart n3")
	tr := play(t, raftsim.Engine{}, s)
	if n := count(tr, sim.KindFaultFailed, nil); n > 0 {
		t.Errorf("%d statements were not carried out", n)
	}
	var stops []time.Duration
	for _, e := range tr.Events {
		if e.Kind == sim.KindCrashed && e.Member == 3 && e.Note == "removed from the cluster" {
			stops = append(stops, e.At)
		}
	}
	if len(stops) != 2 || stops[0] < 7*time.Second || stops[1] < 8500*ms {
		t.Errorf("n3 was told at %v, want once after the cut and once after its restart", stops)
	}
}

// What a member has written since a copy of its data is gone when the copy is put back.
func TestOldDataArePutBack(t *testing.T) {
	t.Parallel()
	s := base(3)
	step(t, s, 3*time.Second, "move-leader n1")
	step(t, s, 4*time.Second, "copy-data n3 as monday")
	step(t, s, 5*time.Second, "restore-data n3 monday") // it is up
	step(t, s, 6*time.Second, "crash n3")
	step(t, s, 6*time.Second, "restore-data n3 tuesday")
	step(t, s, 6*time.Second, "restore-data n3 monday")
	step(t, s, 7*time.Second, "restart n3")
	tr := play(t, raftsim.Engine{}, s)
	for _, why := range []string{"n3 is up", `no copy "tuesday"`} {
		if n := count(tr, sim.KindFaultFailed, func(e sim.Event) bool { return strings.Contains(e.Note, why) }); n != 1 {
			t.Errorf("%d statements were refused because of %s, want one", n, why)
		}
	}
	if n := count(tr, sim.KindFaultFailed, nil); n != 2 {
		t.Errorf("%d statements were not carried out, want two", n)
	}
	if n := count(tr, sim.KindLost, func(e sim.Event) bool { return e.Member == 3 && e.Count > 50 }); n != 1 {
		t.Errorf("%d events say what was lost, want one", n)
	}
	if n := count(tr, sim.KindPanicked, func(e sim.Event) bool {
		return e.Member == 3 && strings.Contains(e.Note, "out of range")
	}); n != 1 {
		t.Errorf("n3 panicked %d times when its leader told it to commit what it has not", n)
	}
}
