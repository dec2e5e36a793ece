package check

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

// newCluster writes that the members were restored from a snapshot of a revision, raised by bump.
func (p *tape) newCluster(old, bump uint64) uint64 {
	e := sim.Event{Kind: sim.KindNewCluster, Old: old, Revision: old + bump}
	if bump > 0 {
		e.Count = 1
	}
	return p.add(e)
}

// restoreWithWatches is all that this file is about, in one second: a snapshot, writes after it, a
// restore, a watch that is silent and one that is told, hashes that differ, and an alarm.
func (p *tape) restoreWithWatches() {
	watch := func(k sim.Kind, id uint64, e sim.Event) {
		e.Kind, e.ID, e.Client, e.Key = k, id, 8, "w"
		p.add(e)
	}
	watch(sim.KindWatchBegun, 1, sim.Event{Revision: 5})
	watch(sim.KindWatchBegun, 2, sim.Event{Revision: 5})
	p.put(1, "w", 50, 5, 5)
	watch(sim.KindWatchEvent, 1, sim.Event{Value: 50, Revision: 5})
	watch(sim.KindWatchEvent, 2, sim.Event{Value: 50, Revision: 5})
	p.add(sim.Event{Kind: sim.KindSnapshotSaved, Member: 1, Revision: 5, Value: 4096})
	p.put(1, "w", 51, 6, 5)
	watch(sim.KindWatchEvent, 1, sim.Event{Value: 51, Revision: 6})
	watch(sim.KindWatchEvent, 2, sim.Event{Value: 51, Revision: 6})
	for m := range sim.MemberID(3) {
		p.on(sim.KindCrashed, m+1)
	}
	p.now += 100 * time.Millisecond
	p.begin("restore")
	p.now += 50 * time.Millisecond
	p.newCluster(5, 0)
	for m := range sim.MemberID(3) {
		p.on(sim.KindStarted, m+1)
	}
	p.elect(1, 2, 2, 3)
	p.put(1, "w", 52, 6, 5)
	watch(sim.KindWatchEnded, 2, sim.Event{Revision: 1005, Result: sim.OutcomeFailed})
	for m := range sim.MemberID(3) {
		hash := uint64(7)
		if m == 1 {
			hash = 8
		}
		p.add(sim.Event{Kind: sim.KindHash, Member: m + 1, ID: 1, Revision: 6, Value: hash})
	}
	p.add(sim.Event{Kind: sim.KindAlarm, Member: 2, Count: 2, Value: 1})
	p.now += 2 * time.Second
}

func TestRecoveryMeasures(t *testing.T) {
	p := newTape(3).at(1000)
	p.elect(1, 7, 2, 3)
	p.restoreWithWatches()
	tr := p.trace()
	all := sim.Window{}
	// Lost at 1.010 with the second of three, written to again at 1.165.
	want(t, "recovery.time", tr, all, 155)
	want(t, "recovery.full", tr, all, 150)
	want(t, "restore.time", tr, all, 55)
	want(t, "backups", tr, all, 1)
	want(t, "clusters.new", tr, all, 1)
	want(t, "writes.lost", tr, all, 1)
	want(t, "watch.events", tr, all, 4)
	want(t, "watch.compacted", tr, all, 1)
	want(t, "watch.missed", tr, all, 1)
	want(t, "hash.mismatches", tr, all, 1)
	want(t, "alarms.corrupt", tr, all, 1)
	want(t, "elections", tr, all, 2)
	want(t, "elections.failed", tr, all, 0)
	want(t, "leader.changes", tr, all, 1)
	later := seconds(2, 0)
	wantNothing(t, "recovery.time", tr, later)
	wantNothing(t, "recovery.full", tr, later)
	wantNothing(t, "restore.time", tr, later)
	wantNothing(t, "hash.mismatches", tr, later)
	want(t, "watch.missed", tr, later, 0)

	empty := newTape(3).at(1000).trace()
	for _, name := range []string{"recovery.time", "recovery.full", "restore.time", "watch.missed", "watch.events",
		"hash.mismatches"} {
		wantNothing(t, name, empty, all)
	}
}

