package pg_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

func TestMain(m *testing.M) {
	helper.Main(map[string]helper.Duty{guard.Role: guard.Main})
	goleak.VerifyTestMain(m)
}

var all = []string{"pg_dump", "pg_dumpall", "pg_restore", "psql", "createdb", "dropdb"}

// read is what a judge makes of an answer.
func read(answer string) (cs []*pg.CommandLine, err error) {
	j := pg.ShellJudge{Programs: all, Most: 3, Run: func(_ context.Context, _ *lessons.Env,
		read []*pg.CommandLine) ([]lessons.Mark, error) {
		cs = read
		return nil, nil
	}}
	_, err = j.Judge(context.Background(), nil, "answer.txt", []byte(answer))
	return cs, err
}

func TestCommandLines(t *testing.T) {
	cs, err := read("\n# at night\npg_dump  -Fc -Z 9 --table='orders*' -ft.dump shop # all of it\n" +
		"pg_restore -1cd copy --use-list list --jobs=2 < t.dump\npsql -Xqv ON_ERROR_STOP=1 -- shop >out\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(cs) != 3 || cs[0].Line != 3 || cs[1].In != "t.dump" || cs[2].Out != "out" {
		t.Fatalf("it reads %+v", cs)
	}
	for i, want := range []string{"pg_dump -Fc -Z 9 --table=orders* -ft.dump shop",
		"pg_restore -1 -c -d copy --use-list list --jobs=2", "psql -X -q -v ON_ERROR_STOP=1 -- shop"} {
		if got := cs[i].Program + " " + strings.Join(cs[i].Args, " "); got != want {
			t.Errorf("it runs %s, want %s", got, want)
		}
	}
	if cs[0].Value("format") != "c" || cs[0].Value("table") != "orders*" || cs[0].Operand() != "shop" ||
		!cs[1].Has("single-transaction") || cs[1].Has("create") || cs[1].Value("dbname") != "copy" {
		t.Errorf("it understands %+v", cs)
	}
	if want := "pg_dump -Fc -Z 9 --table='orders*' -ft.dump shop"; cs[0].Text != want {
		t.Errorf("its text is %q", cs[0].Text)
	}
}

// What would leave the folder or the server, or what is no command, is refused with its place.
func TestBadCommandLines(t *testing.T) {
	for answer, want := range map[string]string{
		"pg_dmp shop":                     `answer.txt:1:1: unknown program "pg_dmp" (did you mean "pg_dump"?)`,
		"\n rm -rf /":                     `answer.txt:2:2: unknown program "rm"`,
		"pg_dump shop | psql x":           `answer.txt:1:14: '|' is not available here`,
		"pg_dump $(id)":                   `answer.txt:1:9: '$' is not available here`,
		"pg_dump -f /etc/passwd":          `answer.txt:1:12: "/etc/passwd" is not the name of a file`,
		"pg_dump -f ../x":                 `answer.txt:1:12: "../x" is not the name of a file`,
		"pg_dump > ../x":                  `answer.txt:1:11: "../x" is not the name of a file`,
		"pg_dump >":                       `answer.txt:1:9: there is no file after >`,
		"psql < a < b":                    `answer.txt:1:10: there is a second <`,
		"pg_dump -h elsewhere":            `answer.txt:1:9: pg_dump has no option -h here`,
		"psql -c 'select 1'":              `answer.txt:1:6: psql has no option -c here`,
		"psql 'host=elsewhere dbname=x'":  `answer.txt:1:6: "host=elsewhere dbname=x" is not the name of a database`,
		"pg_dump -d host=elsewhere":       `answer.txt:1:12: "host=elsewhere" is not the name`,
		"pg_dump --dbname=postgres://x/y": `answer.txt:1:9: "postgres://x/y" is not the name`,
		"psql -v X=`id`":                  "answer.txt:1:11: '`' is not available here",
		"psql -v 'X=a b'":                 `answer.txt:1:9: "X=a b" is not a variable of psql`,
		"pg_dump --schema-onyl shop":      `answer.txt:1:9: pg_dump has no option --schema-onyl here (did you mean "--schema-only"?)`,
		"pg_dump --clean=yes":             `answer.txt:1:9: --clean takes no value`,
		"pg_dump -Fx":                     `answer.txt:1:9: "x" is not a format`,
		"pg_dump -F":                      `answer.txt:1:9: -F needs a value: -F FORMAT`,
		"pg_restore -j 99 x":              `answer.txt:1:15: "99" is not a number of jobs`,
		"pg_dump a b":                     `answer.txt:1:11: pg_dump takes one DATABASE, and "b" is the second`,
		"pg_dumpall shop":                 `answer.txt:1:12: pg_dumpall takes options only, not "shop"`,
		"pg_dump 'shop":                   `answer.txt:1:9: the quote is not closed`,
		"createdb a\ncreatedb b\ncreatedb c\ncreatedb d": `answer.txt:4:1: an answer has at most 3 commands`,
	} {
		cs, err := read(answer)
		var bad *lessons.BadAnswer
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v and %+v, want %s", answer, err, cs, want)
		}
	}
}

