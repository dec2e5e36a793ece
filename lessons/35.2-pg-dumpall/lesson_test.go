package pgdumpall

import (
	"testing"

	"quorumlab/lessons/lessontest"
)

func TestMain(m *testing.M) { lessontest.Main(m) }

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson()) }

func TestAnswers(t *testing.T) {
	const globals = "pg_dumpall -g -f globals.sql\npsql -f globals.sql\n"
	move := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "move", Text: text, Points: points, Hint: hint}
	}
	role := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "role", Text: text, Points: points, Hint: hint}
	}
	lessontest.Answers(t, Lesson(), map[string]lessontest.TaskAnswer{
		"pg_dumpall alone": move("pg_dumpall > all.sql\npsql -f all.sql\n", 10, ""),
		"archives": move(globals+"pg_dump -Fc -f crm.dump crm\npg_restore -C -d postgres crm.dump\n"+
			"pg_dump -Fc -f hr.dump hr\npg_restore -C -d postgres hr.dump\n", 10, ""),
		"it stops at the first": move("pg_dumpall -f all.sql\npsql -v ON_ERROR_STOP=1 -f all.sql\n", 0, "a dump of its own"),
		"without passwords": move("pg_dumpall --no-role-passwords -f all.sql\npsql -f all.sql\n", 8,
			"a dump can leave them out"),
		"roles last": move("pg_dump -f crm.sql crm\ncreatedb crm\npsql -d crm -f crm.sql\npg_dump -f hr.sql hr\ncreatedb "+
			"hr\n"+
			"psql -d hr -f hr.sql\n"+globals, 4, "what has to be there first"),
		"databases by hand": move(globals+"createdb crm\ncreatedb hr\npg_dump -f crm.sql crm\npg_dump -f hr.sql hr\n"+
			"psql -d crm < crm.sql\npsql -d hr < hr.sql\n", 8, "an option of pg_dump"),
		"without owners": move(globals+"pg_dump -C -O -x -f crm.sql crm\npg_dump -C -f hr.sql hr\npsql -f crm.sql\n"+
			"psql -f hr.sql\n", 5, "what has to be there first"),
		"one database": move(globals+"pg_dump -C -f crm.sql crm\npsql -f crm.sql\n", 0, "a dump of its own"),
		"no file":      move("psql -f all.sql", 0, "a dump of its own"),
		"no answer":    move("# it moved by itself", 0, "a dump of its own"),
		"elsewhere":    {Task: "move", Text: "pg_dumpall -h new", Bad: "move.txt:1:12: pg_dumpall has no option -h here"},

		"reads, but sees little": role("grant pg_read_all_data", 0, "which rows it sees"),
		"sees like reporting":    role("grant reporting\nattribute bypassrls", 8, "read every database"),
		"as the owner":           role("grant app", 5, "than read"),
		"may write, too": role("grant pg_read_all_data\ngrant pg_write_all_data\nattribute bypassrls", 5, "than "+
			"read"),
		"may replicate, too": role("grant pg_read_all_data\nattribute bypassrls\nattribute replication", 9, "leave out"),
		"twice":              role("grant pg_read_all_data\nattribute bypassrls\nattribute bypassrls", 9, "leave out"),
		"nothing":            role("", 0, "which rows it sees"),
		"no such role": {Task: "role", Text: "grant pg_read_all_dat", Bad: `role.txt:1:7: unknown role "pg_read_all_dat" (did ` +
			`you mean "pg_read_all_data"?)`},
		"SQL": {Task: "role", Text: "grant app;drop", Bad: `role.txt:1:7: unknown role "app;drop"`},
	})
}
