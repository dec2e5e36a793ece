package backupandrestore

import "quorumlab/lessons"

var saveStep = lessons.LessonStep{
	ID: "save", Title: "A snapshot", Run: lessons.Driver(runSave),
	Predictions: []lessons.Prediction{
		{ID: "during", Question: "A client is reading a snapshot while another one writes. What happens to the write?",
			Fact: "write.during",
			Choices: []lessons.Choice{{Value: answered, Text: "it is answered as usual"},
				{Value: timedOut, Text: "it waits until the snapshot is saved"}},
			Why: "a snapshot is a read transaction on the database: it sees one moment, and writes continue meanwhile"},
		{ID: "no-quorum", Question: "Two of three members are dead. Can you still take a snapshot of the third?",
			Fact: "without.quorum",
			Choices: []lessons.Choice{{Value: answered, Text: "yes"}, {Value: timedOut, Text: "no: without a quorum nothing " +
				"is answered"}},
			Why: "a snapshot is one member's data; it asks nobody else"},
		{ID: "size", Question: "How large is the snapshot of 9,000 keys with values of 1 KiB? (for example 5MiB)",
			Fact: "size", Within: 0.5,
			Why: "the file is the whole database: keys, values, revisions and half-filled pages"},
	},
	Claims: []lessons.Claim{"write.during == answered", "behind == 1", "without.quorum == answered",
		"without.quorum.orders == 9001", "size >= 9MiB", "size <= 27MiB"},
	Misconception: "A backup needs a maintenance window and a healthy cluster.",
}

var lostStep = lessons.LessonStep{
	ID: "lost", Title: "What a restore loses", Run: lessons.Driver(runLost),
	Predictions: []lessons.Prediction{
		{ID: "orders-lost", Question: "125 orders are acknowledged, the newest snapshot has 100. All members die, and it " +
			"is restored. How many orders are lost?", Fact: "lost",
			Choices: []lessons.Choice{{Value: "0", Text: "none: they were acknowledged, so they are on disk"},
				{Value: "1", Text: "1: the one that was in flight"}, {Value: "25", Text: "25: all after the snapshot"}},
			Why: "a restore creates a new cluster from the file alone; the old members' logs are not read"},
		{ID: "revision", Question: "The store died at revision 126. At which revision does the restored one start?",
			Fact: "revision.after",
			Choices: []lessons.Choice{{Value: "1", Text: "1: it is a new cluster"},
				{Value: "101", Text: "101: where the snapshot was"}, {Value: "126", Text: "126: revisions never go back"}},
			Why: "the revision is in the file, and nothing knows how far the old store had got"},
	},
	Claims: []lessons.Claim{"lost == 25", "revision.before == 126", "revision.after == 101",
		"revision.again == 102", "cluster.id == another"},
	Misconception: "A restore resumes where the clients left off.",
}

var watchStep = lessons.LessonStep{
	ID: "watch", Title: "The silent watch", Run: lessons.Driver(runWatch),
	Predictions: []lessons.Prediction{
		{ID: "told", Question: "A controller's watch has seen revision 51. The store is restored at 21. What is the watch " +
			"told?", Fact: "plain.told",
			Choices: []lessons.Choice{{Value: "nothing", Text: "nothing"}, {Value: "required revision has been compacted",
				Text: "that its revision has been compacted"}, {Value: "required revision is a future revision",
				Text: "that its revision is in the future"}},
			Why: "a watch may start at a future revision, so waiting for one is not an error"},
		{ID: "missed", Question: "50 more orders are written. How many of them does that watch never deliver?",
			Fact: "plain.missed",
			Choices: []lessons.Choice{{Value: "0", Text: "none: it only takes a while"},
				{Value: "30", Text: "30: until the store reaches the watch's revision"}, {Value: "50", Text: "all 50: it is dead"}},
			Why: "the watch waits for revision 52, which the store reaches with the 31st order; it did not ask for what came " +
				"before"},
		{ID: "bumped", Question: "Now the restore bumps the revision by 100 and marks everything before as compacted. What " +
			"is the watch told?", Fact: "bumped.told",
			Choices: []lessons.Choice{{Value: "nothing", Text: "nothing"}, {Value: "required revision has been compacted",
				Text: "that its revision has been compacted"}},
			Why: "its revision is now in the compacted past: the one answer that makes every client list again"},
	},
	Claims: []lessons.Claim{
		"plain.told == nothing", "plain.revision == 21", "plain.missed == 30",
		"short.told == nothing", "short.revision == 31", "short.missed == 20",
		"bumped.told == required revision has been compacted", "bumped.revision == 121",
	},
	Misconception: "After a restore clients reconnect and carry on.",
}