func FuzzCommandLines(f *testing.F) {
	f.Add("pg_dump -Fc -Z 9 --table='orders*' -f t.dump shop # all\n")
	f.Add("psql -1v A=b < \"x\" > y -- z\n")
	f.Fuzz(func(t *testing.T, answer string) {
		cs, err := read(answer)
		var bad *lessons.BadAnswer
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		for _, c := range cs {
			for _, a := range append(c.Args, c.In, c.Out, c.Operand()) {
				if strings.ContainsAny(a, "/\\$`\n\x00;&|") {
					t.Errorf("%q has the argument %q", answer, a)
				}
			}
		}
	})
}

// onServer runs a test on a server with a small shop.
func onServer(t *testing.T, do func(ctx context.Context, h *postgres.Home, s *postgres.Server, sh *pg.Shell)) {
	t.Helper()
	postgrestest.Programs(t)
	shop := pg.Shop{Name: "shop", Orders: 4000, Scans: 100}
	err := pg.OnServer(t.Context(), shop.Server(), func(ctx context.Context, h *postgres.Home, s *postgres.Server) error {
		sh, err := pg.NewShell(h, s, "work")
		if err != nil {
			return err
		}
		do(ctx, h, s, sh)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestShell(t *testing.T) {
	onServer(t, func(ctx context.Context, _ *postgres.Home, s *postgres.Server, sh *pg.Shell) {
		ok(t, sh.All(ctx, "pg_dump -Fc -f shop.dump shop", "createdb copy", "pg_restore -d copy shop.dump"))
		shop, err := pg.Inside(ctx, s, "shop")
		ok(t, err)
		copied, err := pg.Inside(ctx, s, "copy")
		ok(t, err)
		if d := shop.SameData(copied); len(d) > 0 || shop.Objects() != copied.Objects() || copied.LargeObjects != pg.Letters {
			t.Errorf("they differ in %q: %s and %s", d, shop.Objects(), copied.Objects())
		}
		if want := "tables 6, indexes 9, foreign keys 3, types 1, views 1, functions 1, triggers 1, extensions 1"; shop.
			Objects() != want || shop.Total() != 400+100+4000+8000+4000+100 {
			t.Errorf("a shop has %s, and %d rows", shop.Objects(), shop.Total())
		}
		ok(t, s.Exec(ctx, "copy", "delete from journal where what = 'order 7'", "drop table scans"))
		copied, err = pg.Inside(ctx, s, "copy")
		ok(t, err)
		if d := strings.Join(shop.SameData(copied), " "); d != "journal scans" {
			t.Errorf("they differ in %s", d)
		}
		again, err := sh.Type(ctx, "pg_restore -d copy shop.dump")
		ok(t, err)
		if again.Code != 1 || again.Errors() == 0 || !strings.Contains(again.Says(), "already exists") {
			t.Errorf("again: %+v", again)
		}
		rows := sh.Table().Rows
		if last := rows[len(rows)-1]; len(rows) != 4 || last[0] != "pg_restore -d copy shop.dump" || last[1] != "1" {
			t.Errorf("the table has %q", rows)
		}
		size, err := sh.Size("shop.dump")
		ok(t, err)
		if size < 100<<10 || size > 1<<20 {
			t.Errorf("the dump has %d bytes", size)
		}
	})
}

// A dump that stands still in the middle ends with what it would have written anyway.
func TestStopAt(t *testing.T) {
	onServer(t, func(ctx context.Context, _ *postgres.Home, s *postgres.Server, sh *pg.Shell) {
		p, err := sh.StopAt(ctx, "pg_dump shop", "COPY public.customers")
		ok(t, err)
		if p.Ended() {
			t.Error("it ended")
		}
		ok(t, s.Exec(ctx, "shop", "delete from journal"))
		d, err := p.Finish()
		ok(t, err)
		if d.Code != 0 || strings.Count(d.Out, "\torder ") != 4000 || !strings.Contains(d.Out, "dump complete") {
			t.Errorf("exit code %d, %d lines of the journal", d.Code, strings.Count(d.Out, "\torder "))
		}
		if _, err := sh.StopAt(ctx, "pg_dump nothing", "COPY"); err == nil || !strings.Contains(err.Error(),
			`pg_dump nothing ended without writing COPY`) {
			t.Errorf("of a database that is not there: %v", err)
		}
	})
}
