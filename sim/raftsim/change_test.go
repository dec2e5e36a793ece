package raftsim_test

import (
	"strings"
	"testing"
	"time"

	"quorumlab/internal/mvccfile"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// when is the time of the first event that fits, which must be there.
func when(t *testing.T, tr *sim.Trace, what string, fits func(sim.Event) bool) sim.Event {
	t.Helper()
	for _, e := range tr.Events {
		if fits(e) {
			return e
		}
	}
	t.Fatalf("the trace has no event for: %s", what)
	return sim.Event{}
}

// becomes fits the event that a member applied another one's new role.
func becomes(m, who sim.MemberID, role sim.Role) func(sim.Event) bool {
	return func(e sim.Event) bool {
		return e.Kind == sim.KindMembership && e.Member == m && e.Peer == who && e.Role == role
	}
}

func TestLearnerJoinsAndIsPromoted(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		s := base(3)
		mode(s)
		s.Cluster.StrictReconfigCheck = sim.Off
		step(t, s, 3*time.Second, "add-learner n4")
		step(t, s, 4*time.Second, "promote n4")
		step(t, s, 6*time.Second, "crash n1 n2") // n3 and n4 alone are no majority of four
		step(t, s, 7*time.Second, "restart n1")
		tr := play(t, raftsim.Engine{}, s)
		started := when(t, tr, "n4 starts", func(e sim.Event) bool { return e.Kind == sim.KindStarted && e.Member == 4 })
		if started.At < 3*time.Second || started.Index != 0 {
			t.Errorf("n4 started at %v with %d entries, want an empty disk after 3 s", started.At, started.Index)
		}
		when(t, tr, "n4 learns", func(e sim.Event) bool {
			return e.Kind == sim.KindState && e.Member == 4 && e.Role == sim.Learner
		})
		when(t, tr, "n4 applies the first entry from the log", func(e sim.Event) bool {
			return e.Kind == sim.KindApplied && e.Member == 4 && e.Index == 1
		})
		for m := sim.MemberID(1); m <= 4; m++ {
			when(t, tr, "n4 votes", becomes(m, 4, sim.Follower))
		}
		if n := count(tr, sim.KindCommitted, func(e sim.Event) bool {
			return e.At > 6050*ms &&
				e.At < 7*time.Second
		}); n != 0 {
			t.Error("two of four members committed")
		}
		judged(t, tr)
	})
}

// TestPromoteWaits: a learner that is far behind is not promoted; the leader refuses, and again until it has caught up.
func TestPromoteWaits(t *testing.T) {
	s := base(3)
	s.Cluster.StrictReconfigCheck = sim.Off
	s.Run = 20 * time.Second
	s.Cluster.Links = []sim.LinkRule{{From: []sim.Selector{sim.Named("n4")}, To: []sim.Selector{{By: sim.ByAll}},
		LinkSpec: sim.LinkSpec{Latency: sim.Fixed(300 * ms)}}}
	step(t, s, 3*time.Second, "add-learner n4")
	step(t, s, 3100*ms, "promote n4 retry")
	tr := play(t, raftsim.Engine{}, s)
	e := when(t, tr, "n4 votes", becomes(1, 4, sim.Follower))
	if e.At < 4200*ms || e.At > 8*time.Second {
		t.Errorf("n4 was promoted at %v: it has the log after two round trips at the earliest", e.At)
	}
	judged(t, tr)
}

// TestNothingLeftToDoIsFinal: what has been done already is refused once, and not asked for until the end of the run.
func TestNothingLeftToDoIsFinal(t *testing.T) {
	s := base(3)
	s.Cluster.StrictReconfigCheck = sim.Off
	step(t, s, 3*time.Second, "add-learner n4")
	step(t, s, 4*time.Second, "promote n4 retry")
	step(t, s, 5*time.Second, "promote n4 retry")
	step(t, s, 6*time.Second, "add-learner n4 retry")
	step(t, s, 7*time.Second, "remove n4")
	step(t, s, 9*time.Second, "remove n4 retry")
	s.Expect = []sim.Expectation{{Outcome: sim.StepNotDone}}
	tr := play(t, raftsim.Engine{}, s)
	want := []struct {
		outcome sim.StepOutcome
		why     string
	}{{sim.StepDone, ""}, {sim.StepDone, ""}, {sim.StepRefused, "can only promote a learner member"},
		{sim.StepRefused, "already exists"},
		{sim.StepDone, ""}, {sim.StepRefused, "member not found"}}
	for i, got := range check.Steps(tr) {
		if got.Outcome != want[i].outcome || !strings.Contains(got.Why, want[i].why) || got.Took > time.Second {
			t.Errorf("%s was %s after %v because %q; want %s, %q", got.Statement, got.Outcome, got.Took, got.Why,
				want[i].outcome, want[i].why)
		}
	}
}

