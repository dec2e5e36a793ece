package pgrestore

import (
	"math"
	"testing"
	"time"

	"quorumlab/lessons/lessontest"
)

func TestMain(m *testing.M) { lessontest.Main(m) }

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson()) }

func TestAnswers(t *testing.T) {
	const bare = "TABLE public order_lines\nTABLE DATA public order_lines\n"
	const keys = bare + "CONSTRAINT public order_lines order_lines_pkey\nINDEX public order_lines_product\n"
	table := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "table", Text: text, Points: points, Hint: hint}
	}
	refresh := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "refresh", Text: text, Points: points, Hint: hint}
	}
	lessontest.Answers(t, Lesson(), map[string]lessontest.TaskAnswer{
		"with its keys": table(keys, 5, "so are foreign keys"),
		"another order": table("TABLE DATA public order_lines\nTABLE public order_lines\n", 0, "there before its "+
			"rows"),
		"more than was lost":   table(keys+"TABLE public orders\n", 0, "can't be created again"),
		"rows of others again": table(keys+"TABLE DATA public journal\n", 0, "there before its rows"),
		"the definition only":  table("TABLE public order_lines\n", 0, "there before its rows"),
		"nothing":              table("; later\n", 0, "there before its rows"),
		"no such entry": {Task: "table", Text: "TABLE public order_lines\n  TABLE public order_line ; all of it\n",
			Bad: `table.txt:2:3: the list has no entry "TABLE public order_line" (did you mean "TABLE public order_lines"?)`},
		"twice": {Task: "table", Text: bare + bare, Bad: "table.txt:3:1: this entry is there twice"},

		"clean, step by step": refresh("pg_restore -c --if-exists -d staging shop.dump", 7, "can be one transaction"),
		"errors are ignored":  refresh("pg_restore -c -d staging shop.dump", 6, "hides the next one"),
		"one transaction, but something is missing": refresh("pg_restore -c -1 -d staging shop.dump", 0,
			"what is not there can't"),
		"a new database": refresh("dropdb staging\ncreatedb staging\npg_restore -1 -d staging shop.dump", 8,
			"do not drop the database"),
		"notes kept aside": refresh("pg_dump -Fc -t notes -f notes.dump staging\ndropdb staging\ncreatedb staging\n"+
			"pg_restore -d staging notes.dump\npg_restore -1 -d staging shop.dump\n", 10, ""),
		"rows only":  refresh("pg_restore -a -d staging shop.dump", 0, "has to go first"),
		"dropped":    refresh("dropdb staging", 0, "has to go first"),
		"no answer":  refresh("# tomorrow", 0, "has to go first"),
		"with jobs":  refresh("pg_restore -c --if-exists -1 -j 2 -d staging shop.dump", 0, "has to go first"),
		"into shop":  refresh("pg_restore -c --if-exists -1 -d shop shop.dump", 0, "has to go first"),
		"no program": {Task: "refresh", Text: "psql -d staging", Bad: `refresh.txt:1:1: unknown program "psql"`},
	})
}

// A restore whose times follow Amdahl's law gets its share back.
func TestAmdahl(t *testing.T) {
	var times []time.Duration
	for _, n := range jobs {
		times = append(times, time.Duration(float64(time.Second)*(0.4+0.6/float64(n))))
	}
	if s := serialShare(times); math.Abs(s-0.4) > 1e-9 {
		t.Errorf("the share is %v", s)
	}
	if s := serialShare([]time.Duration{time.Second, time.Second, time.Second}); math.Abs(s-1) > 1e-9 {
		t.Errorf("the share is %v where jobs do not help", s)
	}
}

func TestEntriesIn(t *testing.T) {
	es := entriesIn(";\n; Archive created at ...\n3442; 0 0 SEQUENCE SET public orders_id_seq postgres\n" +
		"2; 3079 16385 EXTENSION - pgcrypto \n\nTABLE\n")
	if len(es) != 2 || es[0].id != "3442" || es[0].what != "SEQUENCE SET public orders_id_seq" ||
		es[1].what != "EXTENSION - pgcrypto" {
		t.Errorf("it reads %+v", es)
	}
}
