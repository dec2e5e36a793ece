package archivecommand

import (
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

var failingStep = lessons.LessonStep{
	ID: "failing", Title: "The archive is away", Run: lessons.Driver(runFailing),
	Predictions: []lessons.Prediction{
		{ID: "grows", Question: "max_wal_size is 4 MB, and segments have 1 MB. While the archive is away 24 segments are " +
			"written, with checkpoints in between. About how many are in pg_wal then?", Fact: "failing.segments",
			Within: 0.25, Why: "a segment is kept until it is archived, whatever max_wal_size says"},
		{ID: "names", Question: "Which of the waiting segments does last_failed_wal of pg_stat_archiver name?",
			Fact: "failed.names",
			Choices: []lessons.Choice{{Value: "the oldest", Text: "the oldest"}, {Value: "the newest", Text: "the newest"},
				{Value: "another one", Text: "one after the other"}},
			Why: "segments are archived in order, so only the oldest is tried, again and again"},
	},
	Claims: []lessons.Claim{"healthy.segments <= 8", "waiting >= 24", "failing.segments >= 24", "failed.names == the " +
		"oldest",
		"repaired.waiting == 0", "repaired.segments <= 8", "missing == 0"},
	Misconception: "max_wal_size is a limit, and failed_count is how many segments are not archived.",
}

var liesStep = lessons.LessonStep{
	ID: "lies", Title: "Commands that lie, and commands that overwrite", Run: lessons.Driver(runLies),
	Predictions: []lessons.Prediction{
		{ID: "lied", Question: "50 entries are archived after the backup of 150, then 100 with /bin/true as " +
			"archive_command, " +
			"then 50 with a good one again. A restore without a target: how many are there?", Fact: "lie.latest",
			Choices: []lessons.Choice{{Value: "200", Text: "200, without an error"},
				{Value: "250", Text: "250: all but the 100"}, {Value: pg.Refused, Text: "none: it refuses to start"}},
			Why: "the replay ends at the gap, as it would end at the end of the archive"},
		{ID: "lied-target", Question: "The same with a target after the last entry?", Fact: "lie.target",
			Choices: []lessons.Choice{{Value: "200", Text: "200, without an error"}, {Value: "350", Text: "350"},
				{Value: pg.Refused, Text: "none: it refuses to start"}},
			Why: "who names a target wants no less"},
		{ID: "cloned", Question: "A clone of the server (100 entries) is started for a test, with its archive_command, " +
			"cp %p archive/%f, and books 10. The server has booked 50 and archived them before. A restore of the server: how " +
			"many of its own entries are there?", Fact: "overwrite.own",
			Choices: []lessons.Choice{{Value: "100", Text: "100"}, {Value: "150", Text: "150"}},
			Why: "both write segments of the same names, and the later one replaces the other's; with test ! -f the clone is " +
				"refused"},
	},
	Claims: []lessons.Claim{"lie.latest == 200", "lie.target == refused", "lie.failed == 0", "lie.missing >= 2",
		"overwrite.own == 100", "overwrite.clone == 10", "overwrite.missing == 0", "overwrite.failed == 0",
		"refuse.own == 150", "refuse.clone == 0", "refuse.missing == 0", "refuse.failed == yes"},
	Misconception: "Archiving is on and nothing has failed, so there is a backup.",
}

var rpoStep = lessons.LessonStep{
	ID: "rpo", Title: "How much an archive can lose", Run: lessons.Driver(runRPO),
	Predictions: []lessons.Prediction{
		{ID: "zero", Question: "archive_timeout is 0, the default. A few entries are booked each second, and after a while " +
			"the server is lost. What comes back of what was booked since the base backup?", Fact: "timeout-0.some",
			Choices: []lessons.Choice{{Value: "nothing", Text: "nothing"}, {Value: "a part", Text: "a part"},
				{Value: "all", Text: "all"}},
			Why: "no segment was full, so none was archived"},
		{ID: "one-second", Question: "And with archive_timeout = 1s?", Fact: "timeout-1.some",
			Choices: []lessons.Choice{{Value: "nothing", Text: "nothing"}, {Value: "a part", Text: "a part"},
				{Value: "all", Text: "all"}},
			Why: "all but what was booked since the last switch"},
		{ID: "same-again", Question: "Is what comes back what pg_waldump finds in the archive?",
			Fact:    "timeout-2.as-predicted",
			Choices: []lessons.Choice{{Value: "yes", Text: "yes, entry by entry"}, {Value: "no", Text: "about"}},
			Why:     "a commit is in the archive or it is not: so the loss can be counted before the restore"},
	},
	Claims: []lessons.Claim{"timeout-0.some == nothing", "timeout-1.some == a part", "timeout-2.some == a part",
		"timeout-3.some == a part", "timeout-0.as-predicted == yes", "timeout-1.as-predicted == yes",
		"timeout-2.as-predicted == yes", "timeout-3.as-predicted == yes", "timeout-1.ratio <= 20%"},
	Misconception: "With an archive nothing is lost, or only the last second.",
}

var streamStep = lessons.LessonStep{
	ID: "stream", Title: "pg_receivewal, and what slots hold", Run: lessons.Driver(runStream),
	Predictions: []lessons.Prediction{
		{ID: "synchronous", Question: "pg_receivewal --synchronous runs, and synchronous_standby_names is '*'. 30 entries " +
			"are booked, and the server is lost with its data. How many come back from what pg_receivewal wrote?",
			Fact: "received.rows", Why: "each commit waited until the receiver had written it to disk"},
		{ID: "away", Question: "The receiver is killed. What does the next commit do?", Fact: "no-receiver",
			Choices: []lessons.Choice{{Value: "done", Text: "it is done, without the receiver"},
				{Value: "waits", Text: "it waits"}},
			Why: "synchronous means just that: no receiver, no commit"},
		{ID: "slot-lost", Question: "A slot's receiver is away, max_slot_wal_keep_size is 4 MB, and 16 MB are written. The " +
			"receiver comes back. What happens?", Fact: "limited.receiver",
			Choices: []lessons.Choice{{Value: "it streams", Text: "it goes on from where it was"},
				{Value: pg.Refused, Text: "it is refused: the WAL is gone"}},
			Why: "the limit protects the server, and costs the receiver its place"},
	},
	Claims: []lessons.Claim{"received.rows == 30", "archived.rows == 0", "no-receiver == waits", "free.segments <= 6",
		"held.segments >= 16", "held.status == extended", "limited.segments <= 10", "limited.status == lost",
		"limited.receiver == refused"},
	Misconception: "A replication slot costs nothing while its receiver is away.",
}