func TestRemovedMemberStops(t *testing.T) {
	for _, who := range []string{"leader", "a-follower"} {
		s := base(3)
		s.Cluster.StrictReconfigCheck = sim.Off
		step(t, s, 3*time.Second, "remove "+who)
		tr := play(t, raftsim.Engine{}, s)
		gone := when(t, tr, "the removed member stops", func(e sim.Event) bool { return e.Kind == sim.KindCrashed })
		if gone.Note != "removed from the cluster" || gone.At > 5*time.Second {
			t.Errorf("%s: %s", who, lines(t, gone))
		}
		for _, e := range tr.Events {
			if e.Member == gone.Member && e.At > gone.At && doings.Has(e.Kind) {
				t.Fatalf("the removed member did this: %s", lines(t, e))
			}
		}
		judged(t, tr)
	}
}

func TestReplace(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		s := base(3)
		mode(s)
		s.Cluster.Store = sim.StoreSpec{SnapshotCount: 100, CatchUpEntries: 10}
		step(t, s, 4*time.Second, "replace n3 n4")
		tr := play(t, raftsim.Engine{}, s)
		when(t, tr, "n3 is out", becomes(1, 3, sim.RoleNone))
		when(t, tr, "n4 votes", becomes(1, 4, sim.Follower))
		when(t, tr, "n4 joins by a snapshot", func(e sim.Event) bool {
			return e.Kind == sim.KindSnapshotInstalled &&
				e.Member == 4
		})
		judged(t, tr)
	})
}

// TestSnapshotForLaggingMember: a member that was away for longer than the log goes
// back gets a snapshot.
func TestSnapshotForLaggingMember(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		for _, away := range []string{"crash n3", "isolate n3"} {
			s := base(3)
			mode(s)
			s.Cluster.Store = sim.StoreSpec{SnapshotCount: 100, CatchUpEntries: 10}
			s.Run = 14 * time.Second
			step(t, s, 3*time.Second, away, 5*time.Second)
			tr := play(t, raftsim.Engine{}, s)
			e := when(t, tr, "n3 gets a snapshot after "+away,
				func(e sim.Event) bool { return e.Kind == sim.KindSnapshotInstalled && e.Member == 3 })
			if e.At < 8*time.Second || e.Peer == 0 {
				t.Errorf("after %s: %s", away, lines(t, e))
			}
			judged(t, tr)
		}
	})
}

// TestSnapshotTakesItsTime: one has the whole file of the database, with all its history, so it is on its way for long
// on a slow link; and it does not hold up other messages.
func TestSnapshotTakesItsTime(t *testing.T) {
	s := base(3)
	s.Cluster.Store = sim.StoreSpec{SnapshotCount: 100, CatchUpEntries: 10}
	s.Workload.Value = 16 << 10
	s.Workload.Keys = 1
	s.Run = 20 * time.Second
	step(t, s, 3*time.Second, "crash n3", 5*time.Second)
	step(t, s, 3*time.Second, "limit all -> n3 10MB/s")
	tr := play(t, raftsim.Engine{}, s)
	sent := when(t, tr, "a snapshot for n3", func(e sim.Event) bool {
		return e.Kind == sim.KindSent &&
			e.Msg == sim.MsgSnap && e.At >= 8*time.Second
	})
	got := when(t, tr, "its arrival", func(e sim.Event) bool { return e.Kind == sim.KindDelivered && e.ID == sent.ID })
	installed := when(t, tr, "it is installed", func(e sim.Event) bool {
		return e.Kind == sim.KindSnapshotInstalled && e.At >= got.At
	})
	bytes := mvccfile.Empty + float64(installed.Revision-1)*mvccfile.Stored(2, 16<<10)
	least := time.Duration(bytes / 10e6 * float64(time.Second))
	if d := got.At - sent.At; d < least || d > least+least/4 {
		t.Errorf(
			"%d revisions at 10 MB/s took %v, want %v and what its commits left unused",
			installed.Revision-1,
			d,
			least,
		)
	}
	when(t, tr, "a heartbeat meanwhile", func(e sim.Event) bool {
		return e.Kind == sim.KindDelivered && e.Member == 3 && e.Msg == sim.MsgHeartbeat && e.At > sent.At &&
			e.At < got.At
	})
	judged(t, tr)
}