// One of three is no quorum's loss: what counts is then the first member.
func TestRecoveryOfAMember(t *testing.T) {
	p := newTape(3).at(1000)
	p.elect(1, 2, 2, 3)
	call := p.call(1, sim.OpPut, "k", 1, 0)
	p.at(2000).on(sim.KindCrashed, 3)
	p.at(2010).back(call, sim.OutcomeOK, 1, 2) // was under way
	p.at(2020).put(1, "k", 2, 3, 30)
	p.at(5000).on(sim.KindStarted, 3)
	tr := p.trace()
	want(t, "recovery.time", tr, sim.Window{}, 50)
	want(t, "recovery.full", tr, sim.Window{}, 3000)

	// A new voter makes up for one that is gone.
	p = newTape(3).at(1000)
	p.Members = append(p.Members, "n4")
	p.elect(1, 2, 2, 3)
	p.at(2000).on(sim.KindCrashed, 3)
	p.at(3000).add(sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 3, Role: sim.RoleNone, Index: 5})
	p.at(4000).on(sim.KindStarted, 4)
	p.add(sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 4, Role: sim.Learner, Index: 6})
	p.at(6000).add(sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 4, Role: sim.Follower, Index: 7})
	want(t, "recovery.full", p.trace(), sim.Window{}, 4000)
	wantNothing(t, "recovery.time", p.trace(), sim.Window{})
}

// A legal restore breaks no rule of raft: terms, indexes and leaders begin anew.
func TestSafetyAcrossARestore(t *testing.T) {
	p := replicated()
	p.at(2000)
	for m := range sim.MemberID(3) {
		p.on(sim.KindCrashed, m+1)
	}
	p.newCluster(4, 0)
	for m := range sim.MemberID(3) {
		p.on(sim.KindStarted, m+1)
	}
	p.elect(3, 2, 1, 2) // another leader of the same term
	for m := range sim.MemberID(3) {
		p.append(m+1, 1, 2, 0, 200) // another entry at the same index
		p.commit(m+1, 1)
		p.apply(m+1, 1, 2, 200)
	}
	if v := verdict(t, "safety", p.trace()); !v.OK {
		t.Error(v.Why)
	}
	// What is wrong after the restore still is, and so is what was before.
	p.at(3000).state(1, sim.Leader, 2, 1)
	if v := verdict(t, "safety", p.trace()); v.OK || !strings.Contains(v.Why, "n1 became leader of term 2 at 3.0 s, "+
		"although n3 already led that term") {
		t.Error(v.Why)
	}
	p.newCluster(4, 0)
	if v := verdict(t, "safety", p.trace()); v.OK {
		t.Error("a restore makes it forget what was broken")
	}
}

