package pgdump

import (
	"context"
	"fmt"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// transfers are how many are made while a copy is between the two tables.
var transfers = []int{0, 50, 100, 150}

// copied is what a copy of the bank has, that was made while money moved.
type copied struct {
	transfers int // between the first table and the second
	byTable   int // coins in a copy of one table after the other
	dumped    int // coins in a dump
	inDump    int // transfers that the dump shows
}

// runMoment copies the bank table by table and with pg_dump. Both stand still between the tables, and money moves.
func runMoment(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, inBank(ctx, env, func(ctx context.Context, b *bank) error {
		var all []copied
		for _, n := range transfers {
			env.Say("%d transfers in the middle of a copy", n)
			c := copied{transfers: n}
			var err error
			if c.byTable, err = b.copyByTable(ctx, n); err != nil {
				return err
			}
			if c.dumped, c.inDump, err = b.dump(ctx, n); err != nil {
				return err
			}
			all = append(all, c)
		}
		last := all[len(all)-1]
		o.Count("money", money, "coins in the bank, at every moment")
		o.Count("transfers", float64(last.transfers), "transfers in the middle of each copy")
		o.Count("by-table", float64(last.byTable), "coins in a copy of one table after the other")
		o.Count("dump", float64(last.dumped), "coins in a dump by pg_dump")
		o.Count("dump.transfers", float64(last.inDump), "of these transfers, how many the dump shows")
		o.Tell("dump.shows", shownMoment(last), "the moment that the dump shows")
		o.Tables = append(o.Tables, b.sh.Table())
		return o.DrawExact(chartOfMoment(all))
	})
}

func shownMoment(c copied) string {
	switch c.inDump {
	case 0:
		return "its start"
	case c.transfers:
		return "its end"
	}
	return "something in between"
}

const copyOf = "psql -X -q -d bank -c 'copy (select * from %s) to stdout'"

// copyByTable copies one table after the other, with transfers in between, and adds up the coins.
func (b *bank) copyByTable(ctx context.Context, n int) (coins int, err error) {
	for i, table := range []string{"checking", "savings"} {
		if i == 1 {
			if err := b.transfer(ctx, n); err != nil {
				return 0, err
			}
		}
		t, err := b.sh.Must(ctx, fmt.Sprintf(copyOf, table))
		if err != nil {
			return 0, err
		}
		part, err := coinsIn("COPY public." + table + " \n" + t.Out)
		if err != nil {
			return 0, err
		}
		coins += part
	}
	return coins, nil
}

// dump dumps the bank, with transfers when checking is written and savings is not. It adds up the coins, and counts
// the transfers that the dump shows.
func (b *bank) dump(ctx context.Context, n int) (coins, seen int, err error) {
	const inChecking = "select sum(coins) from checking"
	p, err := b.sh.StopAt(ctx, "pg_dump bank", between)
	if err != nil {
		return 0, 0, err
	}
	defer p.Finish()
	before, err := valueIn(ctx, b, inChecking)
	if err != nil {
		return 0, 0, err
	}
	if err := b.transfer(ctx, n); err != nil {
		return 0, 0, err
	}
	t, err := p.Finish()
	if err != nil {
		return 0, 0, err
	}
	if coins, err = coinsIn(t.Out); err != nil {
		return 0, 0, err
	}
	// A dump of the state after the transfers would have n coins more in savings.
	saved, err := coinsIn(savingsOf(t.Out))
	return coins, saved - (money - before), err
}

// chartOfMoment draws how many coins too many each copy has.
func chartOfMoment(all []copied) chart.Chart {
	byTable := chart.Series{Name: "one table after the other (COPY)", Marks: true}
	dump := chart.Series{Name: "pg_dump", Marks: true}
	for _, c := range all {
		byTable.Points = append(byTable.Points, chart.XY{X: float64(c.transfers), Y: float64(c.byTable - money)})
		dump.Points = append(dump.Points, chart.XY{X: float64(c.transfers), Y: float64(c.dumped - money)})
	}
	return chart.Chart{
		Name: "moment", Title: "A dump shows one moment; tables copied one after the other do not",
		Subtitle: fmt.Sprintf("%s coins in two tables; coins move from the first to the second in the middle of each copy",
			chart.Grouped(money, 0)),
		About: "How many coins too many a copy has, against the transfers made when its first table was written and its " +
			"second " +
			"was not.",
		Panels: []chart.Panel{chart.Lines{X: chart.Axis{Label: "transfers in the middle of the copy", Whole: true},
			Y: chart.Axis{Label: "coins too many in the copy", Whole: true}, Series: []chart.Series{byTable, dump}}},
	}
}