// TestChangeWaitsForLeader: a change begun without a leader is made when there is
// one, and one that never can be is told at the end.
func TestChangeWaitsForLeader(t *testing.T) {
	s := base(3)
	s.Cluster.StrictReconfigCheck = sim.Off
	step(t, s, 0, "add-learner n4")
	step(t, s, 5*time.Second, "crash n1 n2")
	step(t, s, 6*time.Second, "add-learner n5")
	tr := play(t, raftsim.Engine{}, s)
	when(t, tr, "n4 is in", becomes(1, 4, sim.Learner))
	when(t, tr, "n5 is not", func(e sim.Event) bool {
		return e.Kind == sim.KindFaultFailed && e.Result == sim.OutcomeUnknown && e.Count == 3 &&
			e.Note == "add-learner n5: not done before the end of the run"
	})
}

func TestLastVoterStays(t *testing.T) {
	s := base(1)
	s.Cluster.Members = append(s.Cluster.Members, sim.MemberSpec{Name: "n2", Role: sim.Learner})
	s.Cluster.StrictReconfigCheck = sim.Off // with it etcd has words for this
	step(t, s, 3*time.Second, "remove n1")
	s.Expect = []sim.Expectation{{Outcome: sim.StepRefused, Statement: "remove n1"}}
	tr := play(t, raftsim.Engine{}, s)
	when(t, tr, "the refusal", func(e sim.Event) bool {
		return e.Kind == sim.KindFaultFailed && e.Result == sim.OutcomeFailed &&
			strings.HasSuffix(e.Note, "n1 is the only voter")
	})
	judged(t, tr)
}

func TestMoveLeader(t *testing.T) {
	s := base(3)
	step(t, s, 3*time.Second, "move-leader a-follower")
	tr := play(t, raftsim.Engine{}, s)
	begun := when(t, tr, "the statement", func(e sim.Event) bool { return e.Kind == sim.KindFaultBegun })
	e := when(t, tr, "a new leader", func(e sim.Event) bool {
		return e.Kind == sim.KindState && e.Role == sim.Leader &&
			e.At > begun.At
	})
	if e.Member != begun.Member || e.At > begun.At+50*ms {
		t.Errorf("asked for %v, and %v leads after %v", begun.Member, e.Member, e.At-begun.At)
	}
	judged(t, tr)
}

func TestManyMembers(t *testing.T) {
	alone(t)
	s := base(sim.MaxMembers)
	s.Run = 4 * time.Second
	step(t, s, 3*time.Second, "crash random 50")
	tr := play(t, raftsim.Engine{}, s)
	if n := count(tr, sim.KindReturn, func(e sim.Event) bool {
		return e.Result == sim.OutcomeOK &&
			e.At > 3*time.Second
	}); n == 0 {
		t.Error("51 of 101 members did nothing")
	}
	judged(t, tr)
}

// TestSuccessorGetsNothingOfItsPredecessor: a member that has not applied yet that another was replaced under its name
// means the one that was removed, which has acknowledged what the new one does not have.
func TestSuccessorGetsNothingOfItsPredecessor(t *testing.T) {
	replaced := 0
	for seed := range uint64(100) {
		s := base(2)
		s.Seed, s.Run = seed, 3*time.Second
		s.Cluster.StrictReconfigCheck = sim.Off
		s.Cluster.Heartbeat, s.Cluster.Election = 10*ms, sim.Fixed(100*ms)
		step(t, s, 40*ms, "slow-disk all 25ms..100ms", 461*ms)
		step(t, s, time.Duration(300+seed)*ms, "replace n2 n2")
		tr := play(t, raftsim.Engine{}, s)
		judged(t, tr)
		replaced += count(
			tr,
			sim.KindMembership,
			func(e sim.Event) bool { return e.Member == 1 && e.Role == sim.Learner },
		)
	}
	if replaced < 50 {
		t.Errorf("the member was replaced %d times", replaced)
	}
}