func TestWritesLostByARestore(t *testing.T) {
	history := func(bump uint64) *tape {
		p := newTape(3).at(1000)
		p.put(1, "a", 1, 2, 5)
		p.put(1, "b", 2, 3, 5) // the last that the snapshot has
		p.put(1, "a", 3, 4, 5)
		p.put(2, "b", 4, 5, 5)
		p.at(2000).newCluster(3, bump)
		p.at(3000).put(1, "b", 5, 4+bump, 5)
		return p
	}
	for _, tt := range []struct {
		name      string
		p         *tape
		after     func(p *tape)
		lost      float64
		why       string
		revisions string // what the check says, if it does not hold
	}{
		{"as it should be", history(0), func(p *tape) {
			p.final("a", 1, 2)
			p.final("b", 5, 4)
		}, 2, "2 of 5 acknowledged writes are gone, all of them because the cluster was restored from a snapshot; the " +
			"first: client 1's put of value 3 to a was acknowledged at 1.015 s with revision 4, but the cluster was restored " +
			"at 2.0 s from a snapshot of revision 3",
			"revision 4 was assigned twice: to client 1's put of a, answered at 1.015 s, and to client 1's put of b, answered " +
				"at 3.005 s; between the two the cluster was restored at 2.0 s from a snapshot of revision 3"},
		{"with a higher revision", history(1000), func(p *tape) {
			p.final("a", 1, 2)
			p.final("b", 5, 1004)
		}, 2, "restored at 2.0 s from a snapshot of revision 3, and raised to 1003", ""},
		{"the snapshot lacked one", history(1000), func(p *tape) {
			p.final("a", 0, 0)
			p.final("b", 5, 1004)
		}, 3, "3 of 5 acknowledged writes are gone, 2 of them because the cluster was restored", ""},
		{"one is lost after it", history(1000), func(p *tape) {
			p.final("a", 1, 2)
			p.final("b", 2, 3)
		}, 3, "", ""},
		{"restored again", history(1000), func(p *tape) {
			p.newCluster(1004, 1000)
			p.put(1, "c", 6, 2005, 5)
			p.newCluster(1004, 0)
			p.final("a", 1, 2)
			p.final("b", 5, 1004)
		}, 3, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.after(tt.p)
			tr := tt.p.trace()
			want(t, "writes.lost", tr, sim.Window{}, tt.lost)
			if v := verdict(t, "no-lost-writes", tr); v.OK || !strings.Contains(v.Why, tt.why) {
				t.Errorf("no-lost-writes says %q", v.Why)
			}
			v := verdict(t, "revisions", tr)
			if v.OK != (tt.revisions == "") || !strings.Contains(v.Why, tt.revisions) {
				t.Errorf("revisions says %q", v.Why)
			}
		})
	}
}

// Hashes that the script compared are judged among themselves.
func TestComparedHashes(t *testing.T) {
	p := newTape(2).at(1000)
	hash := func(m sim.MemberID, id, revision, value uint64) {
		p.add(sim.Event{Kind: sim.KindHash, Member: m, ID: id, Revision: revision, Value: value})
	}
	hash(1, 1, 5, 50)
	hash(2, 1, 5, 50)
	hash(1, 2, 5, 51) // compacted since
	hash(2, 2, 5, 51)
	hash(1, 0, 6, 60)
	hash(2, 0, 6, 60)
	if v := verdict(t, "equal-state", p.trace()); !v.OK ||
		v.Why != "both members that were up ended with the same state" {
		t.Error(v.Why)
	}
	want(t, "hash.mismatches", p.trace(), sim.Window{}, 0)
	hash(1, 3, 7, 70)
	hash(2, 3, 7, 71)
	if v := verdict(t, "equal-state", p.trace()); v.OK || v.Why != "n1 and n2 had different states when they were "+
		"compared at 1.0 s, at revision 7" {
		t.Error(v.Why)
	}
	want(t, "hash.mismatches", p.trace(), sim.Window{}, 1)
}

func TestStoryOfARestore(t *testing.T) {
	p := newTape(3).at(1000)
	p.elect(1, 7, 2, 3)
	p.restoreWithWatches()
	var told string
	for _, s := range Story(p.trace()) {
		told += s.Text + "\n"
	}
	for _, part := range []string{
		"the snapshot was complete: revision 5, from n1, 4 KiB",
		"At 1.11 s the cluster was restored from the snapshot; after 50 ms a new cluster was up at revision 5, that of the " +
			"snapshot; after 50 ms n1 became leader in term 2",
		"after 55 ms the server ended the watch of w, since what it asked for had been compacted up to revision 1005",
		"n2 turned out to differ from the rest at revision 6",
		"the CORRUPT alarm was raised for n2",
		"1 acknowledged write from after the snapshot was gone",
		"the watch of w had missed 1 acknowledged write, and its client was never told",
	} {
		if !strings.Contains(told, part) {
			t.Errorf("the story lacks %q:\n%s", part, told)
		}
	}
}
