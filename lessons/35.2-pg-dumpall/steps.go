package pgdumpall

import "quorumlab/lessons"

var yesOrNo = []lessons.Choice{{Value: "yes", Text: "yes"}, {Value: "no", Text: "no"}}

var recipesStep = lessons.LessonStep{
	ID: "recipes", Title: "Exit code 0", Run: lessons.Driver(runRecipes),
	Predictions: []lessons.Prediction{
		{ID: "code", Question: "A dump of crm is restored on a new server, which has none of its roles: psql -d crm -f " +
			"crm.sql. What is psql's exit code?", Fact: "plain.exit-code",
			Choices: []lessons.Choice{{Value: "0", Text: "0"}, {Value: "1", Text: "1"}, {Value: "3", Text: "3"}},
			Why:     "psql goes on after errors, and its exit code does not tell of them unless ON_ERROR_STOP is set"},
		{ID: "arrived", Question: "How many of the 1000 customers are there after that?", Fact: "plain.rows",
			Why: "the rows belong to nobody in particular, so they are loaded; what failed are owners, privileges and the " +
				"policy"},
		{ID: "may-read", Question: "And may the role reporting read them?", Fact: "plain.reads", Choices: yesOrNo,
			Why: "there is no such role: roles belong to the server, and pg_dump dumps a database"},
		{ID: "stopped", Question: "The output of pg_dumpall is restored with ON_ERROR_STOP=1. How many customers are there?",
			Fact: "all-stop.rows",
			Why:  "it stops at its first statement that fails: CREATE ROLE postgres, since each server has that one"},
	},
	Claims: []lessons.Claim{
		"plain.exit-code == 0", "plain.errors >= 4", "plain.rows == 1000", "plain.owner == postgres", "plain.reads == no",
		"plain.policy == no",
		"stop.exit-code == 3", "stop.errors == 1", "stop.rows == 0", "one.exit-code == 3", "one.rows == 0",
		"globals.exit-code == 0", "globals.errors == 1", "globals.rows == 1000", "globals.owner == app",
		"globals.reads == yes", "globals.policy == yes", "globals.login == yes", "globals.setting == no",
		"create.exit-code == 0", "create.errors == 1", "create.rows == 1000", "create.owner == app", "create.reads == yes",
		"create.policy == yes", "create.login == yes", "create.setting == yes",
		"all.exit-code == 0", "all.errors == 1", "all.error == yes", "all.rows == 1000", "all.setting == yes",
		"all-stop.exit-code == 3", "all-stop.rows == 0",
	},
	Misconception: "Exit code 0 and all the rows: it is restored.",
}

var whereStep = lessons.LessonStep{
	ID: "where", Title: "What is in which dump", Run: lessons.Driver(runWhere),
	Predictions: []lessons.Prediction{
		{ID: "roles-in", Question: "pg_dump crm: are the roles in it that own its tables?", Fact: "role.crm",
			Choices: yesOrNo,
			Why:     "it names them, but does not create them: they belong to the server"},
		{ID: "passwords-in", Question: "Are passwords in pg_dumpall --globals-only?", Fact: "hash.globals", Choices: yesOrNo,
			Why: "as hashes, with which users can log in to the restored server; so keep that file like a password file"},
		{ID: "settings-in", Question: "A setting was changed with ALTER SYSTEM. Is it in pg_dumpall?", Fact: "system.all",
			Choices: yesOrNo, Why: "it is in postgresql.auto.conf, a file; dumps have what is in the catalogs"},
		{ID: "statistics-in", Question: "The planner has statistics of 2 columns of customers. Of how many after the " +
			"restore?",
			Fact: "statistics.new", Why: "statistics are not restored: run ANALYZE, or the first queries get bad plans"},
	},
	Claims: []lessons.Claim{
		"rows.crm == yes", "rows.globals == no", "rows.all == yes", "policy.crm == yes", "policy.globals == no",
		"setting.crm == no", "setting.crm-create == yes", "setting.all == yes",
		"role.crm == no", "role.crm-create == no", "role.globals == yes", "role.all == yes", "member.crm == no",
		"member.globals == yes", "hash.crm == no", "hash.globals == yes", "hash.all == yes", "hash.without == no",
		"hr.crm == no", "hr.globals == no", "hr.all == yes", "system.all == no", "hba.all == no", "slot.all == no",
		"statistics.old == 2", "statistics.new == 0",
	},
	Misconception: "pg_dump has the roles, and pg_dumpall has everything.",
}

var rowsStep = lessons.LessonStep{
	ID: "rows", Title: "Whose dump it is", Run: lessons.Driver(runRows),
	Predictions: []lessons.Prediction{
		{ID: "reads-all", Question: "A table has a row security policy. A role with pg_read_all_data, which may read every " +
			"table, dumps it. How many of the 1000 rows are in the dump?", Fact: "reader.rows",
			Why: "pg_dump refuses to write a dump that a policy would make incomplete: exit code 1"},
		{ID: "enabled", Question: "Bob, who may see 49 of the rows, uses --enable-row-security. What is the exit code?",
			Fact: "security.exit-code", Choices: []lessons.Choice{{Value: "0", Text: "0"}, {Value: "1", Text: "1"}},
			Why: "that option says: dump what I may see. So it did"},
		{ID: "hashes", Question: "pg_read_all_data is meant for roles that read and do nothing else. Has such a role the " +
			"hashes of all passwords in its pg_dumpall --globals-only?", Fact: "hashes.reader",
			Choices: []lessons.Choice{{Value: "yes", Text: "yes"}, {Value: "no", Text: "no, they are left out"},
				{Value: "refused", Text: "no, the dump is refused"}},
			Why: "\"all data\" includes the catalog pg_authid, in which the hashes are"},
	},
	Claims: []lessons.Claim{
		"superuser.rows == 1000", "owner.rows == 1000", "reader.rows == 0", "reader.exit-code == 1", "reader.policy == yes",
		"bypass.rows == 1000", "bypass.exit-code == 0", "bob.rows == 0", "bob.exit-code == 1", "security.rows == 49",
		"security.exit-code == 0", "hashes.reader == yes", "hashes.bob == refused",
	},
	Misconception: "Who may read every table gets a complete dump; and an incomplete one would fail.",
}

var twoStep = lessons.LessonStep{
	ID: "two", Title: "Two databases, two moments", Run: lessons.Driver(runTwo),
	Predictions: []lessons.Prediction{
		{ID: "impossible", Question: "Each order is counted in crm, and then in hr. 120 orders are counted while " +
			"pg_dumpall is " +
			"in the middle of crm. Which counter is ahead in the dump?", Fact: "ahead.of",
			Choices: []lessons.Choice{{Value: "never", Text: "neither: they are equal"}, {Value: "hr", Text: "hr"}},
			Why:     "pg_dumpall runs pg_dump for one database after the other, and each has a snapshot of its own"},
		{ID: "by-how-much", Question: "And by how many orders?", Fact: "ahead",
			Why: "crm's snapshot is of the time before them, hr's of the time after"},
	},
	Claims:        []lessons.Claim{"ahead.of == hr", "ahead == 120"},
	Misconception: "One pg_dumpall is one moment.",
}
