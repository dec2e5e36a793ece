package pgdump

import (
	"fmt"

	"quorumlab/lessons"
)

var formatsStep = lessons.LessonStep{
	ID: "formats", Title: "Formats and compression", Run: lessons.Driver(runFormats),
	Predictions: []lessons.Prediction{
		{ID: "small", Question: "One database is dumped as plain SQL, in the custom format and as tar, without further " +
			"options. Which file is the smallest?", Fact: "smallest",
			Choices: []lessons.Choice{{Value: "plain", Text: "plain"}, {Value: "custom", Text: "custom"},
				{Value: "tar", Text: "tar"}},
			Why: "custom and directory are compressed unless you say otherwise; plain and tar are not"},
		{ID: "nine", Question: "How much smaller than with the default compression is a custom dump with -Z9?",
			Fact: "level-9.gain",
			Choices: []lessons.Choice{{Value: "less than 5%", Text: "less than 5%"}, {Value: "about 15%", Text: "about 15%"},
				{Value: "about 40%", Text: "about 40%"}},
			Why: "the default level finds nearly everything that the highest one does"},
		{ID: "same", Question: "A plain and a custom dump are restored. Do the two databases differ?", Fact: "same.custom",
			Choices: []lessons.Choice{{Value: "no", Text: "yes"}, {Value: "yes", Text: "no, in no row and no object"}},
			Why:     "the formats are containers for the same SQL and the same rows"},
	},
	Claims: []lessons.Claim{"smallest == custom", "half <= 70%", "level-9.gain == less than 5%", "packed-plain >= 80%",
		"same.plain == yes", "same.custom == yes", "same.directory == yes", "same.tar == yes"},
	Misconception: "The custom format is a different kind of backup, and the highest compression is worth its time.",
}

var restoredOrNot = []lessons.Choice{{Value: "restored", Text: "it restores it"},
	{Value: "not restored", Text: "it does not"}}

var readersStep = lessons.LessonStep{
	ID: "readers", Title: "Who reads what", Run: lessons.Driver(runReaders),
	Predictions: []lessons.Prediction{
		{ID: "plain-file", Question: "A plain dump is given to pg_restore. What does it do?", Fact: "plain.pg_restore",
			Choices: restoredOrNot, Why: "a plain dump is a script for psql, without the list that pg_restore works on"},
		{ID: "newer", Question: "An archive was written by a newer pg_dump, in a newer version of the format. What does " +
			"pg_restore do?", Fact: "future.pg_restore", Choices: restoredOrNot,
			Why: "archives are read by the same or a newer version; it says which version it found"},
		{ID: "script", Question: "A tar dump contains the file restore.sql. Somebody runs psql -f restore.sql, to see what " +
			"happens. How many rows does the shop have afterwards? (before: some thousand)", Fact: "shop.after",
			Why: "that script begins with DROP DATABASE and CREATE DATABASE, under the original name"},
	},
	Claims: []lessons.Claim{"plain.psql == restored", "plain.pg_restore == not restored", "plain.hint == yes",
		"packed.psql == not restored", "packed.pg_restore == not restored", "custom.psql == not restored",
		"custom.pg_restore == restored", "custom.hint == yes", "directory.psql == not restored",
		"directory.pg_restore == restored", "tar.psql == not restored", "tar.pg_restore == restored",
		"future.psql == not restored", "future.pg_restore == not restored", "future.version == yes", "header == yes",
		"shop.before >= 2000", "shop.after == 0", "shop.exit-code == 0"},
	Misconception: "Looking into a dump with psql can't do any harm.",
}

var momentStep = lessons.LessonStep{
	ID: "moment", Title: "One moment", Run: lessons.Driver(runMoment),
	Predictions: []lessons.Prediction{
		{ID: "tables", Question: fmt.Sprintf("The bank has %d coins. Its two tables are copied one after the other; in "+
			"between, %d coins move from the first to the second. How many coins are in the copy?", money,
			transfers[len(transfers)-1]), Fact: "by-table",
			Why: "the coins are counted twice: in the first table before they leave, in the second after they arrive"},
		{ID: "whole", Question: "The same with pg_dump, which stands still between the tables while the coins move. How " +
			"many " +
			"coins are in the dump?", Fact: "dump",
			Why: "the whole dump is one transaction with one snapshot (repeatable read)"},
		{ID: "when", Question: "Which moment does the dump show?", Fact: "dump.shows",
			Choices: []lessons.Choice{{Value: "its start", Text: "its start"}, {Value: "its end", Text: "its end"},
				{Value: "something in between", Text: "for each table the moment that it was read"}},
			Why: "the snapshot is taken before the first table is read; whatever is committed later is not in the dump"},
	},
	Claims: []lessons.Claim{"by-table == 200150", "dump == 200000", "dump.transfers == 0", "dump.shows == its " +
		"start"},
	Misconception: "A dump shows the database at the time when it is finished; or: copying all tables is as good.",
}

