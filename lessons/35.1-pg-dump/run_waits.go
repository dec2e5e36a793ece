package pgdump

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// statement is what another session asks for while the bank is being dumped, and what came of it.
type statement struct {
	name, sql string
	alone     bool // not in a transaction
	lock      string
	answers   []string // in each of the situations
}

// situations are when the statements are tried.
var situations = []string{"while a dump runs", "and an ALTER TABLE waits for the dump"}

// What a statement comes to. Whoever waits for a lock gives up after lockPatience.
const (
	answered     = "done"
	waits        = "waits"
	lockPatience = "500ms"
)

func statements() []*statement {
	return []*statement{
		{name: "SELECT", sql: "select sum(coins) from savings", lock: "ACCESS SHARE, like the dump's"},
		{name: "INSERT", sql: "insert into savings values (1001, 0)", lock: "ROW EXCLUSIVE"},
		{name: "UPDATE", sql: "update savings set coins = coins where id = 1", lock: "ROW EXCLUSIVE"},
		{name: "VACUUM", sql: "vacuum savings", alone: true, lock: "SHARE UPDATE EXCLUSIVE"},
		{name: "CREATE INDEX", sql: "create index on savings (coins)", lock: "SHARE"},
		{name: "ALTER TABLE", sql: "alter table savings add note text", lock: "ACCESS EXCLUSIVE"},
		{name: "TRUNCATE", sql: "truncate savings", lock: "ACCESS EXCLUSIVE"},
		{name: "VACUUM FULL", sql: "vacuum full savings", alone: true, lock: "ACCESS EXCLUSIVE"},
	}
}

// runWaits tries statements while a dump stands still in the middle.
func runWaits(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, inBank(ctx, env, func(ctx context.Context, b *bank) error {
		all := statements()
		held, err := b.tryDuring(ctx, env, all)
		if err != nil {
			return err
		}
		free, err := b.unremovable(ctx, "ledger")
		if err != nil {
			return err
		}
		for _, s := range all {
			name := fileOf(s.name)
			o.Tell("dump."+name, s.answers[0], s.name+" "+situations[0])
			o.Tell("queue."+name, s.answers[1], s.name+" on the same table, if an ALTER TABLE waits already")
		}
		o.Count("vacuum.held", float64(held), "dead rows that VACUUM can't remove while the dump runs")
		o.Count("vacuum.free", float64(free), "and when it has ended")
		o.Tables = append(o.Tables, b.sh.Table())
		return o.DrawExact(chartOfWaits(all, held, free))
	})
}

// changed is how many rows of the ledger are changed during the dump.
const changed = 500

// tryDuring tries the statements in both situations, and tells how many dead rows VACUUM has to leave.
func (b *bank) tryDuring(ctx context.Context, env *lessons.Env, all []*statement) (held int, err error) {
	p, err := b.sh.StopAt(ctx, "pg_dump bank", between)
	if err != nil {
		return 0, err
	}
	defer p.Finish()
	env.Say("statements %s", situations[0])
	if err := b.tryAll(ctx, all); err != nil {
		return 0, err
	}
	env.Say("a VACUUM during the dump")
	if err := b.Exec(ctx, "bank", fmt.Sprintf("update ledger set entry = '' where id <= %d", changed)); err != nil {
		return 0, err
	}
	if held, err = b.unremovable(ctx, "ledger"); err != nil {
		return 0, err
	}
	env.Say("statements behind an ALTER TABLE that waits")
	altered := make(chan error, 1)
	go func() { altered <- b.Exec(ctx, "bank", "alter table savings add waited text") }()
	defer func() {
		_, ended := p.Finish()
		err = errors.Join(err, ended, <-altered)
	}()
	if err := b.queued(ctx); err != nil {
		return 0, err
	}
	return held, b.tryAll(ctx, all)
}

// queued waits until somebody waits for a lock.
func (b *bank) queued(ctx context.Context) error {
	return lessons.Until(ctx, func() (bool, error) {
		return postgres.Value[bool](ctx, b.Server, "bank", "select exists (select from pg_locks where not granted)")
	})
}

func (b *bank) tryAll(ctx context.Context, all []*statement) error {
	for _, s := range all {
		answer, err := b.try(ctx, s)
		if err != nil {
			return err
		}
		s.answers = append(s.answers, answer)
	}
	return nil
}

// try executes a statement and takes it back. Only whoever has to wait for a lock gets impatient, however slow the
// machine is.
func (b *bank) try(ctx context.Context, s *statement) (string, error) {
	c, err := b.Connect(ctx, "bank", "")
	if err != nil {
		return "", err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "set lock_timeout = '"+lockPatience+"'"); err != nil {
		return "", err
	}
	if !s.alone {
		if _, err := c.Exec(ctx, "begin"); err != nil {
			return "", err
		}
	}
	_, err = c.Exec(ctx, s.sql)
	if _, undone := c.Exec(ctx, "rollback"); undone != nil {
		return "", undone
	}
	var refused *pgconn.PgError
	const lockNotAvailable = "55P03"
	switch {
	case err == nil:
		return answered, nil
	case errors.As(err, &refused) && refused.Code == lockNotAvailable:
		return waits, nil
	}
	return "", err
}

var leftDead = regexp.MustCompile(`(\d+) are dead but not yet removable`)

// unremovable is how many dead rows a VACUUM of the table has to leave.
func (b *bank) unremovable(ctx context.Context, table string) (int, error) {
	t, err := b.sh.Must(ctx, fmt.Sprintf("psql -X -d bank -c 'vacuum (verbose) %s'", table))
	if err != nil {
		return 0, err
	}
	m := leftDead.FindStringSubmatch(t.Err)
	if m == nil {
		return 0, fmt.Errorf("VACUUM does not say what it leaves: %s", t.Err)
	}
	return strconv.Atoi(m[1])
}

// chartOfWaits draws which statement waits when, and what VACUUM has to leave.
func chartOfWaits(all []*statement, held, free int) chart.Chart {
	m := chart.Matrix{Corner: "statement", Columns: situations, Remarks: "lock on the table"}
	for _, s := range all {
		row := chart.MatrixRow{Name: s.name, Remark: s.lock}
		for _, a := range s.answers {
			mood := chart.Good
			if a == waits {
				mood = chart.Bad
			}
			row.Cells = append(row.Cells, chart.Cell{Text: a, Mood: mood})
		}
		m.Rows = append(m.Rows, row)
	}
	dead := chart.Bars{Title: "Dead rows that VACUUM leaves", Names: []string{"during the dump", "after it"},
		Y: chart.Axis{Label: "rows", Whole: true}, Sets: []chart.BarSet{{Values: []float64{float64(held), float64(free)}}}}
	return chart.Chart{
		Name: "waits", Title: "ALTER TABLE waits for a dump, and everything else waits for ALTER TABLE",
		Subtitle: "statements on one table while pg_dump stands still in the middle of its work",
		About: "Left: each row is a statement of another session on a table that is being dumped, alone and behind an " +
			"ALTER TABLE. " +
			"Right: how many dead rows VACUUM can't remove.",
		Panels: []chart.Panel{m, dead},
	}
}

// fileOf is a statement's name in the names of facts.
func fileOf(statement string) string { return strings.ToLower(strings.ReplaceAll(statement, " ", "-")) }
