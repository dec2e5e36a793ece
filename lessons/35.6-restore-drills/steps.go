package restoredrills

import "quorumlab/lessons"

var rtoStep = lessons.LessonStep{
	ID: "rto", Title: "How long a restore takes", Run: lessons.Driver(runRTO),
	Predictions: []lessons.Prediction{
		{ID: "replays", Question: "One base backup is restored four times: at once, and after each of three rounds that " +
			"update every row twice. How much WAL does the last restore replay, compared to the first?", Fact: "times-more",
			Choices: []lessons.Choice{{Value: "about the same", Text: "about the same: the base backup is the same"},
				{Value: "many times more", Text: "many times more"}},
			Why: "a recovery replays all that was written since the base backup, also what was overwritten later"},
		{ID: "same-rows", Question: "Does each restore have the rows that the source had at that time?", Fact: "same",
			Choices: []lessons.Choice{{Value: "yes", Text: "yes, all of them"}, {Value: "no", Text: "those of the base backup"}},
			Why:     "the base backup is only where the replay begins"},
	},
	Claims:        []lessons.Claim{"same == yes", "grows == yes", "times-more == many times more"},
	Misconception: "A restore takes as long as copying the backup.",
}

var detects = []lessons.Choice{{Value: found, Text: "it finds it"}, {Value: nothing, Text: "it finds nothing"}}

var damagesStep = lessons.LessonStep{
	ID: "damages", Title: "Which tool finds what", Run: lessons.Driver(runDamages),
	Predictions: []lessons.Prediction{
		{ID: "starts", Question: "Some bytes in an index of the base backup are changed. The backup is restored and " +
			"started. " +
			"What does starting it find?", Fact: "index.start", Choices: detects,
			Why: "a start reads what the WAL changes, and no more"},
		{ID: "gone", Question: "A segment in the middle of the archive is missing. The backup is restored without a " +
			"target. " +
			"What does starting it find?", Fact: "segment.start", Choices: detects,
			Why: "where the archive ends, the recovery ends; only a known answer tells that there should be more"},
		{ID: "manifest", Question: "The index was damaged on the live server before the base backup. What does " +
			"pg_verifybackup find?", Fact: "source.verifybackup", Choices: detects,
			Why: "it compares the files with the manifest, which was written from the damaged ones"},
		{ID: "dumped", Question: "And a pg_dump of the restored server?", Fact: "source.dump", Choices: detects,
			Why: "a dump reads tables; indexes are a statement in it"},
	},
	Claims: []lessons.Claim{
		"none.verifybackup == nothing", "none.start == nothing", "none.query == nothing", "none.dump == nothing",
		"none.amcheck == nothing", "none.checksums == nothing",
		"healed.verifybackup == found", "healed.query == nothing", "healed.amcheck == nothing", "healed.checksums == nothing",
		"index.verifybackup == found", "index.start == nothing", "index.query == nothing", "index.dump == nothing",
		"index.amcheck == found", "index.checksums == found",
		"table.verifybackup == found", "table.start == nothing", "table.query == found", "table.dump == found",
		"table.amcheck == found", "table.checksums == found",
		"file.verifybackup == found", "file.start == nothing", "file.query == nothing", "file.dump == found",
		"file.amcheck == found", "file.checksums == nothing",
		"wal.verifybackup == nothing", "wal.start == nothing", "wal.query == found", "wal.dump == nothing",
		"wal.amcheck == nothing", "wal.checksums == nothing",
		"segment.start == nothing", "segment.query == found", "segment.dump == nothing", "segment.amcheck == nothing",
		"source.basebackup == found", "source.verifybackup == nothing", "source.start == nothing",
		"source.query == nothing", "source.dump == nothing", "source.amcheck == found", "source.checksums == found",
		"rows.verifybackup == nothing", "rows.start == nothing", "rows.query == found", "rows.dump == nothing",
		"rows.amcheck == nothing", "rows.checksums == nothing",
	},
	Misconception: "It starts, so the backup is good; or: one tool verifies everything.",
}
