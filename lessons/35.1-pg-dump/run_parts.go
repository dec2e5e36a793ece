package pgdump

import (
	"context"
	"fmt"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// part is a dump of a part of the shop, and what an empty database has after its restore.
type part struct {
	name, options, remark string
	restore               pg.Typed
	has                   pg.Content
}

func parts() []*part {
	return []*part{
		{name: "whole", options: "", remark: "everything in this database"},
		{name: "schema", options: "--schema-only", remark: "no rows, no large objects"},
		{name: "data", options: "--data-only", remark: "there are no tables to put it in"},
		{name: "pattern", options: "--table='order*'", remark: "no column type, no referenced tables"},
		{name: "namespace", options: "--schema=public", remark: "no extensions, no large objects"},
		{name: "without", options: "--exclude-table-data=scans", remark: "the empty table is there"},
	}
}

// runParts dumps parts of the shop, and restores each to an empty database.
func runParts(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o, all := &lessons.Observations{}, parts()
	return o, inShop(ctx, env, littleShop, func(ctx context.Context, s *postgres.Server, sh *pg.Shell) error {
		for _, p := range all {
			env.Say("pg_dump %s", p.options)
			if err := p.do(ctx, s, sh); err != nil {
				return err
			}
			o.Count(p.name+".tables", float64(p.has.Tables), "tables after a restore of pg_dump "+p.options)
			o.Count(p.name+".rows", float64(p.has.Total()), "their rows")
			o.Count(p.name+".large-objects", float64(p.has.LargeObjects), "large objects")
			o.Count(p.name+".extensions", float64(p.has.Extensions), "extensions")
			o.Count(p.name+".foreign-keys", float64(p.has.ForeignKeys), "foreign keys")
			o.Count(p.name+".exit-code", float64(p.restore.Code), "the exit code of its pg_restore")
		}
		list, err := sh.Must(ctx, "pg_restore --list whole")
		if err != nil {
			return err
		}
		o.Tell("pattern.why", reasonOf(all[3].restore), "the first error of restoring the tables order*")
		o.Count("extension.functions", float64(strings.Count(list.Out, " FUNCTION ")-strings.Count(list.Out, " FUNCTION "+
			"public note_it")),
			"functions of the extension pgcrypto in the whole dump")
		o.Tables = append(o.Tables, sh.Table())
		return o.DrawExact(chartOfParts(all))
	})
}

func (p *part) do(ctx context.Context, s *postgres.Server, sh *pg.Shell) (err error) {
	if _, err := sh.Must(ctx, strings.Join(strings.Fields(fmt.Sprintf("pg_dump -Fc %s -f %s shop", p.options, p.name)),
		" ")); err != nil {
		return err
	}
	if err := pg.Recreate(ctx, s, "copy"); err != nil {
		return err
	}
	if p.restore, err = sh.Type(ctx, "pg_restore -d copy "+p.name); err != nil {
		return err
	}
	p.has, err = pg.Inside(ctx, s, "copy")
	return err
}

func reasonOf(t pg.Typed) string {
	if strings.Contains(t.Says(), "status") {
		return "a type is missing"
	}
	return t.Says()
}

// chartOfParts draws what is there after each restore.
func chartOfParts(all []*part) chart.Chart {
	m := chart.Matrix{Corner: "pg_dump", Columns: []string{"tables", "rows", "indexes", "foreign keys", "extension",
		"large objects", "exit code"}, Remarks: "remark"}
	whole := all[0].has
	for _, p := range all {
		row := chart.MatrixRow{Name: p.options, Remark: p.remark}
		if p.options == "" {
			row.Name = "(no option)"
		}
		for _, n := range [][2]int{{p.has.Tables, whole.Tables}, {p.has.Total(), whole.Total()},
			{p.has.Indexes, whole.Indexes}, {p.has.ForeignKeys, whole.ForeignKeys}, {p.has.Extensions, whole.Extensions},
			{p.has.LargeObjects, whole.LargeObjects}} {
			row.Cells = append(row.Cells, chart.Cell{Text: fmt.Sprint(n[0]), Mood: moodOf(n[0], n[1])})
		}
		code := chart.Cell{Text: fmt.Sprint(p.restore.Code), Mood: chart.Good}
		if p.restore.Code != 0 {
			code.Mood = chart.Bad
		}
		row.Cells = append(row.Cells, code)
		m.Rows = append(m.Rows, row)
	}
	return chart.Chart{
		Name: "parts", Title: "A dump of a part leaves out what it stands on",
		Subtitle: "dumps of parts of one database, each restored to an empty one with pg_restore",
		About: "Rows are the options of pg_dump. Each cell says how many are there after the restore; the last is the exit " +
			"code " +
			"of pg_restore.",
		Panels: []chart.Panel{m},
	}
}

func moodOf(n, of int) chart.Mood {
	switch n {
	case of:
		return chart.Good
	case 0:
		return chart.Bad
	}
	return chart.Partly
}
