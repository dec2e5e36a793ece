package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// told is the story as text, a sentence a line.
func told(ss []Sentence) string {
	var b strings.Builder
	for _, s := range ss {
		b.WriteString(s.Text + "\n")
	}
	return b.String()
}

// mend mends the links between two sides.
func (p *tape) mend(left, right []sim.MemberID) {
	for _, a := range left {
		for _, b := range right {
			p.link(sim.KindLinkMended, a, b)
		}
	}
}

func TestStory(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(p *tape)
		want string
	}{
		{"a leader cut off with the minority", func(p *tape) {
			few, many := []sim.MemberID{1, 2}, []sim.MemberID{3, 4, 5}
			p.at(1200).elect(1, 2, 2, 3, 4, 5)
			p.at(2000).put(1, "k", 1, 2, 10)
			p.at(4990)
			lost := p.call(1, sim.OpPut, "k", 2, 0)
			id := p.at(5000).begin("partition n1 n2 | n3 n4 n5")
			p.split(few, many)
			p.at(6000).state(1, sim.Follower, 2, 0)
			p.at(6100).state(3, sim.Candidate, 3, 0)
			p.state(4, sim.Candidate, 3, 0)
			p.at(6300).elect(4, 4, 3, 5)
			p.at(6400).back(lost, sim.OutcomeUnknown, 0, 0)
			p.put(2, "k", 3, 3, 10)
			lost = p.at(9000).call(1, sim.OpPut, "k", 4, 0)
			p.at(9300).back(lost, sim.OutcomeUnknown, 0, 0)
			p.put(2, "k", 6, 4, 10)
			p.at(15000).mend(few, many)
			p.finish(id, "partition n1 n2 | n3 n4 n5")
			p.at(15020).state(2, sim.Follower, 4, 4)
			p.at(15035).state(1, sim.Follower, 4, 4)
			p.at(16000).put(1, "k", 5, 5, 10)
			p.at(20000).final("k", 5, 5)
			for m := range sim.MemberID(5) {
				p.add(sim.Event{Kind: sim.KindHash, Member: m + 1, Index: 9, Revision: 4, Value: 7})
			}
		}, `
The 5 members started; after 1.20 s n1 became leader in term 2.
At 5.0 s n1 (leader of term 2) and n2 were cut off from n3, n4 and n5; after 1.00 s n1 stepped down; after 1.30 s n4 became leader in term 4, after a split vote in term 3; for 1.42 s no write succeeded; 2 writes through n1 got no answer, the last one sent at 9.0 s.
At 15.0 s n1 and n2 were connected to n3, n4 and n5 again; after 35 ms n1 and n2 followed n4.
In the end 4 of 6 writes had been acknowledged, 2 had got no answer, and no acknowledged write was lost; the 5 members that were up had the same state.
`},
		{"a crash that costs writes", func(p *tape) {
			p.at(1000).elect(1, 2, 2, 3, 4, 5)
			p.at(2000).put(1, "k", 1, 2, 10)
			p.at(5000).begin("crash n1 n2")
			p.on(sim.KindCrashed, 1)
			p.on(sim.KindCrashed, 2)
			p.at(6000).add(sim.Event{Kind: sim.KindPanicked, Member: 3, Note: "tocommit(9) is out of range [lastIndex(3)]. " +
				"Was the raft log corrupted, truncated, or lost?\nstack"})
			p.at(7000).begin("restart n1 n2")
			p.on(sim.KindStarted, 1)
			p.on(sim.KindStarted, 2)
			p.finish(1, "crash n1 n2")
			p.at(8000).elect(1, 3, 2, 4)
			p.at(9000).back(p.call(1, sim.OpPut, "k", 9, 0), sim.OutcomeFailed, 0, 0)
			p.at(10000).final("k", 0, 0)
		}, `
The 5 members started; after 1.00 s n1 became leader in term 2.
At 5.0 s n1 (leader of term 2) and n2 crashed; after 1.00 s n3 panicked (tocommit(9) is out of range [lastIndex(3)]. Was the raft log corrupted, truncated, or lost?); after 3.00 s n1 became leader again, in term 3.
At 7.0 s n1 and n2 were restarted; no more writes succeeded; 1 write through n1 was refused.
In the end 1 of 2 writes had been acknowledged, 1 had been refused, and 1 acknowledged write was lost.
`},
		{"a pause, a hand-over and new members", func(p *tape) {
			p.at(1000).elect(1, 2, 2, 3, 4, 5)
			a := p.at(2000).begin("pause n1")
			p.on(sim.KindPaused, 1)
			p.at(2400).on(sim.KindResumed, 1)
			p.finish(a, "pause n1")
			p.at(3000).begin("move-leader n2")
			p.at(3010).state(1, sim.Follower, 3, 0)
			p.state(2, sim.Candidate, 3, 0)
			p.state(3, sim.Follower, 3, 0)
			p.state(4, sim.Follower, 3, 0)
			p.at(3015).state(2, sim.Leader, 3, 2)
			p.Members = append(p.Members, "n6")
			p.at(4000).begin("add-learner n6")
			p.at(4005).add(sim.Event{Kind: sim.KindMembership, Member: 2, Peer: 6, Role: sim.Learner, Index: 20})
			p.at(4006).add(sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 6, Role: sim.Learner, Index: 20})
			p.at(4007).on(sim.KindStarted, 6)
			p.at(4010).state(6, sim.Learner, 3, 2)
			p.at(4020).add(sim.Event{Kind: sim.KindSnapshotInstalled, Member: 6, Peer: 2, Index: 20, Term: 3})
			p.at(5000).begin("promote n6")
			p.at(5005).add(sim.Event{Kind: sim.KindMembership, Member: 2, Peer: 6, Role: sim.Follower, Index: 21})
			p.at(6000).begin("remove n1")
			p.at(6005).add(sim.Event{Kind: sim.KindMembership, Member: 2, Peer: 1, Role: sim.RoleNone, Index: 22})
			p.at(7000).add(sim.Event{Kind: sim.KindFaultFailed, Count: 7, Note: "crash crashed: no member fits"})
		}, `
The 5 members started; after 1.00 s n1 became leader in term 2.
At 2.0 s n1 (leader of term 2) was paused; after 400 ms n1 could lead again.
At 2.4 s n1 resumed.
At 3.0 s the leader was asked to hand over to n2; after 10 ms n1 stepped down; after 15 ms n2 became leader in term 3.
At 4.0 s the cluster was asked to add n6 as a learner; after 5.0 ms n6 joined as a learner; after 10 ms n6 followed n2; after 20 ms n6, too far behind for the log, got a snapshot.
At 5.0 s the cluster was asked to promote n6; after 5.0 ms n6 got a vote.
At 6.0 s the cluster was asked to remove n1; after 5.0 ms n1 left the cluster.
At 7.0 s "crash crashed" could not be carried out: no member fits.
In the end no client had written anything.
`},
		{"on real members, where statements take their time", func(p *tape) {
			p.at(1000).elect(1, 2, 2, 3, 4, 5)
			p.at(5000).begin("crash n2")
			p.at(5003).begin("slow-disk n3 5ms")
			p.at(7000).begin("restart n2")
			p.at(7060).finish(1, "crash n2")
			p.at(8000).finish(2, "slow-disk n3 5ms")
		}, `
The 5 members started; after 1.00 s n1 became leader in term 2.
At 5.0 s n2 crashed, and each fsync of n3 began to take 5ms longer.
At 7.0 s n2 was restarted.
At 8.0 s the disk of n3 returned to its usual speed.
In the end no client had written anything.
`},
		{"two things at once, and no leader", func(p *tape) {
			p.begin("slow-disk n1 200ms")
			p.begin("cut n2 -> n3")
			p.at(3000).state(1, sim.Candidate, 2, 0)
			p.at(5000).begin("heal")
			p.finish(2, "cut n2 -> n3")
			p.at(9000)
		}, `
The 5 members started, and each fsync of n1 began to take 200ms longer, and data from n2 no longer reached n3; at once no member became leader, after an election in term 2 that nobody won.
At 5.0 s every link was repaired.
In the end no client had written anything.
`},
		{"a leadership that goes to and fro", func(p *tape) {
			p.at(1000).elect(1, 2, 2, 3, 4, 5)
			p.at(5000).begin("lose all -> all 30%")
			for i := range 5 {
				p.at(6000+1000*i).state(sim.MemberID(i%2+1), sim.Follower, uint64(i+2), 0)
				p.at(6500+1000*i).elect(sim.MemberID((i+1)%2+1), uint64(i+3), 3, 4, 5)
			}
			p.at(13000).on(sim.KindCrashed, 2)
		}, `
The 5 members started; after 1.00 s n1 became leader in term 2.
At 5.0 s 30% of the messages from all to all began to get lost; after 8.00 s leadership was lost or taken over 6 times, and no member could lead any longer.
In the end no client had written anything.
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTape(5)
			tt.run(p)
			tr := p.trace()
			story := Story(tr)
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), told(story)); diff != "" {
				t.Error(diff)
			}
			for i, s := range story {
				if i > 0 && s.At < story[i-1].At {
					t.Errorf("%q comes too late", s.Text)
				}
				for j, seq := range s.Events {
					if seq == 0 || seq > uint64(len(tr.Events)) || j > 0 && s.Events[j-1] >= seq {
						t.Errorf("%q: events %v", s.Text, s.Events)
					}
				}
			}
		})
	}
}

func TestALongScriptIsNotToldInFull(t *testing.T) {
	p := newTape(3)
	p.at(1000).elect(1, 2, 2, 3)
	for i := range 40 {
		p.at(2000 + 1000*i).begin(fmt.Sprintf("put k%d v", i))
	}
	p.at(50000).begin("crash n1")
	p.on(sim.KindCrashed, 1)
	story := Story(p.trace())
	if len(story) != maxEpisodes+2 {
		t.Errorf("%d sentences:\n%s", len(story), told(story))
	}
	if text := told(story); !strings.Contains(text, "n1 (leader of term 2) crashed; at once no member could lead any "+
		"longer.\nLeft out: 32 moments of the script with lesser consequences.\nIn the end") {
		t.Error(text)
	}
}

func TestTheStoryEndsWithTheVerdicts(t *testing.T) {
	p := newTape(3)
	p.at(1000).elect(1, 2, 2, 3)
	tr := p.trace()
	good, bad := sim.Verdict{Check: "safety", OK: true}, sim.Verdict{Check: "revisions", Why: "one went back",
		Events: []uint64{3, 4}}
	open := sim.Verdict{Check: "linearizable", Unknown: true, Why: "undecided: too much work"}
	expected := sim.Verdict{Check: "writes.ok > 0", Why: "writes.ok in the run is 0"}
	if s := told(Story(tr, good)); !strings.HasSuffix(s, "In the end no client had written anything; the only "+
		"check held.\n") {
		t.Error(s)
	}
	if s := told(Story(tr, good, good)); !strings.HasSuffix(s, "; all 2 checks and expectations held.\n") {
		t.Error(s)
	}
	story := Story(tr, good, bad, open, expected)
	if s := told(story); !strings.HasSuffix(s, `In the end no client had written anything.
The check revisions failed: one went back.
The check linearizable has no verdict: undecided: too much work.
The expectation "writes.ok > 0" failed: writes.ok in the run is 0.
`) {
		t.Error(s)
	}
	if e := story[len(story)-3].Events; len(e) != 2 {
		t.Errorf("evidence %v", e)
	}
}

// Every statement that there is has its words in a story.
func TestEveryVerbIsTold(t *testing.T) {
	for _, v := range script.Verbs() {
		p := newTape(3)
		id := p.at(1000).begin(v.Example)
		if v.Lasts {
			p.at(2000).finish(id, v.Example)
		}
		story := Story(p.trace())
		if want := map[bool]int{false: 3, true: 4}[v.Lasts]; len(story) != want {
			t.Errorf("%s:\n%s", v.Name, told(story))
		}
		if strings.ContainsAny(told(story), "{}") {
			t.Errorf("%s:\n%s", v.Name, told(story))
		}
	}
}
