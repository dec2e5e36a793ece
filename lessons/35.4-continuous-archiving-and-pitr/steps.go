package continuousarchiving

import (
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

var baseStep = lessons.LessonStep{
	ID: "base", Title: "A base backup and an archive", Run: lessons.Driver(runBase),
	Predictions: []lessons.Prediction{
		{ID: "alone-starts", Question: "A base backup is taken without WAL (-X none). What does a server on a copy of it do?",
			Fact: "alone",
			Choices: []lessons.Choice{{Value: "100", Text: "it starts, with the 100 entries at the backup"},
				{Value: pg.Refused, Text: "it refuses to start"}},
			Why: "the files were copied one after the other while the server wrote; only WAL makes them one moment"},
		{ID: "comes-back", Question: "100 entries before the backup, 50 more until the last segment was archived, then 25 " +
			"more, and kill -9. How many does the restore have?", Fact: "archived",
			Choices: []lessons.Choice{{Value: "100", Text: "100: those in the backup"},
				{Value: "150", Text: "150: those in archived segments"},
				{Value: "175", Text: "175: all, since all were committed"}},
			Why: "a segment is archived when it is full, or switched; the last one was only on the dead server's disk"},
	},
	Claims:        []lessons.Claim{"alone == refused", "archived == 150", "lost == 25", "rescued == 175", "timeline == 2"},
	Misconception: "A base backup can be started by itself, and an archive has every commit.",
}

var targetsStep = lessons.LessonStep{
	ID: "targets", Title: "Nine targets", Run: lessons.Driver(runTargets),
	Predictions: []lessons.Prediction{
		{ID: "latest", Question: "The ledger (150 entries) was dropped, and made anew with 20. What does a recovery " +
			"without a target return?", Fact: "none.rows",
			Choices: []lessons.Choice{{Value: "20", Text: "20: the new ledger"}, {Value: "100", Text: "100: that of the backup"},
				{Value: "150", Text: "150: the last state before the DROP"}},
			Why: "the DROP is in the WAL like everything else, and a recovery replays everything"},
		{ID: "default-inclusive", Question: "recovery_target_xid is the transaction of the DROP, and nothing else is set. " +
			"What is there?", Fact: "inclusive.rows",
			Choices: []lessons.Choice{{Value: "150", Text: "150 entries: it stops at that transaction"},
				{Value: pg.NoTable, Text: "no ledger: it stops after that transaction"}},
			Why: "recovery_target_inclusive is on by default, so the target is applied"},
		{ID: "before-backup", Question: "recovery_target_time is before the base backup was taken. What happens?",
			Fact: "past.rows",
			Choices: []lessons.Choice{{Value: pg.Refused, Text: "the server refuses to start"},
				{Value: "0", Text: "it returns an empty ledger"},
				{Value: "100", Text: "it starts without an error, with the 100 entries of the backup"}},
			Why: "a recovery only goes forward: it stops at the first commit after the backup, which is already too late"},
		{ID: "future-target", Question: "recovery_target_time is in an hour. What happens?", Fact: "future.rows",
			Choices: []lessons.Choice{{Value: "20", Text: "it recovers to the end of the archive"},
				{Value: pg.Refused, Text: "the server refuses to start"}},
			Why: "the archive ended before the target, and somebody who names a target wants no less"},
	},
	Claims: []lessons.Claim{"none.rows == 20", "time.rows == 150", "name.rows == 150", "lsn.rows == 150",
		"exclusive.rows == 150", "inclusive.rows == no table", "immediate.rows == 100", "past.rows == 100",
		"future.rows == refused", "future.why == recovery ended before configured recovery target was reached",
		"time.timeline == 2", "none.timeline == 2", "moments.right == 5", "late.rows == no table"},
	Misconception: "Point-in-time recovery goes anywhere in time, and restoring the latest state undoes a mistake.",
}

var waldumpStep = lessons.LessonStep{
	ID: "waldump", Title: "Finding the moment before the mistake", Run: lessons.Driver(runWaldump),
	Predictions: []lessons.Prediction{
		{ID: "named", Question: "A table called ledger was dropped. Is its name in the output of pg_waldump?",
			Fact:    "table.name",
			Choices: []lessons.Choice{{Value: "yes", Text: "yes"}, {Value: "no", Text: "no"}},
			Why:     "WAL describes changes of files; names are rows of the catalog, which only a running server reads"},
		{ID: "with-files", Question: "There are 42 commits in the archive, and one of them is a DROP TABLE. How many " +
			"commits name files that they remove?", Fact: "with.files",
			Choices: []lessons.Choice{{Value: "0", Text: "none"}, {Value: "1", Text: "1: the DROP"},
				{Value: "2", Text: "2: the DROP, and the DELETE of all rows"}},
			Why: "a file is removed when its table is dropped, truncated or rewritten; a DELETE only marks rows"},
	},
	Claims: []lessons.Claim{"commits == 42", "with.files == 1", "xid == yes", "file == yes", "table.name == no",
		"deletes == 30", "recovered == 100"},
	Misconception: "To recover you must remember when the mistake was made.",
}

var timelinesStep = lessons.LessonStep{
	ID: "timelines", Title: "The second try", Run: lessons.Driver(runTimelines),
	Predictions: []lessons.Prediction{
		{ID: "second-try", Question: "A first recovery went to entry 120, was promoted, and booked 10 entries. Now the " +
			"base backup is recovered again, to the time of entry 150. How many entries are there?", Fact: "again.rows",
			Choices: []lessons.Choice{{Value: "120", Text: "120, and no error"}, {Value: "130", Text: "130"},
				{Value: "150", Text: "150"}, {Value: pg.Refused, Text: "the server refuses to start"}},
			Why: "by default it follows the latest timeline, which left the first at entry 120; its next commit is later " +
				"than the target"},
		{ID: "new-timeline", Question: "With recovery_target_timeline = 1 it works. On which timeline does the recovered " +
			"server go on?", Fact: "right.timeline",
			Choices: []lessons.Choice{{Value: "1", Text: "1: it was told so"}, {Value: "2", Text: "2"},
				{Value: "3", Text: "3"}},
			Why: "each end of a recovery begins a new timeline, and the archive says that 2 is taken"},
	},
	Claims: []lessons.Claim{"early.rows == 120", "early.timeline == 2", "again.rows == 120", "right.rows == 150",
		"right.timeline == 3", "newest.rows == 130", "history.lines == 1", "history.parent == 1"},
	Misconception: "If the first recovery was wrong, the same steps with another time put it right.",
}

var pauseStep = lessons.LessonStep{
	ID: "pause", Title: "Look before you promote", Run: lessons.Driver(runPause),
	Predictions: []lessons.Prediction{
		{ID: "paused-write", Question: "A recovery has reached its target and paused. What does it answer to a write?",
			Fact: "paused.write",
			Choices: []lessons.Choice{{Value: "ok", Text: "it is done"},
				{Value: "25006", Text: "SQLSTATE 25006: it is read-only"}},
			Why: "it still is a recovery; a write would begin a timeline, and that is what a promotion is for"},
		{ID: "forward", Question: "It is restarted with a later target. What happens?", Fact: "later.rows",
			Choices: []lessons.Choice{{Value: "140", Text: "it goes on to there"},
				{Value: pg.Refused, Text: "it refuses: the base backup must be restored again"}},
			Why: "replay goes forward, and nothing was promoted yet"},
		{ID: "backward", Question: "And with an earlier one?", Fact: "back.rows",
			Choices: []lessons.Choice{{Value: "110", Text: "it goes back to there"},
				{Value: pg.Refused, Text: "it refuses to start"}},
			Why: "its files already hold later changes, so the earlier moment is not consistent any more"},
		{ID: "in-drop", Question: "Another recovery pauses at the last moment, just before the DROP commits. What does a " +
			"count of the ledger answer there?", Fact: "drop.paused",
			Choices: []lessons.Choice{{Value: "150", Text: "150"}, {Value: pg.NoTable, Text: "there is no such table"},
				{Value: pg.Waits, Text: "nothing: it waits for a lock"}},
			Why: "all of the DROP but its commit was replayed, with its exclusive lock on the table, which only a promotion " +
				"releases"},
	},
	Claims: []lessons.Claim{"paused.rows == 120", "paused.timeline == 1", "paused.write == 25006", "paused.dump == works",
		"later.rows == 140", "back.rows == refused", "promoted.timeline == 2", "promoted.write == ok",
		"promoted.later == 141", "promoted.back == 141",
		"drop.paused == waits for a lock", "drop.promoted == 150"},
	Misconception: "A recovery is over, for better or worse, when it reaches its target.",
}
