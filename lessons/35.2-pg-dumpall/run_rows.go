package pgdumpall

import (
	"context"
	"fmt"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// taker is a role that takes a dump of the table with the policy.
type taker struct {
	name, what, line string
	typed            pg.Typed
	rows             int
}

func takers() []*taker {
	const dump = "pg_dump -U %s %s-t app.customers crm"
	return []*taker{
		{name: "superuser", what: "superuser", line: fmt.Sprintf(dump, "postgres", "")},
		{name: "owner", what: "owner", line: fmt.Sprintf(dump, "app", "")},
		{name: "reader", what: "pg_read_all_data", line: fmt.Sprintf(dump, "reader", "")},
		{name: "bypass", what: "and BYPASSRLS", line: fmt.Sprintf(dump, "bypass", "")},
		{name: "bob", what: "bob", line: fmt.Sprintf(dump, "bob", "")},
		{name: "security", what: "bob, row security", line: fmt.Sprintf(dump, "bob", "--enable-row-security ")},
	}
}

// runRows dumps a table with a policy as several roles.
func runRows(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o, all := &lessons.Observations{}, takers()
	return o, inOffice(ctx, env, func(ctx context.Context, f *office) error {
		if err := f.old.Exec(ctx, "", "create role reader login in role pg_read_all_data",
			"create role bypass login bypassrls in role pg_read_all_data"); err != nil {
			return err
		}
		for _, t := range all {
			env.Say("%s", t.line)
			var err error
			if t.typed, err = f.oldShell.Type(ctx, t.line); err != nil {
				return err
			}
			t.rows = strings.Count(t.typed.Out, "\tcustomer ")
			o.Count(t.name+".rows", float64(t.rows), fmt.Sprintf("of %d customers, in a dump by somebody who is: %s", customers,
				t.what))
			o.Count(t.name+".exit-code", float64(t.typed.Code), "the exit code of that dump")
		}
		o.Tell("reader.policy", lessons.YesNo(strings.Contains(all[2].typed.Err, "row-level security policy")),
			"whether the refusal names the policy")
		for _, role := range []string{"reader", "bob"} {
			t, err := f.oldShell.Type(ctx, "pg_dumpall -g -U "+role)
			if err != nil {
				return err
			}
			hash := "refused"
			if t.Code == 0 {
				hash = lessons.YesNo(strings.Contains(t.Out, "SCRAM-SHA-256"))
			}
			o.Tell("hashes."+role, hash, "whether pg_dumpall -g by "+role+" has the hashes of passwords")
		}
		o.Tables = append(o.Tables, f.oldShell.Table())
		return o.DrawExact(chartOfTakers(all))
	})
}

// chartOfTakers draws how many rows are in the dump of each role.
func chartOfTakers(all []*taker) chart.Chart {
	bars := chart.Bars{Y: chart.Axis{Label: "customers in the dump", Whole: true}}
	set := chart.BarSet{}
	for _, t := range all {
		bars.Names = append(bars.Names, t.what)
		set.Values = append(set.Values, float64(t.rows))
		set.Labels = append(set.Labels, fmt.Sprintf("%d, exit code %d", t.rows, t.typed.Code))
	}
	bars.Sets = []chart.BarSet{set}
	return chart.Chart{
		Name: "takers", Title: "Whose dump it is decides which rows are in it",
		Subtitle: fmt.Sprintf("%d customers in a table with a policy; pg_dump as different roles", customers),
		About: "Each bar is a dump of the same table by another role: the rows in it, and pg_dump's exit code. The last " +
			"one " +
			"is the dangerous one.",
		Panels: []chart.Panel{bars},
	}
}

// intIn is the number that a query returns.
func intIn(ctx context.Context, s *postgres.Server, database, query string) (int, error) {
	return postgres.Value[int](ctx, s, database, query)
}
