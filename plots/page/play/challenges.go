package play

import (
	"strings"
	"time"

	"quorumlab/sim"
)

// challenges are the challenges. Each start is a whole scenario, and its name is the challenge's.
var challenges = []Challenge{{
	Name:  "stop-writes",
	Title: "Ten seconds without a write",
	Text:  "Three members serve writes. Keep every write waiting for ten seconds, with two statements and crashes only.",
	Hints: []string{"Writes need a majority: two of three.", "It does not matter who leads when too few are left.",
		"Crash two members, early enough that ten seconds are left."},
	Verbs: []string{"crash"}, Most: 2,
	start: "name: stop-writes\nworkload: {clients: 4, rate: 20/s}\nrun: 20s\nexpect: [downtime.longest >= 10s]\n",
	model: []line{{5 * time.Second, "crash n1"}, {5 * time.Second, "crash n2"}},
}, {
	Name:  "two-slow-disks",
	Title: "Two slow disks that nobody notices",
	Text: "Make the disks of two of five members slow by 500 ms for at least ten seconds, so that 99 of 100 puts are " +
		"still answered within 100 ms. The clients ask the leader.",
	Hints: []string{"An entry is committed when a majority has it on disk.",
		"The leader's disk counts, but so do others'.",
		"Slow down two followers."},
	Verbs: []string{"slow-disk"},
	start: "name: two-slow-disks\ncluster: {members: 5}\nworkload: {clients: 8, rate: 50/s, via: leader}\nrun: 20s\n" +
		"expect: [latency.put.p99 <= 100ms]\n",
	goals: []goal{{"the disks of two members are slow by 500 ms for ten seconds", func(t *sim.Trace) bool {
		return membersUnder(t, 10*time.Second, "slow-disk ", " 500ms") >= 2
	}}},
	model: []line{{3 * time.Second, "slow-disk a-follower a-follower 500ms"}},
}, {
	Name:  "two-leaders",
	Title: "Two leaders at once",
	Text:  "Bring two members to lead at the same time, each in its own view and in a term of its own.",
	Hints: []string{"A leader that can't hear does not know that it has been replaced.",
		"It steps down when it has heard from no majority for a while. Who can't count time can't do that.",
		"Pause the leader, wait for another one, and resume it."},
	start: "name: two-leaders\ncluster: {members: 5}\nworkload: {clients: 4, rate: 10/s}\nrun: 20s\n",
	goals: []goal{{"two members lead at the same time", twoLeaders}},
	model: []line{{5 * time.Second, "pause leader for 4s"}},
}, {
	Name:  "quick-election",
	Title: "A fail-over in 300 ms",
	Text: "The leader crashes, and 300 ms later everybody follows another one. This cluster has no check-quorum, so " +
		"members vote even if they heard a leader a moment ago.",
	Hints: []string{"Followers wait for one to two seconds before they stand for election.",
		"A member can be told not to wait.",
		"Let a follower campaign right after the crash."},
	Verbs: []string{"crash", "campaign"},
	start: "name: quick-election\ncluster: {pre-vote: false, check-quorum: false}\n" +
		"workload: {clients: 4, rate: 20/s}\nrun: 15s\nexpect: [failover <= 300ms]\n",
	model: []line{{5 * time.Second, "crash leader"}, {5010 * time.Millisecond, "campaign n1"}},
}, {
	Name:  "overwritten",
	Title: "Entries that are overwritten",
	Text:  "Have entries in a member's log that are removed again, because another leader's take their place.",
	Hints: []string{"Only entries that are not committed can go.",
		"A leader without a majority still appends what clients ask for.",
		"Cut the leader off for a few seconds under load, and mend the links."},
	start: "name: overwritten\nworkload: {clients: 8, rate: 100/s}\nrun: 20s\nexpect: [safety]\n",
	goals: []goal{{"entries were removed from a log", happened(sim.KindTruncated)}},
	model: []line{{5 * time.Second, "isolate leader for 5s"}},
}, {
	Name:  "split-votes",
	Title: "Three split votes in a row",
	Text:  "Have three elections that nobody wins. This cluster has neither pre-vote nor check-quorum.",
	Hints: []string{"Two members who ask at the same moment vote for themselves.",
		"With two of three left, each needs the other's vote.",
		"Crash the leader, and let both others campaign at the same moment, three times."},
	start: "name: split-votes\ncluster: {pre-vote: false, check-quorum: false}\nrun: 15s\n" +
		"workload: {clients: 1, rate: 1/s}\nexpect: [elections.failed >= 3]\n",
	model: splitVotes(),
}, {
	Name:  "stale-read",
	Title: "A read of the past",
	Text:  "A client reads a value that is older than one that was already acknowledged. Its reads are serializable.",
	Hints: []string{"A serializable read asks one member only.", "That member may not know the newest writes.",
		"Cut a follower off and wait."},
	start: "name: stale-read\nworkload: {clients: 8, rate: 100/s, keys: 4, reads: serializable}\nrun: 20s\n" +
		"expect: [reads.stale >= 1]\n",
	model: []line{{5 * time.Second, "isolate a-follower for 5s"}},
}, {
	Name:  "deposed",
	Title: "A healthy leader that is deposed",
	Text: "Have a new leader without touching the old one: only followers may be cut off. " +
		"This cluster has neither pre-vote nor check-quorum.",
	Hints: []string{"A follower that hears nothing stands for election again and again.",
		"Each time its term grows, and a higher term makes a leader step down.", "Cut a follower off, and let it come back."},
	Verbs: []string{"isolate"},
	start: "name: deposed\ncluster: {pre-vote: false, check-quorum: false}\n" +
		"workload: {clients: 4, rate: 20/s}\nrun: 20s\nexpect: [leader.changes >= 1]\n",
	goals: []goal{{"the first leader was never cut off", firstLeaderUntouched}},
	model: []line{{5 * time.Second, "isolate a-follower for 6s"}},
}, {
	Name:  "snapshot",
	Title: "A snapshot instead of the log",
	Text:  "Make a member fall so far behind that it gets a snapshot in place of log entries.",
	Hints: []string{"A leader keeps only the newest entries.",
		"Here it makes a snapshot every 100 entries and keeps 20.",
		"Crash a follower for ten seconds under this load."},
	start: "name: snapshot\ncluster: {store: {snapshot-count: 100, catch-up-entries: 20}}\n" +
		"workload: {clients: 8, rate: 100/s}\nrun: 25s\nexpect: [snapshots >= 1]\n",
	model: []line{{5 * time.Second, "crash a-follower for 10s"}},
}, {
	Name:  "leaderless",
	Title: "Ten seconds without a leader",
	Text:  "For ten seconds no member can lead, although all are up and running, and only links are cut, one way.",
	Hints: []string{"A leader needs a majority that it hears, and that hears it.",
		"With check-quorum a leader that hears nobody steps down.",
		"Cut every link to everybody."},
	Verbs: []string{"cut"},
	start: "name: leaderless\ncluster: {members: 5}\nworkload: {clients: 4, rate: 10/s}\nrun: 25s\n" +
		"expect: [leaderless.longest >= 10s]\n",
	model: []line{{5 * time.Second, "cut all -> all for 15s"}},
}, {
	Name:  "fifth-member",
	Title: "The change that lets four survive two",
	Text: "Four members survive the crash of one. Make the one change after which two may crash: at the end two are " +
		"down, and writes succeed.",
	Hints: []string{"The majority of four is three.", "The majority of five is three, too.",
		"Add a fifth member as a learner, promote it, and crash two others."},
	Verbs: []string{"add-learner", "promote", "crash"},
	start: "name: fifth-member\ncluster: {members: 4}\nworkload: {clients: 4, rate: 20/s}\nrun: 30s\n" +
		"expect: ['writes.ok[25s..] > 20']\n",
	goals: []goal{{"two members are down at the end", func(t *sim.Trace) bool { return downAtEnd(t) == 2 }}},
	model: []line{{8 * time.Second, "add-learner n5"}, {12 * time.Second, "promote n5"}, {15 * time.Second, "crash n1"},
		{18 * time.Second, "crash n2"}},
}, {
	Name:  "lost-write",
	Title: "An acknowledged write that is lost",
	Text: "Lose a write that was acknowledged to its client. Raft promises that this can't happen, as long as disks " +
		"keep what they say they keep.",
	Hints: []string{"Find the statement that makes a disk lie.", "A majority must have forgotten the write.",
		"Let two disks lose what they do not sync, crash everybody, and restart these two."},
	start: "name: lost-write\nworkload: {clients: 8, rate: 100/s}\nrun: 20s\nexpect: [not no-lost-writes]\n",
	model: []line{{4 * time.Second, "lose-unsynced n1 n2"}, {9 * time.Second, "crash all"},
		{10 * time.Second, "heal-disk"}, {11 * time.Second, "restart n1 n2"}},
}}

