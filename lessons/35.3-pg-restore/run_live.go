package pgrestore

import (
	"context"
	"fmt"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// rerun is a restore to a database that is not empty.
type rerun struct {
	name, there, options, remark string
	prepare                      string // a command before it
	typed                        pg.Typed
	has                          pg.Content
}

const (
	fill   = "pg_restore -d copy shop.dump"
	inWay  = fill + " && psql -X -q -d copy -c 'create view big_orders as select * from orders where id > 900'"
	viewed = "data and a view"
)

func reruns() []*rerun {
	return []*rerun{
		{name: "again", there: "the same data", options: "", prepare: fill, remark: "rows are added where no key forbids it"},
		{name: "clean", there: "the same data", options: "--clean", prepare: fill, remark: "each object is dropped first"},
		{name: "empty", there: "nothing", options: "--clean", prepare: "true", remark: "there is nothing to drop"},
		{name: "if-exists", there: "nothing", options: "--clean --if-exists", prepare: "true", remark: "nothing is missed"},
		{name: "view", there: viewed, options: "--clean --if-exists", prepare: inWay,
			remark: "the key was dropped, the table could not be"},
		{name: "stop", there: viewed, options: "--clean --if-exists -e", prepare: inWay,
			remark: "it stops in the middle: tables are missing"},
		{name: "one", there: viewed, options: "--clean --if-exists -1", prepare: inWay, remark: "all or nothing: nothing"},
	}
}

// runLive restores to databases that are not empty, and brings a dropped table back while the shop sells.
func runLive(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o, all := &lessons.Observations{}, reruns()
	return o, withDump(ctx, env, shop, nil, func(ctx context.Context, b *bench) (err error) {
		for _, r := range all {
			env.Say("pg_restore %s", r.options)
			if _, _, err := b.into(ctx, true, r.prepare); err != nil {
				return err
			}
			line := "pg_restore -d copy " + r.options + " shop.dump"
			if r.options == "" {
				line = fill
			}
			if r.typed, r.has, err = b.into(ctx, false, line); err != nil {
				return err
			}
			about := fmt.Sprintf(" after pg_restore %s into a database with: %s", r.options, r.there)
			o.Count(r.name+".orders", float64(r.has.Rows["orders"]), "orders"+about)
			o.Count(r.name+".journal", float64(r.has.Rows["journal"]), "journal rows"+about)
			o.Count(r.name+".exit-code", float64(r.typed.Code), "the exit code")
			o.Count(r.name+".tables", float64(r.has.Tables), "tables")
		}
		env.Say("a dropped table comes back")
		if err := b.bringBack(ctx, o); err != nil {
			return err
		}
		o.Tables = append(o.Tables, b.sh.Table())
		return o.DrawExact(chartOfReruns(all))
	})
}

// bringBack drops order_lines from the shop, sells something, and restores the table to it.
func (b *bench) bringBack(ctx context.Context, o *lessons.Observations) error {
	if err := b.Exec(ctx, "shop", "drop table order_lines",
		"insert into orders (customer, status, placed) select 1, 'open', now() from generate_series(1, 5)"); err != nil {
		return err
	}
	if err := b.sh.All(ctx, "pg_restore -l shop.dump | grep order_lines > lines.list"); err != nil {
		return err
	}
	t, err := b.sh.Type(ctx, "pg_restore -d shop -1 -L lines.list shop.dump")
	if err != nil {
		return err
	}
	after, err := pg.Inside(ctx, b.Server, "shop")
	if err != nil {
		return err
	}
	o.Count("back.exit-code", float64(t.Code), "the exit code of restoring order_lines to the shop that sells")
	o.Tell("back.same", lessons.YesNo(after.Sums["order_lines"] == b.dumped.Sums["order_lines"]),
		"whether the table has its rows again")
	o.Count("back.indexes", float64(after.Indexes), "indexes of the shop")
	o.Count("back.foreign-keys", float64(after.ForeignKeys), "foreign keys of the shop")
	o.Count("back.orders", float64(after.Rows["orders"]), "orders, 5 of them placed after the dump")
	return nil
}

// chartOfReruns draws what each restore left.
func chartOfReruns(all []*rerun) chart.Chart {
	m := chart.Matrix{Corner: "pg_restore", Columns: []string{"what was there", "orders", "journal rows", "tables",
		"exit code"}, Remarks: "remark"}
	for _, r := range all {
		name := r.options
		if name == "" {
			name = "(no option)"
		}
		tables := chart.Cell{Text: fmt.Sprint(r.has.Tables), Mood: chart.Good}
		if r.has.Tables != 6 {
			tables.Mood = chart.Bad
		}
		m.Rows = append(m.Rows, chart.MatrixRow{Name: name, Remark: r.remark, Cells: []chart.Cell{
			{Text: r.there, Mood: chart.Neutral}, exactly(r.has.Rows["orders"], shop.Orders),
			exactly(r.has.Rows["journal"], shop.Orders), tables, exitCell(r.typed)}})
	}
	return chart.Chart{
		Name: "reruns", Title: "Restoring over what is there: only -1 leaves it as it was when something is in the way",
		Subtitle: fmt.Sprintf("a dump with %d orders and %d journal rows, restored to databases that are not empty",
			shop.Orders, shop.Orders),
		About: "Rows are restores of the same dump. The first column is what was there before, the others are what was " +
			"there " +
			"afterwards. Dark cells are wrong.",
		Panels: []chart.Panel{m},
	}
}

// exactly is a cell for a number that may only be one.
func exactly(n, of int) chart.Cell {
	c := chart.Cell{Text: fmt.Sprint(n), Mood: chart.Bad}
	if n == of {
		c.Mood = chart.Good
	}
	return c
}
