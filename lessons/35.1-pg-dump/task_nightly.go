package pgdump

import (
	"context"
	"fmt"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// nightShop is the shop of the task.
var nightShop = pg.Shop{Name: "shop", Orders: 2000, Scans: 150}

// nightlyJudge carries the commands out, and restores what they leave.
var nightlyJudge = pg.ShellJudge{Programs: []string{"pg_dump"}, Most: 5, Run: runNightly}

const nightFile = "shop.dump"

// night is what came of the learner's dump.
type night struct {
	did       string
	shop      pg.Content
	listed    pg.Typed // pg_restore --list
	restored  pg.Typed
	has       pg.Content
	size, all int64 // of the dump, and of a plain one of the whole shop
}

func runNightly(ctx context.Context, env *lessons.Env, cs []*pg.CommandLine) (ms []lessons.Mark, err error) {
	err = inShop(ctx, env, nightShop, func(ctx context.Context, s *postgres.Server, sh *pg.Shell) error {
		n := &night{}
		for _, c := range cs {
			env.Say("%s", c.Text)
			if _, err := sh.Carry(ctx, c); err != nil {
				return err
			}
		}
		n.did = sh.Did()
		env.Say("restoring %s", nightFile)
		if err := n.restore(ctx, s, sh); err != nil {
			return err
		}
		ms = n.marks()
		return nil
	})
	return ms, err
}

// restore restores the dump to an empty database, as somebody would who has nothing else.
func (n *night) restore(ctx context.Context, s *postgres.Server, sh *pg.Shell) (err error) {
	if n.shop, err = pg.Inside(ctx, s, nightShop.Name); err != nil {
		return err
	}
	if n.size, err = sh.Size(nightFile); err != nil {
		n.size = 0 // there is no file: then pg_restore says so
	}
	if _, err := sh.Must(ctx, "pg_dump -f whole.sql "+nightShop.Name); err != nil {
		return err
	}
	if n.all, err = sh.Size("whole.sql"); err != nil {
		return err
	}
	if n.listed, err = sh.Type(ctx, "pg_restore --list "+nightFile); err != nil {
		return err
	}
	if err := pg.Recreate(ctx, s, "copy"); err != nil {
		return err
	}
	if n.restored, err = sh.Type(ctx, "pg_restore -d copy "+nightFile); err != nil {
		return err
	}
	n.has, err = pg.Inside(ctx, s, "copy")
	return err
}

func (n *night) marks() []lessons.Mark {
	const journal = "journal"
	var differ []string
	for _, table := range n.shop.SameData(n.has) {
		if table != journal {
			differ = append(differ, table)
		}
	}
	lines, hasJournal := n.has.Rows[journal]
	complete := len(differ) == 0
	rows := "the rows of all other tables are there"
	if !complete {
		rows = "not the same as in the shop: " + strings.Join(differ, ", ")
	}
	objects := n.has.Objects() == n.shop.Objects() && n.has.LargeObjects == n.shop.LargeObjects
	wrote := "pg_restore says: " + n.restored.Says()
	if n.restored.Code == 0 {
		wrote = "pg_restore restored it"
	}
	listed := "pg_restore lists it"
	if n.listed.Code != 0 {
		listed = "pg_restore: " + n.listed.Says()
	}
	kept := fmt.Sprintf("the journal has %d rows", lines)
	if !hasJournal {
		kept = "there is no journal"
	}
	// A small file is of no use without what it should hold.
	small := fmt.Sprintf("%d KiB of %d KiB", n.size>>10, n.all>>10)
	if !complete {
		small = "not judged: the dump lacks too much"
	}
	return []lessons.Mark{
		lessons.Marked(n.listed.Code == 0, 2, "single tables can be taken from shop.dump", listed+" ("+n.did+")",
			"there is a format that pg_restore can select from"),
		lessons.Marked(complete && n.restored.Code == 0, 3, "all rows come back, without an error", rows+"; "+wrote,
			"which tables are dumped, and do they need anything else?"),
		lessons.Marked(objects, 2, "so does everything else in the database",
			fmt.Sprintf("%s, large objects %d", n.has.Objects(), n.has.LargeObjects),
			"what does a dump leave out when it is told what to take?"),
		lessons.Marked(hasJournal && lines == 0 && complete, 2, "the journal comes back as an empty table", kept,
			"the rows may be left out, but the trigger needs the table"),
		lessons.Marked(complete && n.size > 0 && n.size*10 <= n.all*6, 1, "it has at most 60% of the size of a plain "+
			"dump", small,
			"look at the sizes in step formats"),
	}
}
