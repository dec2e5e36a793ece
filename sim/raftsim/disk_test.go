package raftsim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// syncs are the times that a member's writes took, of those that ended in the
// window, and how many were open at its end.
func syncs(tr *sim.Trace, m sim.MemberID, w sim.Window) (took []time.Duration, open int) {
	begun := map[uint64]time.Duration{}
	for _, e := range tr.Events {
		switch {
		case e.Member != m || w.To > 0 && e.At >= w.To:
		case e.Kind == sim.KindSyncBegun:
			begun[e.ID] = e.At
		case e.Kind == sim.KindSyncDone:
			if w.Has(e.At) {
				took = append(took, e.At-begun[e.ID])
			}
			delete(begun, e.ID)
		}
	}
	return took, len(begun)
}

func modes(t *testing.T, f func(t *testing.T, mode func(*sim.Scenario))) {
	for _, mode := range []string{"etcd", "async"} {
		t.Run(mode, func(t *testing.T) { f(t, func(s *sim.Scenario) { s.Cluster.Disk.Mode = mode }) })
	}
}

func TestSlowDisk(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		tr := under(t, "slow-disk n2 200ms", mode)
		slow, _ := syncs(tr, 2, sim.Window{From: window.From + 20*ms, To: window.To})
		if len(slow) < 5 {
			t.Fatalf("%d syncs of the slow disk", len(slow))
		}
		for _, d := range slow {
			if d < 200*ms {
				t.Errorf("a sync of the slow disk took %v", d)
			}
		}
		for _, m := range []sim.MemberID{1, 3} {
			took, _ := syncs(tr, m, window)
			for _, d := range took {
				if d > 20*ms {
					t.Errorf("a sync of %v took %v", m, d)
				}
			}
		}
	})
}

func TestStalledDisk(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		tr := under(t, "stall-disk n2", mode)
		took, open := syncs(tr, 2, sim.Window{From: window.From + ms, To: window.To})
		if len(took) != 0 || open == 0 {
			t.Errorf("%d writes ended while the disk stood still, and %d waited", len(took), open)
		}
		if took, _ = syncs(tr, 2, sim.Window{From: window.To}); len(took) == 0 {
			t.Error("no write ended after the disk went on")
		}
		if acks := count(tr, sim.KindSent, func(e sim.Event) bool {
			return e.Member == 2 && e.Msg == sim.MsgAppResp && e.At > window.From+10*ms && e.At < window.To
		}); acks != 0 {
			t.Errorf("a member whose disk stands still acknowledged %d times", acks)
		}
	})
}

func TestFullDisk(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		s := base(3)
		mode(s)
		step(t, s, 3*time.Second, "fill-disk n2")
		step(t, s, 4*time.Second, "restart n2")
		step(t, s, 5*time.Second, "heal-disk")
		step(t, s, 6*time.Second, "restart n2")
		s.Expect = []sim.Expectation{{Outcome: sim.StepRefused, Statement: "restart n2"}}
		tr := play(t, raftsim.Engine{}, s)
		died := count(tr, sim.KindPanicked, func(e sim.Event) bool {
			return e.Member == 2 && e.At >= 3*time.Second && e.At < 4*time.Second &&
				strings.Contains(e.Note, "no space left on device")
		})
		if died != 1 || count(tr, sim.KindPanicked, nil) != 1 {
			t.Errorf("the member stopped %d times for its full disk, want once", died)
		}
		if n := count(tr, sim.KindFaultFailed, func(e sim.Event) bool {
			return e.Count == 2 && e.Note == "restart n2: n2 can't start: no space left on device"
		}); n != 1 {
			t.Error("the restart on a full disk did not fail")
		}
		if n := count(tr, sim.KindStarted, func(e sim.Event) bool { return e.Member == 2 && e.At == 6*time.Second }); n != 1 {
			t.Error("the member did not start after its disk was healed")
		}
		judged(t, tr)
	})
}

