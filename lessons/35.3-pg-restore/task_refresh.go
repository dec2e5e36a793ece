package pgrestore

import (
	"context"
	"fmt"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// refreshJudge carries the commands out on a server with a staging database.
var refreshJudge = pg.ShellJudge{Programs: []string{"pg_restore", "pg_dump", "createdb", "dropdb"}, Most: 8,
	Run: runRefresh}

// The staging database has an older state of the shop, lacks one of its tables, and has one of its own.
var older = []string{"delete from order_lines where order_id > 600", "delete from orders where id > 600",
	"drop table scans", "create table notes as select i, 'please test ' || i note from generate_series(1, 12) i",
	"delete from journal where what > 'order 5'", "update customers set name = 'somebody'"}

func runRefresh(ctx context.Context, env *lessons.Env, cs []*pg.CommandLine) (ms []lessons.Mark, err error) {
	err = withDump(ctx, env, shop, nil, func(ctx context.Context, b *bench) error {
		if err := b.sh.All(ctx, "createdb staging", "pg_restore -d staging shop.dump"); err != nil {
			return err
		}
		if err := b.Exec(ctx, "staging", older...); err != nil {
			return err
		}
		answer := &pg.Shell{Server: b.Server, Dir: b.sh.Dir} // which has typed nothing yet
		failed := 0
		for _, c := range cs {
			env.Say("%s", c.Text)
			t, err := answer.Carry(ctx, c)
			if err != nil {
				return err
			}
			if t.Code != 0 {
				failed++
			}
		}
		ms, err = b.refreshMarks(ctx, answer, failed)
		return err
	})
	return ms, err
}

// writers is how many transactions have written the rows that are in the tables of the shop.
const writers = "select count(distinct x)::int from (select xmin::text x from customers union all select xmin::text " +
	"from " +
	"products union all select xmin::text from orders union all select xmin::text from order_lines union all select " +
	"xmin::text from journal union all select xmin::text from scans) t"

func (b *bench) refreshMarks(ctx context.Context, answer *pg.Shell, failed int) ([]lessons.Mark, error) {
	there, err := postgres.Value[bool](ctx, b.Server, "", "select exists (select from pg_database where datname = "+
		"'staging')")
	if err != nil {
		return nil, err
	}
	var after pg.Content
	if there {
		if after, err = pg.Inside(ctx, b.Server, "staging"); err != nil {
			return nil, err
		}
	}
	notes := after.Rows["notes"]
	const noted = 12
	delete(after.Sums, "notes")
	differ := b.dumped.SameData(after)
	objects := after.Indexes == b.dumped.Indexes && after.ForeignKeys == b.dumped.ForeignKeys &&
		after.Triggers == b.dumped.Triggers
	fresh := there && len(differ) == 0 && objects
	rows := "staging has the rows of the dump"
	switch {
	case !there:
		rows = "there is no database staging"
	case len(differ) > 0:
		rows = "not as in the dump: " + strings.Join(differ, ", ")
	case !objects:
		rows += ", but its objects are " + after.Objects()
	}
	moments := "not judged: staging is not as in the dump"
	one := false
	if fresh {
		n, err := postgres.Value[int](ctx, b.Server, "staging", writers)
		if err != nil {
			return nil, err
		}
		one = n == 1
		moments = fmt.Sprintf("its rows were written by %d transactions", n)
	}
	return []lessons.Mark{
		lessons.Marked(fresh, 4, "staging is as in the dump", rows+" ("+answer.Did()+")",
			"what is there has to go first, and what is not there can't"),
		lessons.Marked(fresh && notes == noted, 2, "the testers' notes are still there", fmt.Sprintf("%d of %d notes",
			notes, noted),
			"they are in no dump, so do not drop the database"),
		lessons.Marked(one, 3, "at no moment was a half-restored database to be seen", moments,
			"all of it can be one transaction"),
		lessons.Marked(fresh && failed == 0, 1, "no command failed", fmt.Sprintf("commands that failed: %d", failed),
			"an error that one has learned to ignore hides the next one"),
	}, nil
}
