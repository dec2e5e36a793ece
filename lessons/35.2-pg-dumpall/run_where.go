package pgdumpall

import (
	"context"
	"os"
	"slices"
	"strings"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// The dumps that are searched.
var dumps = []struct{ file, line, name string }{
	{"crm.sql", "pg_dump -f crm.sql crm", "pg_dump crm"},
	{"crm-create.sql", "pg_dump -C -f crm-create.sql crm", "pg_dump -C crm"},
	{"globals.sql", "pg_dumpall --globals-only -f globals.sql", "pg_dumpall -g"},
	{"all.sql", "pg_dumpall -f all.sql", "pg_dumpall"},
}

// belonging is something that belongs to the server, and how it is recognised in a dump.
type belonging struct {
	name, what, text string
	in               []bool // each of the dumps
}

func belongings() []*belonging {
	return []*belonging{
		{name: "rows", what: "rows of crm", text: "\tcustomer 999"},
		{name: "policy", what: "policies, privileges", text: "CREATE POLICY few"},
		{name: "setting", what: "settings of a database", text: "work_mem"},
		{name: "role", what: "roles", text: "CREATE ROLE reporting"},
		{name: "member", what: "who is in which role", text: "GRANT reporting TO bob"},
		{name: "hash", what: "hashes of passwords", text: "SCRAM-SHA-256"},
		{name: "hr", what: "the other database", text: "\tperson 20"},
		{name: "system", what: "settings of the server", text: slowQuery},
		{name: "hba", what: "pg_hba.conf", text: theirHost},
		{name: "slot", what: "replication slots", text: slot},
	}
}

// runWhere searches each dump for what belongs to the server.
func runWhere(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o, all := &lessons.Observations{}, belongings()
	return o, inOffice(ctx, env, func(ctx context.Context, f *office) error {
		for _, d := range dumps {
			env.Say("%s", d.line)
			if _, err := f.oldShell.Must(ctx, d.line); err != nil {
				return err
			}
			text, err := os.ReadFile(f.oldShell.Path(d.file))
			if err != nil {
				return err
			}
			for _, b := range all {
				b.in = append(b.in, strings.Contains(string(text), b.text))
			}
		}
		for _, b := range all {
			for i, d := range dumps {
				o.Tell(b.name+"."+strings.TrimSuffix(d.file, ".sql"), lessons.YesNo(b.in[i]), b.what+" in "+d.name)
			}
		}
		without, err := f.oldShell.Must(ctx, "pg_dumpall -g --no-role-passwords")
		if err != nil {
			return err
		}
		o.Tell("hash.without", lessons.YesNo(strings.Contains(without.Out, "SCRAM-SHA-256")),
			"hashes in pg_dumpall -g --no-role-passwords")
		if err := f.statistics(ctx, o); err != nil {
			return err
		}
		o.Tables = append(o.Tables, f.oldShell.Table())
		return o.DrawExact(chartOfBelongings(all))
	})
}

// statistics restores everything and tells whether the planner knows anything about the rows then.
func (f *office) statistics(ctx context.Context, o *lessons.Observations) error {
	if _, err := f.newShell.Type(ctx, "psql -X -q -f all.sql"); err != nil {
		return err
	}
	const known = "select count(*) from pg_stats where tablename = 'customers'"
	before, err := intIn(ctx, f.old, "crm", known)
	if err != nil {
		return err
	}
	after, err := intIn(ctx, f.new, "crm", known)
	if err != nil {
		return err
	}
	o.Count("statistics.old", float64(before), "columns of customers that the planner has statistics of")
	o.Count("statistics.new", float64(after), "the same on the new server, after the restore")
	return nil
}

// chartOfBelongings draws what is in which dump.
func chartOfBelongings(all []*belonging) chart.Chart {
	m := chart.Matrix{Corner: "what"}
	for _, d := range dumps {
		m.Columns = append(m.Columns, d.name)
	}
	for _, b := range all {
		row := chart.MatrixRow{Name: b.what}
		for _, in := range b.in {
			c := chart.Cell{Text: "no", Mood: chart.Neutral}
			if !slices.Contains(b.in, true) {
				c.Mood = chart.Bad
			}
			if in {
				c = chart.Cell{Text: "yes", Mood: chart.Good}
			}
			row.Cells = append(row.Cells, c)
		}
		m.Rows = append(m.Rows, row)
	}
	return chart.Chart{
		Name: "where", Title: "Roles are in no dump of a database, and the server's settings in no dump at all",
		Subtitle: "one server with the databases crm and hr, dumped in four ways",
		About:    "Rows are what belongs to the server, columns are dumps: whether it is in there. Dark rows are in none.",
		Panels:   []chart.Panel{m},
	}
}
