package sandbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/script"
)

// TestALoadIsNoFault: what clients are asked to do is not among what is wrong.
func TestALoadIsNoFault(t *testing.T) {
	faults, load := wrongAndAsked([]etcdsim.LiveFault{
		{Text: "stop-load"}, {Text: "watch city", Since: time.Second}, {Text: "crash n3", Since: 2 * time.Second},
		{Text: "load 200/s", Since: 3 * time.Second}, {Text: "kubernetes 10 100", Since: 4 * time.Second},
	})
	if want := []FaultJSON{{"crash n3", 2000}}; !slices.Equal(faults, want) {
		t.Errorf("wrong is %v, want %v", faults, want)
	}
	want := []FaultJSON{{"load 200/s", 3000}, {"watch city", 1000}, {"kubernetes 10 100", 4000}}
	if !slices.Equal(load, want) {
		t.Errorf("the load is %v, want %v", load, want)
	}
	s := StatusJSON{Name: "s", Faults: faults, Load: load}
	if text := s.text(); !strings.HasSuffix(text, "\n  crash n3, since 2s\n"+
		"  operations: 0 ok, 0 failed, 0 unknown; load 200/s since 3s, watch city since 1s, kubernetes 10 100 since 4s") {
		t.Errorf("the status is\n%s", text)
	}
}

// TestALearnerHasNoVote: two of three voters are most of them, whatever a learner that is down does.
func TestALearnerHasNoVote(t *testing.T) {
	s := etcdsim.LiveStatus{Members: []etcdsim.LiveMember{
		{ID: 1, Name: "n1", Up: true, Role: sim.Leader, Leader: 1},
		{ID: 2, Name: "n2", Up: true, Role: sim.Follower, Leader: 1},
		{ID: 3, Name: "n3"}, {ID: 4, Name: "n4", Learner: true},
	}}
	if got := leaderOf(s); got != "n1" {
		t.Errorf("the leader of two voters of three is %q", got)
	}
	s.Members[1] = etcdsim.LiveMember{ID: 2, Name: "n2"}
	s.Members[3] = etcdsim.LiveMember{ID: 4, Name: "n4", Learner: true, Up: true, Role: sim.Learner, Leader: 1}
	if got := leaderOf(s); got != "" {
		t.Errorf("the leader of one voter of three is %q", got)
	}
}

// TestWhatIsNotDoneGoesOn: nobody can join a cluster of which most members are down.
func TestWhatIsNotDoneGoesOn(t *testing.T) {
	s, err := DefaultScenario("small", "cluster.heartbeat=20ms", "cluster.election=200ms")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), Config{Name: "small", Scenario: s, Idle: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() }) // the trace is of no interest
	for _, line := range []string{"wait leader", "crash n1 n2"} {
		if _, err := b.Do(t.Context(), line, true); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	st, err := script.ParseLine("add-learner n4 retry")
	if err != nil {
		t.Fatal(err)
	}
	e, err := b.live.Begin(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	err = b.waitDone(t.Context(), e, 10*time.Millisecond)
	if err == nil || !strings.HasPrefix(err.Error(),
		"add-learner n4 retry: not done after 10ms, and it goes on: n1 is down; n2 is down; n3 is ") {
		t.Errorf("a learner that can't join yet: %v", err)
	}
	for _, line := range []string{"restart crashed", "wait leader"} {
		if _, err := b.Do(t.Context(), line, true); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if err := b.waitDone(t.Context(), e, donePatience); err != nil {
		t.Errorf("with a leader: %v", err)
	}
}