// splitVotes lets the two that are left of three campaign at the same moments.
func splitVotes() []line {
	ls := []line{{5 * time.Second, "crash leader"}} // n2, by the seed
	for i := range time.Duration(3) {
		at := 5100*time.Millisecond + i*200*time.Millisecond
		ls = append(ls, line{at, "campaign n1"}, line{at, "campaign n3"})
	}
	return ls
}

// happened is a goal that an event of a kind happened.
func happened(k sim.Kind) func(t *sim.Trace) bool {
	return func(t *sim.Trace) bool {
		for i := range t.Events {
			if t.Events[i].Kind == k {
				return true
			}
		}
		return false
	}
}

// twoLeaders reports whether two members that ran led at the same time in different terms.
func twoLeaders(t *sim.Trace) bool {
	terms, paused := map[sim.MemberID]uint64{}, map[sim.MemberID]bool{} // of those that lead in their own view
	for i := range t.Events {
		e := &t.Events[i]
		switch e.Kind {
		case sim.KindState:
			delete(terms, e.Member)
			if e.Role == sim.Leader {
				terms[e.Member] = e.Term
			}
		case sim.KindCrashed, sim.KindPanicked:
			delete(terms, e.Member)
		case sim.KindPaused, sim.KindResumed:
			paused[e.Member] = e.Kind == sim.KindPaused
		}
		running := 0
		for m := range terms {
			if !paused[m] {
				running++
			}
		}
		if running > 1 {
			return true
		}
	}
	return false
}

