package raftsim_test

import (
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

func TestLeaderCrash(t *testing.T) {
	s := base(3)
	step(t, s, 4*time.Second, "crash leader")
	step(t, s, 8*time.Second, "restart crashed")
	tr := play(t, raftsim.Engine{}, s)

	leaders := map[uint64]sim.MemberID{}
	var crashed sim.MemberID
	for _, e := range tr.Events {
		switch {
		case e.Kind == sim.KindState && e.Role == sim.Leader:
			leaders[e.Term] = e.Member
		case e.Kind == sim.KindCrashed:
			crashed = e.Member
		}
	}
	if crashed == 0 || len(leaders) != 2 {
		t.Fatalf("%v crashed and the leaders by term were %v; want one before the crash and one after", crashed, leaders)
	}
	ok := func(from, to time.Duration) int {
		return count(tr, sim.KindReturn, func(e sim.Event) bool {
			return (e.Result == sim.OutcomeOK || e.Result == sim.OutcomeMismatch) && e.At >= from && e.At < to
		})
	}
	if n := ok(3*time.Second, 4*time.Second); n < 95 {
		t.Errorf("%d operations came back in the second before the crash, want about 100", n)
	}
	if n := ok(7*time.Second, 8*time.Second); n < 95 {
		t.Errorf("%d operations came back with a new leader, want about 100", n)
	}
	hashes := map[uint64]bool{}
	for _, e := range tr.Events {
		if e.Kind == sim.KindHash {
			hashes[e.Value] = true
		}
	}
	if n := count(tr, sim.KindHash, nil); n != 3 || len(hashes) != 1 {
		t.Errorf("%d members ended with %d different states, want 3 with one", n, len(hashes))
	}
}
