package whatetcdis

import "quorumlab/lessons"

// answersOrNot are the choices for what an operation is told.
var answersOrNot = []lessons.Choice{{Value: "answers", Text: "it is answered"},
	{Value: "no answer", Text: "it waits until the client gives up"}}

var revisionsStep = lessons.LessonStep{
	ID: "revisions", Title: "How the store counts", Run: lessons.Driver(revisions),
	Predictions: []lessons.Prediction{
		{ID: "third-put", Question: "A new store is at revision 1. Which revision does the third put (put a 2) get?",
			Fact: "revision.third-put",
			Choices: []lessons.Choice{{Value: "2", Text: "2: it is the second put of key a"},
				{Value: "3", Text: "3: it is the third put, counted from 1"}, {Value: "4", Text: "4: the store has already used " +
					"2 and 3"}},
			Why: "there is one counter for the whole store, and each change to any key takes its next number"},
		{ID: "transaction", Question: "How many revisions does the transaction with its two puts take?",
			Fact:    "revisions.transaction",
			Choices: []lessons.Choice{{Value: "1", Text: "one"}, {Value: "2", Text: "two"}},
			Why:     "all changes in a transaction share one revision"},
		{ID: "watch", Question: "A watch on all keys is started after all of this, from revision 2. How many changes does " +
			"it receive?", Fact: "watch.events",
			Choices: []lessons.Choice{{Value: "0", Text: "none: they have already happened"},
				{Value: "2", Text: "2: the newest of each key"}, {Value: "5", Text: "5: one per revision"},
				{Value: "6", Text: "6: all of them, two in one revision"}},
			Why: "old revisions stay until they are compacted, and a watch receives everything from its start revision on"},
	},
	Claims: []lessons.Claim{
		"revision.new-store == 1", "revision.third-put == 4", "revisions.transaction == 1",
		"a.create-revision == 2", "a.mod-revision == 5", "a.version == 3", "a.at-3 == 1",
		"a.at-100 == etcdserver: mvcc: required revision is a future revision",
		"watch.events == 6", "watch.order == yes",
	},
	Misconception: "Each key has its own revision, and a watch reports what happens from now on.",
}

var winnersStep = lessons.LessonStep{
	ID: "winners", Title: "Who was first", Run: lessons.Driver(winners),
	Predictions: []lessons.Prediction{
		{ID: "look-first", Question: "How many of the twenty that look first believe that they created the key?",
			Fact:    "winners.look-first",
			Choices: []lessons.Choice{{Value: "1", Text: "one: etcd is consistent"}, {Value: "20", Text: "all twenty"}},
			Why:     "each read was correct at the time, and stale by the time of the write"},
		{ID: "transactions", Question: "And how many of those that use a transaction?", Fact: "winners.transaction",
			Choices: []lessons.Choice{{Value: "1", Text: "one"}, {Value: "3", Text: "three: one on each member"},
				{Value: "20", Text: "all twenty"}},
			Why: "every member applies the transactions in the same order, and the first one changes what the others compare"},
	},
	Claims: []lessons.Claim{"winners.look-first == 20", "winners.transaction == 1", "revisions.look-first == 20",
		"revisions.transaction == 1"},
	Misconception: "The store is consistent, so it is safe to read a key and then write it.",
}

var speedStep = lessons.LessonStep{
	ID: "speed", Title: "Latency", Run: lessons.Driver(speed),
	Predictions: []lessons.Prediction{
		{ID: "slowest", Question: "Which takes longest?", Fact: "slowest", Choices: operationChoices(),
			Why: "only a put waits for disks, and for two of them, one after the other or in parallel"},
		{ID: "fastest", Question: "Which is answered fastest?", Fact: "fastest", Choices: operationChoices(),
			Why: "it asks no other member"},
	},
	Claims:        []lessons.Claim{"fastest == serializable-get", "p50.serializable-get < 5s", "p50.put > 0s"},
	Misconception: "All reads cost the same, since the member has the data anyway.",
}

func operationChoices() (cs []lessons.Choice) {
	for _, op := range operations {
		cs = append(cs, lessons.Choice{Value: op.Name, Text: "a " + op.About})
	}
	return cs
}