// firstLeaderUntouched reports whether no statement named the first leader.
func firstLeaderUntouched(t *sim.Trace) bool {
	var first string
	for i := range t.Events {
		switch e := &t.Events[i]; {
		case e.Kind == sim.KindState && e.Role == sim.Leader && first == "":
			first = t.Name(e.Member)
		case e.Kind == sim.KindFaultBegun && (first == "" || hasWord(e.Note, first)):
			return false
		}
	}
	return first != ""
}

func hasWord(s, word string) bool {
	for _, w := range strings.Fields(s) {
		if w == word {
			return true
		}
	}
	return false
}

// membersUnder is how many members a statement with these ends was about for at least so long, until it ended or
// the run did.
func membersUnder(t *sim.Trace, least time.Duration, begins, ends string) int {
	from, names := map[uint64]time.Duration{}, map[uint64]string{}
	under := map[string]bool{}
	end := func(id uint64, at time.Duration) {
		if at-from[id] >= least {
			for _, w := range strings.Fields(strings.TrimSuffix(strings.TrimPrefix(names[id], begins), ends)) {
				under[w] = true
			}
		}
		delete(from, id)
		delete(names, id)
	}
	for i := range t.Events {
		e := &t.Events[i]
		switch _, open := names[e.ID]; {
		case e.Kind == sim.KindFaultBegun && strings.HasPrefix(e.Note, begins) && strings.HasSuffix(e.Note, ends):
			from[e.ID], names[e.ID] = e.At, e.Note
		case e.Kind == sim.KindFaultEnded && open:
			end(e.ID, e.At)
		}
	}
	for id := range names {
		end(id, t.Length())
	}
	return len(under)
}

// downAtEnd is how many members were down at the end of the run.
func downAtEnd(t *sim.Trace) int {
	down := map[sim.MemberID]bool{}
	for i := range t.Events {
		switch e := &t.Events[i]; e.Kind {
		case sim.KindCrashed, sim.KindPanicked:
			down[e.Member] = true
		case sim.KindStarted:
			delete(down, e.Member)
		}
	}
	return len(down)
}
