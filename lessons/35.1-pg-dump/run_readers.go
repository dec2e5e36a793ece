package pgdump

import (
	"context"
	"fmt"
	"os"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// reading is a file that is given to both programs that restore.
type reading struct {
	file, what     string
	psql, pgRest   pg.Typed
	psqlOK, restOK bool // it restored the data
	remark         string
}

// littleShop is enough where sizes don't matter.
var littleShop = pg.Shop{Name: "shop", Orders: 500, Scans: 20}

// runReaders gives each kind of dump to psql and to pg_restore.
func runReaders(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, inShop(ctx, env, littleShop, func(ctx context.Context, s *postgres.Server, sh *pg.Shell) error {
		err := sh.All(ctx, "pg_dump -Fp -f plain shop", "pg_dump -Fp -Z6 -f packed shop", "pg_dump -Fc -f custom shop",
			"pg_dump -Fd -f directory shop", "pg_dump -Ft -f tar shop", "cp custom future")
		if err != nil {
			return err
		}
		if err := fromTheFuture(sh.Path("future")); err != nil {
			return err
		}
		rs := []*reading{
			{file: "plain", what: "plain", remark: "SQL, for psql"},
			{file: "packed", what: "plain -Z6", remark: "gzip -dc FILE | psql restores it"},
			{file: "custom", what: "custom", remark: "one file, for pg_restore"},
			{file: "directory", what: "directory", remark: "a file for each table"},
			{file: "tar", what: "tar", remark: "not compressed"},
			{file: "future", what: "a newer format", remark: "take the newer pg_restore"},
		}
		for _, r := range rs {
			env.Say("reading %s", r.what)
			if err := r.read(ctx, s, sh); err != nil {
				return err
			}
			for program, good := range map[string]bool{"psql": r.psqlOK, "pg_restore": r.restOK} {
				o.Tell(r.file+"."+program, map[bool]string{true: "restored", false: "not restored"}[good],
					"the file "+r.what+" given to "+program)
			}
		}
		if err := tellReaders(ctx, s, sh, rs, o); err != nil {
			return err
		}
		o.Tables = append(o.Tables, sh.Table())
		return o.Draw(chartOfReaders(rs)) // what psql makes of a tar depends on the time in its header
	})
}

// fromTheFuture makes an archive one of a newer version of the format. It begins with PGDMP, then the major and
// the minor version, a byte each (pg_backup_archiver.c, WriteHead).
func fromTheFuture(path string) error {
	archive, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	const minor, newer = len("PGDMP") + 1, 99
	archive[minor] = newer
	return os.WriteFile(path, archive, 0o600)
}

// read gives the file to psql and to pg_restore, each with an empty database.
func (r *reading) read(ctx context.Context, s *postgres.Server, sh *pg.Shell) (err error) {
	if r.psql, r.psqlOK, err = into(ctx, s, sh, "psql -X -q -d copy -f "+r.file); err != nil {
		return err
	}
	if r.file == "tar" {
		// psql might find the SQL in it, which drops the shop: see tellReaders.
		if err := littleShop.Create(ctx, s); err != nil {
			return err
		}
	}
	r.pgRest, r.restOK, err = into(ctx, s, sh, "pg_restore -d copy "+r.file)
	return err
}

// into restores to an empty database, and tells whether it has the shop's rows then.
func into(ctx context.Context, s *postgres.Server, sh *pg.Shell, line string) (t pg.Typed, good bool, err error) {
	if err = pg.Recreate(ctx, s, "copy"); err != nil {
		return t, false, err
	}
	if t, err = sh.Type(ctx, line); err != nil {
		return t, false, err
	}
	c, err := pg.Inside(ctx, s, "copy")
	return t, t.Code == 0 && c.Rows["orders"] == littleShop.Orders, err
}

// tellReaders tells what the programs said, and what the SQL in a tar does.
func tellReaders(ctx context.Context, s *postgres.Server, sh *pg.Shell, rs []*reading, o *lessons.Observations) error {
	said := func(name string, of pg.Typed, part string) {
		o.Tell(name, lessons.YesNo(of.Code != 0 && strings.Contains(of.Err+of.Out, part)), "whether it says: "+part)
	}
	said("plain.hint", rs[0].pgRest, "Please use psql")
	said("custom.hint", rs[2].psql, "pg_restore")
	said("future.version", rs[5].pgRest, "unsupported version (1.99) in file header")
	header, err := os.ReadFile(sh.Path("plain"))
	if err != nil {
		return err
	}
	o.Tell("header", lessons.YesNo(strings.Contains(string(header), "-- Dumped from database version")),
		"whether a plain dump says which server it is of")
	if err := littleShop.Create(ctx, s); err != nil {
		return err
	}
	if _, err := sh.Must(ctx, "tar -xf tar restore.sql"); err != nil {
		return err
	}
	before, err := pg.Inside(ctx, s, "shop")
	if err != nil {
		return err
	}
	t, err := sh.Type(ctx, "psql -X -q -f restore.sql")
	if err != nil {
		return err
	}
	after, err := pg.Inside(ctx, s, "shop")
	if err != nil {
		return err
	}
	o.Count("shop.before", float64(before.Total()), "rows of the shop before psql -f restore.sql, a file of the tar")
	o.Count("shop.after", float64(after.Total()), "and after it")
	o.Count("shop.exit-code", float64(t.Code), "the exit code of that psql")
	return nil
}

// chartOfReaders draws which program restores which file.
func chartOfReaders(rs []*reading) chart.Chart {
	m := chart.Matrix{Corner: "file", Columns: []string{"psql -f FILE", "pg_restore FILE"}, Remarks: "remark"}
	for _, r := range rs {
		m.Rows = append(m.Rows, chart.MatrixRow{Name: r.what, Cells: []chart.Cell{cellOf(r.psql, r.psqlOK),
			cellOf(r.pgRest, r.restOK)}, Remark: r.remark})
	}
	return chart.Chart{
		Name: "readers", Title: "psql reads plain dumps, pg_restore everything else",
		Subtitle: "each file restored to an empty database",
		About: "Rows are dumps of one database in different formats, and one whose format is of a newer version than the " +
			"programs. A cell says whether the program restored it, and the exit code if not.",
		Panels: []chart.Panel{m},
	}
}

func cellOf(t pg.Typed, good bool) chart.Cell {
	switch {
	case good:
		return chart.Cell{Text: "restored", Mood: chart.Good}
	case t.Code == 0:
		return chart.Cell{Text: "exit code 0, but only errors", Mood: chart.Bad}
	}
	return chart.Cell{Text: fmt.Sprintf("refused, exit code %d", t.Code), Mood: chart.Partly}
}