func TestCrashKeepsWhatWasSynced(t *testing.T) {
	alone(t)
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		lost := 0
		for seed := range uint64(10) {
			s := base(3)
			mode(s)
			s.Seed, s.Workload.Rate, s.Run = seed, 500, 5*time.Second
			step(t, s, 3*time.Second, "crash n2")
			step(t, s, 4*time.Second, "restart n2")
			tr := play(t, raftsim.Engine{}, s)
			var appended, synced uint64
			for _, e := range tr.Events {
				switch {
				case e.Member != 2:
				case e.Kind == sim.KindAppended:
					appended = e.Index
				case e.Kind == sim.KindSyncDone:
					synced = max(synced, e.Index)
				case e.Kind == sim.KindLost:
					lost++
				case e.Kind == sim.KindStarted && e.At > 0:
					if e.Index < synced || e.Index > appended {
						t.Errorf("seed %d: started with entries up to %d; %d were synced and %d appended", seed, e.Index, synced,
							appended)
					}
				}
				if e.Kind == sim.KindStarted && e.At > 0 {
					break
				}
			}
			judged(t, tr)
		}
		if lost == 0 {
			t.Error("no crash lost a write that was on its way")
		}
	})
}

func TestLyingDisk(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		s := base(3)
		mode(s)
		step(t, s, 3*time.Second, "lose-unsynced n2")
		step(t, s, 5*time.Second, "crash n2")
		step(t, s, 6*time.Second, "restart n2")
		tr := play(t, raftsim.Engine{}, s)
		var before, at5 uint64
		for _, e := range tr.Events {
			switch {
			case e.Member != 2:
			case e.Kind == sim.KindSyncDone && e.At <= 3*time.Second:
				before = max(before, e.Index)
			case e.Kind == sim.KindSyncDone && e.At <= 5*time.Second:
				at5 = max(at5, e.Index)
			case e.Kind == sim.KindStarted && e.At > 0:
				if e.Index != before || at5 < before+50 {
					t.Errorf("started with entries up to %d; %d were on the disk when it began to lie and %d by its word at the crash",
						e.Index, before, at5)
				}
			}
		}
	})
}

// TestHealedLie: a disk that stops lying in time loses nothing.
func TestHealedLie(t *testing.T) {
	s := base(3)
	step(t, s, 3*time.Second, "lose-unsynced n2", time.Second)
	step(t, s, 5*time.Second, "crash n2")
	step(t, s, 6*time.Second, "restart n2")
	tr := play(t, raftsim.Engine{}, s)
	if n := count(tr, sim.KindLost, func(e sim.Event) bool { return e.Note != "term and vote" && e.Count > 1 }); n != 0 {
		t.Error("the crash lost what the healed disk had")
	}
	judged(t, tr)
}

// TestLostDiskIsNoticed: raft gives up on a member that lost what it had promised.
func TestLostDiskIsNoticed(t *testing.T) {
	s := base(3)
	step(t, s, 3*time.Second, "wipe a-follower")
	step(t, s, 3500*ms, "restart crashed")
	tr := play(t, raftsim.Engine{}, s)
	if n := count(tr, sim.KindPanicked, func(e sim.Event) bool {
		return strings.Contains(e.Note,
			"is out of range [lastIndex(0)]")
	}); n != 1 {
		t.Errorf("the wiped member gave up %d times, want once with raft's message", n)
	}
}

// TestSlowDiskMutesLeader: in etcd's loop a leader that waits for its disk sends no
// heartbeats; with asynchronous writes it does.
func TestSlowDiskMutesLeader(t *testing.T) {
	elections := map[string]int{}
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		s := base(3)
		mode(s)
		step(t, s, 3*time.Second, "slow-disk leader 2500ms", 3*time.Second)
		tr := play(t, raftsim.Engine{}, s)
		elections[s.Cluster.Disk.Mode] = count(tr, sim.KindState, func(e sim.Event) bool {
			return e.Role == sim.Leader &&
				e.At > 3*time.Second
		})
		judged(t, tr)
	})
	if elections["etcd"] == 0 || elections["async"] != 0 {
		t.Errorf("new leaders by mode: %v", elections)
	}
}