var verdicts = []lessons.Choice{{Value: "ok", Text: "it finds nothing wrong"},
	{Value: "fails", Text: "it reports the problem, or crashes"}}

var damageStep = lessons.LessonStep{
	ID: "damage", Title: "Files that are not backups", Run: lessons.Driver(runDamage),
	Predictions: []lessons.Prediction{
		{ID: "flip", Question: "One bit of a snapshot was flipped. What does etcdutl snapshot status do?",
			Fact: "flip.status", Choices: verdicts,
			Why: "it counts and hashes the content, but has nothing to compare the hash with"},
		{ID: "cut", Question: "And with a snapshot that was truncated in the middle?", Fact: "cut.status", Choices: verdicts,
			Why: "it opens the file as a database, which points to missing pages"},
		{ID: "copy", Question: "A member is killed, and its database file is copied. Are all acknowledged orders in it?",
			Fact:    "copy.all",
			Choices: []lessons.Choice{{Value: "yes", Text: "yes: they were acknowledged"}, {Value: "no", Text: "no"}},
			Why:     "the WAL is what makes a write durable; the database follows ten times a second"},
	},
	Claims: []lessons.Claim{
		"whole.status == ok", "whole.restore == ok",
		"flip.status == ok", "flip.hash == another", "flip.restore == wrong sha256", "flip.skip == ok",
		"flip.value == the balance is 1001",
		"cut.status == fails", "cut.restore == missing hash",
		"sum.status == ok", "sum.restore == missing hash", "sum.skip == ok",
		"copy.status == ok", "copy.restore == missing hash", "copy.skip == ok", "copy.all == no", "copy.missing > 0",
	},
	Misconception: "Snapshot status verifies a backup, and a copy of the database file is one.",
}

var quorumStep = lessons.LessonStep{
	ID: "quorum", Title: "Two of three disks", Run: lessons.Driver(runQuorum),
	Predictions: []lessons.Prediction{
		{ID: "remove", Question: "n2 and n3 are dead for good. Can they be removed, so that n1 continues alone?",
			Fact: "lost.remove",
			Choices: []lessons.Choice{{Value: answered, Text: "yes"}, {Value: timedOut, Text: "no: a removal is a write like " +
				"any other"}},
			Why: "a membership change goes through the log, and nothing does without a quorum"},
		{ID: "survivor-has", Question: "25 orders were acknowledged; the last backup has 20. How many does a snapshot of " +
			"n1 have?", Fact: "survivor.orders",
			Choices: []lessons.Choice{{Value: "0", Text: "none: it can't be taken"}, {Value: "20", Text: "20"},
				{Value: "25", Text: "25"}},
			Why: "n1 had applied them all, and a snapshot asks nobody else"},
	},
	Claims: []lessons.Claim{
		"lost.put == timed out", "lost.get == timed out", "lost.local == answered", "lost.snapshot == answered",
		"lost.remove == timed out",
		"old.orders == 20", "survivor.orders == 25", "forced.orders == 25", "forced.put == answered",
		"forced.get == answered",
		"forced.members == 1", "grown.members == 2",
	},
	Misconception: "When quorum is lost, the last backup is all there is.",
}

var replaceStep = lessons.LessonStep{
	ID: "replace", Title: "Replacing a member", Run: lessons.Driver(runReplace),
	Predictions: []lessons.Prediction{
		{ID: "add", Question: "n3 of three is dead for good. What does etcd say to adding n4 first, as a voting member?",
			Fact: "add.voter",
			Choices: []lessons.Choice{{Value: answered, Text: "it adds it"}, {Value: "unhealthy cluster",
				Text: "unhealthy cluster"}},
			Why: "four members need three: with n3 dead, and n4 without data, the cluster would be stuck"},
		{ID: "early", Question: "n3 was removed, and n4 was added as a learner but not started. What does etcd say to its " +
			"promotion?", Fact: "promote.early",
			Choices: []lessons.Choice{{Value: answered, Text: "it promotes it"},
				{Value: "can only promote a learner member which is in sync with leader", Text: "only one that has caught up"},
				{Value: "unhealthy cluster", Text: "unhealthy cluster"}},
			Why: "learners exist so that no member without data has a vote"},
	},
	Claims: []lessons.Claim{
		"add.voter == unhealthy cluster", "add.learner == unhealthy cluster", "remove.alive == unhealthy cluster",
		"remove.dead == answered", "then.learner == answered", "promote.early == can only promote a learner member which " +
			"is in sync with leader",
		"promote == answered", "voters == 3", "orders == 26",
	},
	Misconception: "Add the new member first, then remove the dead one: that way there are never too few members.",
}
