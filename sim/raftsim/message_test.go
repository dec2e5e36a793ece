package raftsim_test

import (
	"fmt"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// Each statement about a message does to it what it says, and to what happened before nothing.
func TestMessagesAreSingledOut(t *testing.T) {
	before := play(t, raftsim.Engine{}, base(3))
	// A message of a follower that is on its way for longer than a statement needs, in the middle of the run.
	var sent, arrived sim.Event
	for _, e := range before.Events {
		if e.Kind == sim.KindSent && e.Msg == sim.MsgAppResp && sent.ID == 0 && e.At > 4*time.Second {
			sent = e
		}
		if e.Kind == sim.KindDelivered && e.ID == sent.ID && sent.ID > 0 {
			arrived = e
			break
		}
	}
	at := (sent.At + (arrived.At-sent.At)/2).Truncate(time.Microsecond)
	if arrived.ID == 0 || at <= sent.At {
		t.Fatalf("no message fits: %+v, %+v", sent, arrived)
	}
	for _, tt := range []struct {
		do               string
		arrives, dropped int
		when             time.Duration // of the last arrival
	}{
		{"drop-message %d", 0, 1, 0},
		{"delay-message %d 30ms", 1, 0, arrived.At + 30*time.Millisecond},
		{"duplicate-message %d", 2, 0, arrived.At},
		{"deliver-message %d", 1, 0, at},
	} {
		t.Run(tt.do, func(t *testing.T) {
			s := base(3)
			step(t, s, at, fmt.Sprintf(tt.do, sent.ID))
			tr := play(t, raftsim.Engine{}, s)
			var when time.Duration
			got := [2]int{}
			for i, e := range tr.Events {
				if e.At < at && e != before.Events[i] {
					t.Fatalf("event %d before the statement is another one", i)
				}
				switch {
				case e.ID == sent.ID && e.Kind == sim.KindDelivered:
					got[0]++
					when = e.At
				case e.ID == sent.ID && e.Kind == sim.KindDropped:
					got[1]++
				}
			}
			if got != [2]int{tt.arrives, tt.dropped} || when != tt.when {
				t.Errorf("it arrived %d times, last at %v, and was lost %d times; want %d, %v, %d", got[0], when, got[1],
					tt.arrives, tt.when, tt.dropped)
			}
			if o := check.Steps(tr)[0]; o.Outcome != sim.StepDone {
				t.Errorf("the step was %s: %s", o.Outcome, o.Why)
			}
			if r := check.Judge(tr); !r.OK() {
				t.Errorf("%+v", r.Verdicts)
			}
		})
	}
}

// A copy of a message that was doubled goes on when it is held back, and both are lost together.
func TestCopiesOfAMessage(t *testing.T) {
	s := base(3)
	before := play(t, raftsim.Engine{}, base(3))
	var sent sim.Event
	for _, e := range before.Events {
		if e.Kind == sim.KindSent && e.Msg == sim.MsgApp && e.At > 4*time.Second {
			sent = e
			break
		}
	}
	at := sent.At.Truncate(time.Microsecond) + time.Microsecond
	for _, do := range []string{"delay-message %d 1s", "duplicate-message %d", "drop-message %d"} {
		step(t, s, at, fmt.Sprintf(do, sent.ID))
	}
	step(t, s, at, fmt.Sprintf("deliver-message %d", sent.ID)) // there is none left
	tr := play(t, raftsim.Engine{}, s)
	if n := count(tr, sim.KindDropped, func(e sim.Event) bool { return e.ID == sent.ID }); n != 2 {
		t.Errorf("%d copies were lost, not 2", n)
	}
	if o := check.Steps(tr)[3]; o.Outcome != sim.StepRefused || o.Why == "" {
		t.Errorf("the last statement was %s: %s", o.Outcome, o.Why)
	}
}

// A proposal and a snapshot arrive once.
func TestWhatIsNotDoubled(t *testing.T) {
	for _, tt := range []struct {
		msg  sim.MsgType
		does string
	}{{sim.MsgProp, ""}, {sim.MsgSnap, "crash n3"}} {
		scenario := func() *sim.Scenario {
			s := base(3)
			s.Run = 12 * time.Second
			s.Cluster.Store.SnapshotCount, s.Cluster.Store.CatchUpEntries = 20, 5
			if tt.does != "" {
				step(t, s, 3*time.Second, tt.does)
				s.Steps[0].For = 5 * time.Second
			}
			return s
		}
		var sent sim.Event
		for _, e := range play(t, raftsim.Engine{}, scenario()).Events {
			if e.Kind == sim.KindSent && e.Msg == tt.msg && e.At > 2*time.Second {
				sent = e
				break
			}
		}
		if sent.ID == 0 {
			t.Fatalf("no %v was sent", tt.msg)
		}
		s := scenario()
		step(t, s, sent.At.Truncate(time.Microsecond)+time.Microsecond, fmt.Sprintf("duplicate-message %d", sent.ID))
		os := check.Steps(play(t, raftsim.Engine{}, s))
		if o := os[len(os)-1]; o.Outcome != sim.StepRefused {
			t.Errorf("%v: the step was %s: %s", tt.msg, o.Outcome, o.Why)
		}
	}
}
