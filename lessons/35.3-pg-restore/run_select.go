package pgrestore

import (
	"context"
	"fmt"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// selection is a way to take the table order_lines from the dump.
type selection struct {
	name, what, line, remark string
	typed                    pg.Typed
	has                      pg.Content
}

func selections() []*selection {
	const restore = "pg_restore -d copy -L %s shop.dump"
	return []*selection{
		{name: "t", what: "-t order_lines", line: "pg_restore -d copy -t order_lines shop.dump", remark: "the bare table"},
		{name: "all", what: "-L: all its lines", line: fmt.Sprintf(restore, "all.list"),
			remark: "foreign keys to tables that are not there"},
		{name: "keys", what: "-L: without FK CONSTRAINT", line: fmt.Sprintf(restore, "keys.list"),
			remark: "with primary key and index"},
		{name: "schema", what: "the whole schema, then its data",
			line:   "pg_restore -d copy -s shop.dump && pg_restore -d copy -a -t order_lines shop.dump",
			remark: "rows refer to rows that are not there"},
	}
}

// runSelect takes one table from a dump, in several ways.
func runSelect(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o, all := &lessons.Observations{}, selections()
	return o, withDump(ctx, env, shop, nil, func(ctx context.Context, b *bench) error {
		if err := b.sh.All(ctx, "pg_restore -l shop.dump > shop.list", "grep order_lines shop.list > all.list",
			"grep -v 'FK CONSTRAINT' all.list > keys.list"); err != nil {
			return err
		}
		lines, err := b.sh.Must(ctx, "cat all.list")
		if err != nil {
			return err
		}
		for _, s := range all {
			env.Say("%s", s.what)
			if s.typed, s.has, err = b.into(ctx, true, s.line); err != nil {
				return err
			}
			o.Count(s.name+".rows", float64(s.has.Rows["order_lines"]), "rows of order_lines after "+s.what)
			o.Count(s.name+".indexes", float64(s.has.Indexes), "indexes")
			o.Count(s.name+".foreign-keys", float64(s.has.ForeignKeys), "foreign keys")
			o.Count(s.name+".exit-code", float64(s.typed.Code), "the exit code")
		}
		entries := entriesIn(lines.Out)
		o.Count("entries", float64(len(entries)), "lines of the list that name order_lines")
		for _, e := range entries {
			o.Tables = appendEntry(o.Tables, e)
		}
		o.Tables = append(o.Tables, b.sh.Table())
		return o.DrawExact(chartOfSelections(all))
	})
}

// appendEntry adds an entry of the list to the table of them, which is the first.
func appendEntry(ts []lessons.Table, e entry) []lessons.Table {
	if len(ts) == 0 {
		ts = []lessons.Table{{Name: "list", Title: "What pg_restore --list has of order_lines",
			Head: []string{"number", "entry"}}}
	}
	ts[0].Rows = append(ts[0].Rows, []string{e.id, e.what})
	return ts
}

// chartOfSelections draws what each way brings back.
func chartOfSelections(all []*selection) chart.Chart {
	const rows, indexes, keys = 2000, 2, 2
	m := chart.Matrix{Corner: "pg_restore", Columns: []string{"rows", "its indexes", "its foreign keys", "exit code"},
		Remarks: "remark"}
	for _, s := range all {
		mine, fks := s.has.Indexes, s.has.ForeignKeys
		if s.name == "schema" { // which brings those of all tables
			mine, fks = indexes, keys
		}
		row := chart.MatrixRow{Name: s.what, Remark: s.remark, Cells: []chart.Cell{
			counted(s.has.Rows["order_lines"], rows), counted(mine, indexes), counted(fks, keys)}}
		row.Cells = append(row.Cells, exitCell(s.typed))
		m.Rows = append(m.Rows, row)
	}
	return chart.Chart{
		Name: "selection", Title: "-t brings back the rows, not the table as it was",
		Subtitle: "the table order_lines, with its primary key, one more index and two foreign keys, into an empty database",
		About: "Rows are ways to take one table from a dump; the cells are what was there afterwards, and pg_restore's " +
			"exit " +
			"code.",
		Panels: []chart.Panel{m},
	}
}

// counted is a cell for so many of what should be.
func counted(n, of int) chart.Cell {
	c := chart.Cell{Text: fmt.Sprint(n), Mood: chart.Partly}
	switch n {
	case of:
		c.Mood = chart.Good
	case 0:
		c.Mood = chart.Bad
	}
	return c
}

func exitCell(t pg.Typed) chart.Cell {
	if t.Code == 0 {
		return chart.Cell{Text: "0", Mood: chart.Good}
	}
	return chart.Cell{Text: fmt.Sprint(t.Code), Mood: chart.Bad}
}
