package compactionanddefragmentation

import "quorumlab/lessons"

// putAfter are the choices for a put.
var putAfter = []lessons.Choice{{Value: "ok", Text: "it is answered"},
	{Value: noSpace, Text: "it is rejected: " + noSpace}}

var ladderStep = lessons.LessonStep{
	ID: "ladder", Title: "Recovering from NOSPACE", Run: lessons.Driver(runLadder),
	Predictions: []lessons.Prediction{
		{ID: "puts", Question: "ONE key of 16 KiB is overwritten, with a quota of 8 MiB. After how many puts is the store " +
			"full?", Fact: "puts", Within: 0.25,
			Why: "every revision stays until it is compacted, so each put takes up 16 KiB plus page overhead"},
		{ID: "cure", Question: "Then: delete the key, compact, disarm, defrag, disarm again, each followed by a put. After " +
			"which step does a put work for the first time?", Fact: "cure",
			Choices: []lessons.Choice{
				{Value: "delete", Text: "the delete"}, {Value: "compact", Text: "the compaction"},
				{Value: "disarm-early", Text: "the first disarm"},
				{Value: "defrag", Text: "the defragmentation"}, {Value: "disarm", Text: "the last disarm"},
			},
			Why: "it needs room in the file, which the defragmentation makes, and an alarm that is disarmed after that"},
		{ID: "file", Question: "How large is the file after the compaction, which drops all but the newest revision?",
			Fact: "file.compacted",
			Choices: []lessons.Choice{{Value: "as large as before", Text: "as large as before"},
				{Value: "smaller", Text: "much smaller"}},
			Why: "a compaction frees pages inside the file, but the file keeps them"},
	},
	Claims: []lessons.Claim{
		"puts >= 300", "puts <= 700",
		"delete == ok", claimFull("delete"), "compact == ok", claimFull("compact"), "disarm-early == ok",
		claimFull("disarm-early"),
		"defrag == ok", claimFull("defrag"), "disarm == ok", "put.after.disarm == ok", "cure == disarm",
		"file.compacted == as large as before", "in-use.compact <= 1MiB", "size.defrag <= 1MiB",
		"get.at-5 == required revision has been compacted", "get == ok",
	},
	Misconception: "Deleting and compacting free disk space, and a defragmentation clears the alarm.",
}

// claimFull says that the put behind a step is refused.
func claimFull(step string) lessons.Claim {
	return lessons.Claim("put.after." + step + " == " + noSpace)
}

var roundsStep = lessons.LessonStep{
	ID: "rounds", Title: "What compaction is for", Run: lessons.Driver(runReuse),
	Predictions: []lessons.Prediction{
		{ID: "with-put", Question: "Two hundred keys of 8 KiB are overwritten eight times, with a quota of 12 MiB and a " +
			"compaction after each round. What happens to the last put?", Fact: "with.put", Choices: putAfter,
			Why: "each round is written to the pages that the last compaction freed"},
		{ID: "old-watch", Question: "What does a watch from revision 2 on the compacted store get?", Fact: "watch.old",
			Choices: []lessons.Choice{{Value: "events", Text: "the events from there on"},
				{Value: "required revision has been compacted", Text: "an error: its revision has been compacted"}},
			Why: "compacted revisions are gone for reads and watches; the client has to list again"},
	},
	Claims: []lessons.Claim{
		lessons.Claim("without.put == " + noSpace), "with.put == ok", "with.rounds == 8", "without.rounds >= 3",
		"without.rounds <= 7",
		"watch.old == required revision has been compacted", "get.old == required revision has been compacted",
		"watch.kept == events",
		"with.file <= 9MiB",
	},
	Misconception: "The file is as large as the data.",
}

var pauseStep = lessons.LessonStep{
	ID: "pause", Title: "What a defragmentation costs", Run: lessons.Driver(runPause),
	Predictions: []lessons.Prediction{
		{ID: "follower", Question: "One of two followers is defragmented. Who answers puts meanwhile?", Fact: "serves",
			Choices: servers,
			Why:     "the member rewrites its whole file, and holds its database locked until it succeeds"},
		{ID: "leader-too", Question: "And while the leader is defragmented?", Fact: "leader.serves", Choices: servers,
			Why: "the leader's log and heartbeats carry on, so the followers commit and apply; only clients of the leader " +
				"itself wait"},
	},
	Claims: []lessons.Claim{"serves == the others", "leader.serves == the others",
		lessons.Claim("file >= " + leastFile)},
	Misconception: "An online defragmentation is harmless; or: defragmenting the leader stops the cluster.",
}

var servers = []lessons.Choice{{Value: "all", Text: "all: it works in the background"},
	{Value: "the others", Text: "the others, but not that member"}, {Value: "nobody", Text: "nobody"}}

var pinnedStep = lessons.LessonStep{
	ID: "pinned", Title: "A reader that never finishes", Run: lessons.Driver(runPinned),
	Predictions: []lessons.Prediction{
		{ID: "grows", Question: "A client starts reading a snapshot of n1 and stops. Keys are overwritten and compacted, " +
			"round after round. Whose file grows?", Fact: "grows",
			Choices: []lessons.Choice{{Value: "only n1", Text: "only n1's"}, {Value: "both alike",
				Text: "both: they apply the same writes"}},
			Why: "a page that somebody may still read can't be reused"},
		{ID: "held-defrag", Question: "n1 is defragmented meanwhile, to make it smaller. What happens?", Fact: "defrag.held",
			Choices: []lessons.Choice{{Value: "done", Text: "it succeeds"}, {Value: "waits", Text: "it waits for the reader, " +
				"and n1 with it"}},
			Why: "the file can't be replaced while somebody reads it"},
	},
	Claims:        []lessons.Claim{"grows == only n1", "defrag.held == waits", "defrag.released == done"},
	Misconception: "Members that apply the same writes have files of the same size.",
}
