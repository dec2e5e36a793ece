package pgrestore

import "quorumlab/lessons"

var selectStep = lessons.LessonStep{
	ID: "select", Title: "One table out of a dump", Run: lessons.Driver(runSelect),
	Predictions: []lessons.Prediction{
		{ID: "t-indexes", Question: "The table order_lines has a primary key and one more index. How many indexes does it " +
			"have " +
			"after pg_restore -t order_lines into an empty database?", Fact: "t.indexes",
			Why: "-t takes the table and its rows; keys, indexes, foreign keys, triggers and privileges are entries of their " +
				"own"},
		{ID: "all-lines", Question: "All lines of the list that name order_lines are restored (-L) to an empty database. " +
			"Its " +
			"foreign keys refer to orders and products. What is the exit code?", Fact: "all.exit-code",
			Choices: []lessons.Choice{{Value: "0", Text: "0"}, {Value: "1", Text: "1"}},
			Why: "the foreign keys can't be created without those tables; all else is there, and pg_restore counts the " +
				"errors"},
		{ID: "into-schema", Question: "Now the whole schema is restored, and then the rows of order_lines alone. How many " +
			"of " +
			"its 2000 rows come back?", Fact: "schema.rows",
			Why: "each row refers to an order, and there is none: COPY fails as a whole"},
	},
	Claims: []lessons.Claim{"t.rows == 2000", "t.indexes == 0", "t.foreign-keys == 0", "t.exit-code == 0",
		"all.rows == 2000", "all.indexes == 2", "all.foreign-keys == 0", "all.exit-code == 1",
		"keys.rows == 2000", "keys.indexes == 2", "keys.foreign-keys == 0", "keys.exit-code == 0",
		"schema.rows == 0", "schema.exit-code == 1", "entries == 6"},
	Misconception: "pg_restore -t restores the table.",
}

var liveStep = lessons.LessonStep{
	ID: "live", Title: "Into a database that is not empty", Run: lessons.Driver(runLive),
	Predictions: []lessons.Prediction{
		{ID: "twice", Question: "A dump is restored twice to the same database. The table journal has no primary key, and " +
			"1000 " +
			"rows in the dump. How many has it afterwards?", Fact: "again.journal",
			Why: "CREATE TABLE fails, which pg_restore reports, and then it loads the rows into the table that is there"},
		{ID: "in-the-way", Question: "The database has a view of orders that the dump does not know. pg_restore --clean " +
			"--if-exists replaces everything. How many of the 1000 orders are there afterwards?", Fact: "view.orders",
			Choices: []lessons.Choice{{Value: "0", Text: "0"}, {Value: "1000", Text: "1000"}, {Value: "2000", Text: "2000"}},
			Why: "the primary key can be dropped, the table can't because of the view; then the rows are loaded once more, " +
				"and " +
				"nothing forbids it"},
		{ID: "atomic", Question: "The same with -1 (--single-transaction). How many orders are there afterwards?",
			Fact: "one.orders", Choices: []lessons.Choice{{Value: "0", Text: "0"}, {Value: "1000", Text: "1000"},
				{Value: "2000", Text: "2000"}},
			Why: "the first error takes everything back"},
	},
	Claims: []lessons.Claim{
		"again.orders == 1000", "again.journal == 2000", "again.exit-code == 1",
		"clean.orders == 1000", "clean.journal == 1000", "clean.exit-code == 0",
		"empty.orders == 1000", "empty.exit-code == 1", "if-exists.orders == 1000", "if-exists.exit-code == 0",
		"view.orders == 2000", "view.journal == 1000", "view.exit-code == 1", "stop.tables <= 5", "stop.exit-code == 1",
		"one.orders == 1000", "one.journal == 1000", "one.tables == 6", "one.exit-code == 1",
		"back.exit-code == 0", "back.same == yes", "back.indexes == 9", "back.foreign-keys == 3", "back.orders == 1005",
	},
	Misconception: "A restore replaces what is there; or: if it fails, nothing has changed.",
}

var parallelStep = lessons.LessonStep{
	ID: "parallel", Title: "Sections and jobs", Run: lessons.Driver(runParallel),
	Predictions: []lessons.Prediction{
		{ID: "when-indexed", Question: "A restore has three sections: pre-data, data, post-data. How many of the 9 indexes " +
			"are " +
			"there when all rows are loaded?", Fact: "data.indexes",
			Why: "indexes and keys are built at the end: that is faster than to keep them current row by row"},
		{ID: "one-transaction", Question: "Two jobs and a single transaction, -j 2 -1: what does pg_restore say?",
			Fact:    "refused.transaction",
			Choices: []lessons.Choice{{Value: "accepted", Text: "it does it"}, {Value: "refused", Text: "it refuses"}},
			Why:     "each job has a connection of its own, and a transaction belongs to one connection"},
		{ID: "piped", Question: "And -j 2 with the dump from a pipe?", Fact: "refused.pipe",
			Choices: []lessons.Choice{{Value: "accepted", Text: "it does it"}, {Value: "refused", Text: "it refuses"}},
			Why:     "each job jumps to its tables in the file, and there is no jumping in a pipe"},
	},
	Claims: []lessons.Claim{
		"pre-data.tables == 6", "pre-data.rows == 0", "pre-data.indexes == 0", "data.rows == 246600", "data.indexes == 0",
		"data.foreign-keys == 0", "post-data.rows == 246600", "post-data.indexes == 9", "post-data.foreign-keys == 3",
		"jobs.same == yes", "refused.transaction == refused", "refused.pipe == refused", "refused.tar == refused",
	},
	Misconception: "Twice as many jobs take half the time.",
}

var finds = []lessons.Choice{{Value: found, Text: "it finds it"}, {Value: nothing, Text: "it finds nothing"}}

var proofStep = lessons.LessonStep{
	ID: "proof", Title: "What proves that a dump is good", Run: lessons.Driver(runProof),
	Predictions: []lessons.Prediction{
		{ID: "listed", Question: "40% of the file are missing at its end. Does pg_restore --list find that?",
			Fact:    "cut.list",
			Choices: finds, Why: "the list is at the beginning of the file, and it reads no further"},
		{ID: "letter-restored", Question: "In a dump without compression one letter was changed. Does a restore find that?",
			Fact: "letter.restore", Choices: finds,
			Why: "the dump has no checksums; \"product 17\" is as good a name as \"product 77\""},
		{ID: "packed", Question: "In a compressed one a byte was changed. Does pg_restore -f /dev/null, which unpacks it " +
			"all, " +
			"find that?", Fact: "flip.read", Choices: finds, Why: "compressed data does not unpack with a byte changed, or " +
			"has " +
			"another checksum"},
	},
	Claims: []lessons.Claim{
		"none.list == nothing", "none.read == nothing", "none.restore == nothing", "none.compare == nothing",
		"empty.list == found", "empty.restore == found", "cut.list == nothing", "cut.read == found", "cut.restore == found",
		"flip.list == nothing", "flip.read == found", "flip.restore == found",
		"letter.list == nothing", "letter.read == nothing", "letter.restore == nothing", "letter.compare == found",
		"rows.list == nothing", "rows.read == nothing", "rows.restore == nothing", "rows.compare == found",
	},
	Misconception: "pg_restore --list works, so the backup is good.",
}