var doneOrWaits = []lessons.Choice{{Value: answered, Text: "it is done at once"},
	{Value: waits, Text: "it waits until the dump has ended"}}

var waitsStep = lessons.LessonStep{
	ID: "waits", Title: "What waits for a dump", Run: lessons.Driver(runWaits),
	Predictions: []lessons.Prediction{
		{ID: "update", Question: "A dump is running. What happens to an UPDATE of a table that it has not read yet?",
			Fact: "dump.update", Choices: doneOrWaits,
			Why: "the dump only holds ACCESS SHARE locks, as every SELECT does, and reads from its snapshot"},
		{ID: "alter", Question: "And to an ALTER TABLE?", Fact: "dump.alter-table", Choices: doneOrWaits,
			Why: "it needs the table for itself, and the dump holds its locks on all tables from start to end"},
		{ID: "behind", Question: "While that ALTER TABLE waits, somebody asks for a SELECT of the same table. What happens?",
			Fact: "queue.select", Choices: doneOrWaits,
			Why: "locks are granted in order: the SELECT would conflict with the ALTER TABLE that is in front of it"},
		{ID: "dead", Question: fmt.Sprintf("%d rows are updated during the dump, and VACUUM runs. How many of their old "+
			"versions can't it remove?", changed), Fact: "vacuum.held",
			Why: "the dump's snapshot may still need them; this holds for every table, also those it has read already"},
	},
	Claims: []lessons.Claim{
		"dump.select == done", "dump.insert == done", "dump.update == done", "dump.vacuum == done",
		"dump.create-index == done", "dump.alter-table == waits", "dump.truncate == waits", "dump.vacuum-full == waits",
		"queue.select == waits", "queue.insert == waits", "queue.update == waits", "queue.vacuum == waits",
		"queue.create-index == waits", "queue.alter-table == waits", "vacuum.held == 500", "vacuum.free == 0",
	},
	Misconception: "A dump locks out writers; or: a dump does not matter to anybody.",
}

var partsStep = lessons.LessonStep{
	ID: "parts", Title: "Dumps of parts", Run: lessons.Driver(runParts),
	Predictions: []lessons.Prediction{
		{ID: "pattern-tables", Question: "pg_dump --table='order*' dumps the tables orders and order_lines. One column of " +
			"orders has an enum type of its own. How many of the two tables does a restore to an empty database bring back?",
			Fact: "pattern.tables",
			Why:  "the type is not dumped, so orders can't be created; order_lines comes back without its foreign keys"},
		{ID: "letters", Question: "There are 3 large objects. How many are in pg_dump --schema=public?",
			Fact: "namespace.large-objects",
			Why:  "large objects belong to no schema; a dump of parts leaves them out unless --large-objects asks for them"},
		{ID: "functions", Question: "The database has the extension pgcrypto, with dozens of functions. How many of them " +
			"are " +
			"in a whole dump?", Fact: "extension.functions",
			Why: "a dump has CREATE EXTENSION; the new server must have the extension's files itself"},
	},
	Claims: []lessons.Claim{
		"whole.tables == 6", "whole.large-objects == 3", "whole.extensions == 1", "whole.exit-code == 0",
		"schema.tables == 6", "schema.rows == 0", "schema.large-objects == 0", "schema.exit-code == 0",
		"data.tables == 0", "data.rows == 0", "data.exit-code == 1",
		"pattern.tables == 1", "pattern.rows == 1000", "pattern.foreign-keys == 0", "pattern.why == a type is missing",
		"pattern.exit-code == 1",
		"namespace.tables == 6", "namespace.large-objects == 0", "namespace.extensions == 0",
		"without.tables == 6", "without.large-objects == 3", "without.exit-code == 0", "extension.functions == 0",
	},
	Misconception: "A dump of some tables can be restored anywhere.",
}