var quorumStep = lessons.LessonStep{
	ID: "quorum", Title: "What is answered without a quorum", Run: lessons.Driver(quorum),
	Predictions: []lessons.Prediction{
		{ID: "put-alone", Question: "One of three members is left. What happens to a put?", Fact: "put.one",
			Choices: answersOrNot,
			Why:     "a put counts once a majority has it, and one of three is not a majority"},
		{ID: "get-alone", Question: "What happens to a get? The member has all the data.", Fact: "get.one",
			Choices: answersOrNot,
			Why:     "a get promises the newest value, and one of three can't know that the others have nothing newer"},
		{ID: "serializable-alone", Question: "And to a serializable get?", Fact: "serializable-get.one",
			Choices: answersOrNot,
			Why:     "the member answers from its own data and asks nobody"},
	},
	Claims: []lessons.Claim{
		"put.three == answers", "get.three == answers", "serializable-get.three == answers",
		"put.one == no answer", "get.one == no answer", "serializable-get.one == answers",
		"put.two == answers", "get.two == answers", "serializable-get.two == answers",
	},
	Misconception: "Any member can serve reads from its own data: as long as one is alive, reads go on.",
}

var staleStep = lessons.LessonStep{
	ID: "stale", Title: "What a serializable get may miss", Run: lessons.Driver(stale),
	Predictions: []lessons.Prediction{
		{ID: "serializable-value", Question: "What does a serializable get return on the cut-off member?",
			Fact: "cut-off.serializable-get",
			Choices: []lessons.Choice{{Value: "Oslo", Text: "Oslo"}, {Value: "Rome", Text: "Rome"},
				{Value: "no answer", Text: "it gets no answer"}},
			Why: "the member answers with what it has, and does not know that it is stale"},
		{ID: "get-value", Question: "And a get?", Fact: "cut-off.get",
			Choices: []lessons.Choice{{Value: "Oslo", Text: "Oslo"}, {Value: "Rome", Text: "Rome"},
				{Value: "no answer", Text: "it gets no answer"}},
			Why: "it waits for a leader with a quorum, and cannot reach one"},
	},
	Claims:        []lessons.Claim{"cut-off.serializable-get == Oslo", "cut-off.get == no answer", "healed.get == Rome"},
	Misconception: "A read from etcd is always current.",
}

var splitStep = lessons.LessonStep{
	ID: "split", Title: "Split votes", Run: lessons.Driver(split),
	Predictions: []lessons.Prediction{
		{ID: "leader", Question: "n1 and n2 both start an election in term 3 at the same moment. Who leads in it?",
			Fact: "leader.term-3",
			Choices: []lessons.Choice{{Value: "n1", Text: "n1, since it has the lower number"}, {Value: "n2", Text: "n2"},
				{Value: "nobody", Text: "nobody"}},
			Why: "each has two votes, including its own, and a leader of five needs three: dead members count"},
		{ID: "rounds", Question: "How many elections fail before there is a leader?", Fact: "elections.failed",
			Choices: []lessons.Choice{{Value: "0", Text: "none"}, {Value: "1", Text: "one"},
				{Value: "5", Text: "five, since the candidates stay in step"}},
			Why: "the member with the shortest random timeout is the next candidate, and it is alone"},
	},
	Claims: []lessons.Claim{
		"ok == yes", "votes.n1 == 2", "votes.n2 == 2", "votes.needed == 3", "leader.term-3 == nobody", "leader.term-4 == n2",
		"elections.failed == 1", "split.narrowest > 90%", "split.widest < 15%",
	},
	Misconception: "When a leader dies, the next one is known at once, by some order of the members.",
}

var lostStep = lessons.LessonStep{
	ID: "lost", Title: "A write that is lost, and one that is kept", Run: lessons.Driver(lost),
	Predictions: []lessons.Prediction{
		{ID: "thrown-away", Question: "What happens to the entries that only the cut-off side, n1 and n2, has in its logs?",
			Fact:    "cut-off.unknown.fate",
			Choices: fateChoices(), Why: "the majority has filled their indexes with other entries, which overwrite n1's"},
		{ID: "under-way", Question: "And to the writes that a dying leader did not answer?", Fact: "crash.unknown.fate",
			Choices: fateChoices(), Why: "whatever had reached the next leader's log gets committed, though no client is told"},
		{ID: "acknowledged", Question: "How many of about two thousand acknowledged writes are lost in the second run?",
			Fact: "crash.acknowledged.lost", Within: 0,
			Why: "an acknowledged write is on a majority's disks, and a member that lacks it can't win an election"},
	},
	Claims: []lessons.Claim{
		"cut-off-writes.ok == yes", "crash-under-way.ok == yes",
		"cut-off.acknowledged.lost == 0", "crash.acknowledged.lost == 0",
		"n1.appended > 0", "n1.thrown-away > 0", "others.thrown-away == 0", "cut-off.unknown.kept == 0",
		"crash.unknown.fate == some kept, some lost",
	},
	Misconception: "A write that timed out did not happen.",
}

func fateChoices() []lessons.Choice {
	return []lessons.Choice{{Value: "all kept", Text: "they are kept"}, {Value: "all lost", Text: "they are lost"},
		{Value: "some kept, some lost", Text: "some are kept, some are lost"}}
}
