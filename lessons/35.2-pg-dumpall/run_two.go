package pgdumpall

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// steps are how many orders arrive while pg_dumpall is in the middle of crm.
var steps = []int{0, 40, 80, 120}

// pair is what one pg_dumpall has of a counter in each database.
type pair struct{ steps, crm, hr int }

// runTwo counts orders in both databases, always first in crm, and dumps both meanwhile.
func runTwo(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, inOffice(ctx, env, func(ctx context.Context, f *office) error {
		for _, database := range []string{"crm", "hr"} {
			if err := f.old.Exec(ctx, database, "create table public.counted (n int)", "insert into public.counted values (0)",
				"create table public.ledger as select i, repeat(md5(i::text), 8) entry from generate_series(1, 4000) "+
					"i"); err != nil {
				return err
			}
		}
		var all []pair
		for _, n := range steps {
			env.Say("%d orders in the middle of pg_dumpall", n)
			p, err := f.dumpBoth(ctx, n)
			if err != nil {
				return err
			}
			all = append(all, p)
		}
		last := all[len(all)-1]
		o.Count("steps", float64(last.steps), "orders that were counted in both databases in the middle of pg_dumpall")
		o.Count("ahead", float64(last.hr-last.crm), "how far hr is ahead of crm in the dump")
		ahead := "never"
		if last.hr > last.crm {
			ahead = "hr"
		}
		o.Tell("ahead.of", ahead, "the database that is ahead, which on the server is never hr")
		o.Tables = append(o.Tables, f.oldShell.Table())
		return o.DrawExact(chartOfPairs(all))
	})
}

var counterIn = regexp.MustCompile(`COPY public\.counted \(n\) FROM stdin;\n(\d+)\n`)

// dumpBoth dumps everything. When crm's counter is written, and crm is not yet complete, orders are counted.
func (f *office) dumpBoth(ctx context.Context, n int) (p pair, err error) {
	d, err := f.oldShell.StopAt(ctx, "pg_dumpall", "COPY public.ledger ")
	if err != nil {
		return p, err
	}
	defer d.Finish()
	for range n {
		for _, database := range []string{"crm", "hr"} {
			if err := f.old.Exec(ctx, database, "update public.counted set n = n + 1"); err != nil {
				return p, err
			}
		}
	}
	t, err := d.Finish()
	if err != nil {
		return p, err
	}
	found := counterIn.FindAllStringSubmatch(t.Out, -1)
	if len(found) != 2 {
		return p, fmt.Errorf("the dump has %d counters: %s", len(found), t.Says())
	}
	p.steps = n
	if p.crm, err = strconv.Atoi(found[0][1]); err != nil {
		return p, err
	}
	p.hr, err = strconv.Atoi(found[1][1])
	return p, err
}

// chartOfPairs draws how far hr is ahead.
func chartOfPairs(all []pair) chart.Chart {
	ahead := chart.Series{Name: "in the dump", Marks: true}
	truth := chart.Series{Name: "on the server, at every moment: 0 or -1", Expected: true}
	for _, p := range all {
		ahead.Points = append(ahead.Points, chart.XY{X: float64(p.steps), Y: float64(p.hr - p.crm)})
		truth.Points = append(truth.Points, chart.XY{X: float64(p.steps), Y: 0})
	}
	return chart.Chart{
		Name: "two", Title: "One pg_dumpall, two databases, two moments",
		Subtitle: "each order is counted first in crm, then in hr, so hr is never ahead",
		About: "How far the counter of hr is ahead of that of crm in one dump, against the orders that were counted while " +
			"crm " +
			"was being written.",
		Panels: []chart.Panel{chart.Lines{X: chart.Axis{Label: "orders counted while crm is being dumped", Whole: true},
			Y:      chart.Axis{Label: "orders that hr is ahead of crm", Whole: true, Min: -10, Max: 130},
			Series: []chart.Series{ahead, truth}}},
	}
}