// TestTermIsOnTheDiskBeforeVotesAreAskedFor: or a candidate that is elected before its disk has the term forgets in a
// crash that it was, and is elected in the same term again.
func TestTermIsOnTheDiskBeforeVotesAreAskedFor(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		const fsync = 20 * ms
		s := base(5)
		mode(s)
		s.Cluster.Disk.Fsync = sim.Fixed(fsync)
		step(t, s, 3*time.Second, "crash leader")
		step(t, s, 5*time.Second, "crash leader")
		rose := map[sim.MemberID]sim.Event{}
		asked := 0
		for _, e := range play(t, raftsim.Engine{}, s).Events {
			switch {
			case e.Kind == sim.KindState && e.Role == sim.Candidate:
				rose[e.Member] = e
			case e.Kind == sim.KindSent && e.Msg == sim.MsgVote:
				if asked++; e.Term == rose[e.Member].Term && e.At < rose[e.Member].At+fsync {
					t.Errorf("n%d asked for votes %v after it became a candidate", e.Member, e.At-rose[e.Member].At)
				}
			}
		}
		if asked < 9 {
			t.Errorf("votes were asked for %d times", asked)
		}
	})
}

// TestSnapshotStaysCommitted: with asynchronous writes, a write that was on its way when a snapshot was made has an
// older commit index. It must not take back what the snapshot said, or the member can't start again from its log.
func TestSnapshotStaysCommitted(t *testing.T) {
	restarts := 0
	for seed := range uint64(30) {
		s := base(1)
		s.Seed, s.Run = seed, 3*time.Second
		s.Cluster.Disk = sim.DiskSpec{Fsync: sim.Distribution{Lo: ms, Hi: 17 * ms}, Mode: "async"}
		s.Cluster.Store = sim.StoreSpec{SnapshotCount: 10, CatchUpEntries: 5}
		s.Workload.Rate = 400
		for at := 1500 * ms; at < 2500*ms; at += 50 * ms {
			step(t, s, at, "restart n1")
		}
		tr := play(t, raftsim.Engine{}, s)
		judged(t, tr)
		restarts += count(tr, sim.KindStarted, func(e sim.Event) bool { return e.At > 0 })
	}
	if restarts < 30 {
		t.Errorf("the member started again %d times", restarts)
	}
}

// TestRecordedDisk: members on a machine that was recorded take what it took at that moment, all of
// them. A standstill is one of all disks, which no quorum of the others spares a write.
func TestRecordedDisk(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		const still, since = 80 * ms, 600 * ms
		var lane []sim.Took
		for at := time.Duration(0); at < time.Second; at += 10 * ms {
			took := sim.Took{Begin: at, For: ms}
			if at == since {
				took.For, at = still, at+still
			}
			lane = append(lane, took)
		}
		s := base(3)
		mode(s)
		machine := sim.Machine{Fsync: sim.NewRecording(time.Second, lane, lane, lane)}
		tr := play(t, raftsim.Engine{Machine: machine}, s)
		stills := map[sim.MemberID][]sim.Window{}
		for m := sim.MemberID(1); m <= 3; m++ {
			begun := map[uint64]time.Duration{}
			for _, e := range tr.Events {
				switch from := begun[e.ID]; {
				case e.Member != m:
				case e.Kind == sim.KindSyncBegun:
					begun[e.ID] = e.At
				case e.Kind == sim.KindSyncDone && e.At-from == still:
					stills[m] = append(stills[m], sim.Window{From: from, To: e.At})
				case e.Kind == sim.KindSyncDone && e.At-from != ms:
					t.Errorf("a sync of n%d took %v", m, e.At-from)
				}
			}
		}
		if n := len(stills[1]); n < 5 {
			t.Errorf("n1's disk stood still %d times", n)
		}
		for _, w := range stills[1] {
			for _, other := range []sim.MemberID{2, 3} {
				if !slices.ContainsFunc(stills[other], func(o sim.Window) bool { return o.From < w.To && w.From < o.To }) {
					t.Errorf("n1's disk stood still from %v to %v, and that of n%d did not", w.From, w.To, other)
				}
			}
		}
	})
}
