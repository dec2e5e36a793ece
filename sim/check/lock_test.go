package check

import (
	"strings"
	"testing"

	"quorumlab/sim"
)

// lock adds an event of a client's claim, which has the client's number.
func (p *tape) lock(ms int, client uint32, what uint32, e sim.Event) *tape {
	e.Kind, e.ID, e.Client, e.Key, e.Count = sim.KindLock, uint64(client), client, "jobs", what
	p.at(ms).add(e)
	return p
}

// pausedHolder is c1, who gets the lock and stands still from 2 s to 9 s, and c2, who gets it at 5 s.
func pausedHolder(last sim.Outcome) *tape {
	p := newTape(3).at(500)
	p.elect(1, 2, 2, 3)
	p.lock(1000, 1, sim.LockWanted, sim.Event{}).lock(1010, 1, sim.LockHeld, sim.Event{Revision: 10})
	p.lock(1900, 1, sim.LockWrote, sim.Event{Revision: 10, Result: sim.OutcomeOK})
	p.lock(1950, 2, sim.LockWanted, sim.Event{})
	p.begin("crash n3")
	p.lock(5000, 2, sim.LockHeld, sim.Event{Revision: 20})
	p.lock(5000, 2, sim.LockWrote, sim.Event{Revision: 20, Old: 10, Result: sim.OutcomeOK})
	p.lock(9000, 1, sim.LockWrote, sim.Event{Revision: 10, Old: 20, Result: last})
	p.lock(9100, 1, sim.LockLost, sim.Event{Revision: 10})
	p.lock(9500, 2, sim.LockReleased, sim.Event{Revision: 20, Result: sim.OutcomeOK})
	p.at(10_000).on(sim.KindStarted, 3)
	return p
}

// twoHolders is the same in a moment, with a write that is refused.
func (p *tape) twoHolders() {
	at := int(p.now.Milliseconds()) + 1
	p.lock(at, 1, sim.LockWanted, sim.Event{}).lock(at, 1, sim.LockHeld, sim.Event{Revision: 10})
	p.lock(at, 2, sim.LockWanted, sim.Event{}).lock(at+1, 2, sim.LockHeld, sim.Event{Revision: 20})
	p.lock(at+2, 1, sim.LockWrote, sim.Event{Revision: 10, Old: 20, Result: sim.OutcomeOK})
	p.lock(at+3, 1, sim.LockWrote, sim.Event{Revision: 10, Old: 20, Result: sim.OutcomeFailed})
	p.lock(at+4, 1, sim.LockLost, sim.Event{Revision: 10})
}

func TestTwoHoldersAndOldTokens(t *testing.T) {
	all := sim.Window{}
	for _, last := range []sim.Outcome{sim.OutcomeOK, sim.OutcomeFailed} {
		tr := pausedHolder(last).trace()
		v := CheckNamed("mutual-exclusion").Judge(tr)
		if v.OK || v.Why != "c2 got the lock jobs at 5.0 s, while c1 took itself for its holder, as it did until 9.1 s" ||
			len(v.Events) != 2 {
			t.Errorf("%+v", v)
		}
		v = CheckNamed("fencing").Judge(tr)
		refused := last == sim.OutcomeFailed
		why := "at 9.0 s what the lock jobs guards took a write of c1 with the token 10, after one with the token 20"
		taken, sent := 1.0, "what the lock guards took 1 write with an old token"
		if refused {
			why = "of 3 writes, 1 had an old token and were refused"
			taken, sent = 0, "what the lock guards refused 1 write with an old token"
		}
		if v.OK != refused || v.Why != why {
			t.Errorf("%+v, want %s", v, why)
		}
		want(t, "locks.held", tr, all, 2)
		want(t, "locks.lost", tr, all, 1)
		want(t, "locks.shared", tr, all, 1)
		want(t, "locks.shared.time", tr, all, 4100)
		want(t, "locks.shared.time", tr, sim.Window{To: 6e9}, 1000)
		want(t, "locks.stale.taken", tr, all, taken)
		want(t, "locks.stale.refused", tr, all, 1-taken)
		want(t, "locks.hand-over.max", tr, all, 3050)
		story := ""
		for _, s := range Story(tr) {
			story += s.Text + "\n"
		}
		for _, part := range []string{"c2 got the lock jobs, and for 4.10 s c1 took itself for its holder, too",
			"c1 noticed that its session was over, and with it its lock jobs", sent} {
			if !strings.Contains(story, part) {
				t.Errorf("the story lacks %q:\n%s", part, story)
			}
		}
	}
}

// TestOneHolderAfterTheOther is a lock as it should be.
func TestOneHolderAfterTheOther(t *testing.T) {
	p := newTape(3)
	p.lock(1000, 1, sim.LockWanted, sim.Event{}).lock(1010, 1, sim.LockHeld, sim.Event{Revision: 10})
	p.lock(1500, 2, sim.LockWanted, sim.Event{})
	p.lock(2000, 1, sim.LockReleased, sim.Event{Revision: 10, Result: sim.OutcomeOK})
	p.lock(2040, 2, sim.LockHeld, sim.Event{Revision: 20})
	p.lock(2050, 2, sim.LockWrote, sim.Event{Revision: 20, Result: sim.OutcomeOK})
	p.lock(3000, 3, sim.LockWanted, sim.Event{}).lock(4000, 3, sim.LockFailed, sim.Event{Note: "no"})
	tr := p.trace()
	for _, name := range []string{"mutual-exclusion", "fencing"} {
		if v := CheckNamed(name).Judge(tr); !v.OK {
			t.Errorf("%+v", v)
		}
	}
	want(t, "locks.shared", tr, sim.Window{}, 0)
	want(t, "locks.hand-over.p50", tr, sim.Window{}, 40)
	want(t, "locks.hand-over.max", tr, sim.Window{}, 40)
}
