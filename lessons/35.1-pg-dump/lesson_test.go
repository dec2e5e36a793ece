package pgdump

import (
	"testing"

	"quorumlab/lessons/lessontest"
)

func TestMain(m *testing.M) { lessontest.Main(m) }

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson()) }

func TestAnswers(t *testing.T) {
	nightly := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "nightly", Text: text, Points: points, Hint: hint}
	}
	migration := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "migration", Text: text, Points: points, Hint: hint}
	}
	lessontest.Answers(t, Lesson(), map[string]lessontest.TaskAnswer{
		"a directory does as well": nightly("pg_dump -Fd -j2 --exclude-table-data journal -f shop.dump shop", 10, ""),
		"into standard output":     nightly("pg_dump -Fc -Z1 --exclude-table-data='public.jour*' shop > shop.dump", 10, ""),
		"over an earlier dump": nightly("pg_dump -Fc shop > shop.dump\npg_dump -Fc --exclude-table-data=journal "+
			"-f shop.dump shop", 10, ""),
		"everything":        nightly("pg_dump -Fc -f shop.dump shop", 8, "the trigger needs the table"),
		"without the table": nightly("pg_dump -Fc -T journal -f shop.dump shop", 6, "what does a dump leave out"),
		"one schema": nightly("pg_dump -Fc -n public --exclude-table-data=journal -f shop.dump shop", 5,
			"what does a dump leave out"),
		"compressed SQL": nightly("pg_dump -Fp -Z6 --exclude-table-data=journal -f shop.dump shop", 0, "pg_restore "+
			"can select"),
		"uncompressed": nightly("pg_dump -Ft --exclude-table-data=journal -f shop.dump shop", 9, "the sizes in step "+
			"formats"),
		"no rows":   nightly("pg_dump -Fc -s -f shop.dump shop", 2, "which tables are dumped"),
		"rows only": nightly("pg_dump -Fc -a -f shop.dump shop", 2, "do they need anything else"),
		"another file": nightly("pg_dump -Fc --exclude-table-data=journal -f night.dump shop", 0, "pg_restore can "+
			"select"),
		"another database": nightly("pg_dump -Fc -f shop.dump postgres", 2, "which tables are dumped"),
		"no answer":        nightly("# pg_dump\n", 0, "pg_restore can select"),
		"a later one fails": nightly("pg_dump -Fc -f shop.dump shop\npg_dump -Fc -f shop.dump shp", 0, "pg_restore can "+
			"select"),
		"one that is unknown": {Task: "nightly", Text: "pg_dump -Fc\npg_dump --exclude-data=x", Bad: "nightly.txt:2:9: "},
		"another program":     {Task: "nightly", Text: "psql -f x", Bad: `nightly.txt:1:1: unknown program "psql"`},

		"after the dump":       migration("wait-dump\nalter 0", 10, ""),
		"only after the night": migration("alter 1s\nalter 1s", 0, "can be tried again"),
		"no patience at all":   migration("alter 1ms\nwait-dump\nalter 1s", 10, ""),
		"too much patience":    migration("alter 2s\nwait-dump\nalter 2s", 6, "holds up all that come after it"),
		"without the dump":     migration("cancel-dump\nalter 1s", 7, "needs its locks to the end"),
		"nothing":              migration("wait-dump", 0, "can be tried again"),
		"no time":              {Task: "migration", Text: "alter soon", Bad: `migration.txt:1:7: "soon" is not a lock_timeout`},
		"no command":           {Task: "migration", Text: "wait", Bad: `migration.txt:1:1: unknown command "wait"`},
	})
}
