package sidebyside

import "quorumlab/lessons"

var bothStep = lessons.LessonStep{
	ID: "both", Title: "One disaster, two restores", Run: lessons.Driver(runBoth),
	Predictions: []lessons.Prediction{
		{ID: "etcd-lost", Question: "etcd is saved after every 25th order. All members lose their disks after order 99. " +
			"How many orders are lost?", Fact: "etcd.lost.99",
			Choices: []lessons.Choice{{Value: "0", Text: "none: each was acknowledged by a majority"},
				{Value: "24", Text: "24"}, {Value: "74", Text: "74"}},
			Why: "a snapshot is one moment, and nothing is kept of what comes after the newest one"},
		{ID: "pg-lost", Question: "PostgreSQL has one base backup, taken after order 25. WAL is archived after every 10th " +
			"order. The server is lost after order 99. How many orders are lost?", Fact: "pg.lost.99",
			Choices: []lessons.Choice{{Value: "0", Text: "none"}, {Value: "9", Text: "9"},
				{Value: "74", Text: "74: all since the base backup"}},
			Why: "the archive has the changes up to its last segment; how old the base backup is does not matter for the loss"},
		{ID: "etcd-mistake", Question: "After order 110 somebody deletes all orders, and nine more are placed before it is " +
			"noticed. How many orders does the newest snapshot from before the mistake have?", Fact: "etcd.mistake",
			Choices: []lessons.Choice{{Value: "100", Text: "100"}, {Value: "110", Text: "110"}, {Value: "9", Text: "9"}},
			Why:     "one can go back to a snapshot, and to no moment in between"},
		{ID: "pg-mistake", Question: "And a recovery of PostgreSQL to just before it?", Fact: "pg.mistake",
			Choices: []lessons.Choice{{Value: "100", Text: "100"}, {Value: "110", Text: "110"}, {Value: "9", Text: "9"}},
			Why:     "WAL is replayed up to any moment; without a target it would replay the mistake, too"},
		{ID: "watch", Question: "A client of etcd goes on with its watch after the restore, from the revision that it " +
			"knows. Another order is placed. Does it hear of it?", Fact: "etcd.heard",
			Choices: []lessons.Choice{{Value: "yes", Text: "yes"}, {Value: "no", Text: "no"}},
			Why: "the restored store counts its revisions from those of the snapshot; the watch waits for one that was given " +
				"once before"},
	},
	Claims: []lessons.Claim{
		"etcd.lost.34 == 9", "etcd.lost.64 == 14", "etcd.lost.74 == 24", "etcd.lost.99 == 24",
		"pg.lost.34 == 4", "pg.lost.64 == 4", "pg.lost.74 == 4", "pg.lost.99 == 9",
		"etcd.mistake == 100", "pg.mistake == 110", "pg.no-target == 9",
		"etcd.heard == no", "etcd.connection == good", "etcd.missed == 24",
		"pg.connection == broken", "pg.timeline == 2", "pg.slots == 0",
	},
	Misconception: "A snapshot every hour and a base backup every hour lose the same.",
}
