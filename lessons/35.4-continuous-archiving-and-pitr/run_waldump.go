package continuousarchiving

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// What happens in the step: so many entries before the DROP, between it and the DELETE, and after that; and so many
// notes, which the DELETE deletes.
const (
	beforeDrop   = 20
	beforeDelete = 10
	inTheEnd     = 10
	notes        = 30
)

// dumped is a transaction in the output of pg_waldump.
type dumped struct {
	xid     string
	records int    // that change rows or indexes
	deletes int    // records of the kind DELETE in the table that was asked for
	files   string // that its commit removes; empty: none
}

var (
	xidOf    = regexp.MustCompile(`\btx: +(\d+),`)
	commitOf = regexp.MustCompile(`desc: COMMIT `)
	filesOf  = regexp.MustCompile(`; rels: ([^;]*)`)
)

// readDump reads transactions from the output of pg_waldump, in the order of their commits.
func readDump(out string) (ts []*dumped) {
	open := map[string]*dumped{}
	for line := range strings.Lines(out) {
		m := xidOf.FindStringSubmatch(line)
		if m == nil || m[1] == "0" {
			continue
		}
		t := open[m[1]]
		if t == nil {
			t = &dumped{xid: m[1]}
			open[m[1]] = t
		}
		switch {
		case commitOf.MatchString(line):
			if f := filesOf.FindStringSubmatch(line); f != nil {
				t.files = strings.TrimSpace(f[1])
			}
			ts = append(ts, t)
		case strings.Contains(line, "desc: DELETE "):
			t.deletes++
			t.records++
		default:
			t.records++
		}
	}
	return ts
}

// dump lets pg_waldump print segments of the archive.
func (b *books) dump(ctx context.Context, from, to string, args ...string) (string, error) {
	args = append(args, "-p", b.Archive.Dir, from, to)
	o, err := b.Live.Run(ctx, postgres.Program("pg_waldump", args...))
	if err := errors.Join(err, o.Failed()); err != nil {
		return "", err
	}
	b.Note("pg_waldump "+strings.Join(args, " "), fmt.Sprintf("%d lines", strings.Count(o.Out, "\n")))
	return o.Out, nil
}

// evidence is what is known of the mistakes, and what the WAL says of them.
type evidence struct {
	first, last      string // segments
	ledger, notes    string // the files of the tables
	dropXID          string
	commits, heap    []*dumped
	all              string // the whole output
	foundXID         string
	withFiles, erase int
}

// runWaldump drops one table, empties another, and finds both in the WAL.
func runWaldump(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, onBooks(ctx, func(ctx context.Context, b *books) error {
		env.Say("somebody drops a table, and somebody deletes all rows of another")
		e, err := b.twoMistakes(ctx)
		if err != nil {
			return err
		}
		env.Say("pg_waldump of the archive")
		if err := b.search(ctx, e); err != nil {
			return err
		}
		e.tell(o)
		env.Say("a recovery to just before the transaction that was found")
		f, err := b.Try(ctx, "before", "monday", map[string]string{"recovery_target_xid": e.foundXID,
			"recovery_target_inclusive": "off", "recovery_target_action": "promote"})
		if err != nil {
			return err
		}
		b.Note("recovery_target_xid = that one, recovery_target_inclusive = off", f.String()+" entries")
		o.Tell("recovered", f.String(), "entries of the ledger after a recovery to before that transaction")
		o.Tables = append(o.Tables, b.Commands())
		return o.Draw(e.chart())
	})
}

// twoMistakes makes the WAL.
func (b *books) twoMistakes(ctx context.Context) (*evidence, error) {
	if _, err := pg.Book(ctx, b.Live, 1, atBackup); err != nil {
		return nil, err
	}
	if err := b.Live.Exec(ctx, "", "create table notes (id int, note text)",
		fmt.Sprintf("insert into notes select i, 'note' from generate_series(1, %d) i", notes),
		"create table orders (id int)"); err != nil {
		return nil, err
	}
	if err := b.BackUp(ctx, "monday"); err != nil {
		return nil, err
	}
	e := &evidence{}
	var err error
	if _, err = b.Live.SwitchWAL(ctx, b.Archive); err != nil {
		return nil, err
	}
	const here = "select pg_walfile_name(pg_current_wal_insert_lsn())"
	if e.first, err = postgres.Value[string](ctx, b.Live, "", here); err != nil {
		return nil, err
	}
	const file = "select pg_relation_filepath($1::regclass)"
	if e.ledger, err = postgres.Value[string](ctx, b.Live, "", file, "ledger"); err != nil {
		return nil, err
	}
	if e.notes, err = postgres.Value[string](ctx, b.Live, "", file, "notes"); err != nil {
		return nil, err
	}
	if err := b.order(ctx, beforeDrop); err != nil {
		return nil, err
	}
	if e.dropXID, err = b.drop(ctx); err != nil {
		return nil, err
	}
	if err := b.order(ctx, beforeDelete); err != nil {
		return nil, err
	}
	if err := b.Live.Exec(ctx, "", "delete from notes"); err != nil {
		return nil, err
	}
	if err := b.order(ctx, inTheEnd); err != nil {
		return nil, err
	}
	e.last, err = b.Live.SwitchWAL(ctx, b.Archive)
	return e, err
}

// order places orders, each in a transaction of its own.
func (b *books) order(ctx context.Context, n int) error {
	var statements []string
	for i := range n {
		statements = append(statements, fmt.Sprintf("insert into orders values (%d)", i))
	}
	return b.Live.Exec(ctx, "", statements...)
}

// search looks for the mistakes.
func (b *books) search(ctx context.Context, e *evidence) (err error) {
	out, err := b.dump(ctx, e.first, e.last, "-r", "Transaction")
	if err != nil {
		return err
	}
	e.commits = readDump(out)
	for _, t := range e.commits {
		if t.files != "" {
			e.withFiles++
			e.foundXID = t.xid
		}
	}
	relation, err := postgres.Value[string](ctx, b.Live, "",
		"select coalesce(nullif(reltablespace, 0), (select oid from pg_tablespace where spcname = 'pg_default')) || '/' || "+
			"(select oid from pg_database where datname = current_database()) || '/' || pg_relation_filenode(oid) "+
			"from pg_class where relname = 'notes'")
	if err != nil {
		return err
	}
	if out, err = b.dump(ctx, e.first, e.last, "-r", "Heap", "-R", relation); err != nil {
		return err
	}
	e.erase = strings.Count(out, "desc: DELETE ")
	if e.all, err = b.dump(ctx, e.first, e.last); err != nil {
		return err
	}
	e.heap = readDump(e.all)
	return nil
}

func (e *evidence) tell(o *lessons.Observations) {
	o.Count("commits", float64(len(e.commits)), "commits in the archived segments")
	o.Count("with.files", float64(e.withFiles), "of them, those that remove files")
	o.Tell("xid", lessons.YesNo(e.foundXID == e.dropXID), "whether that is the transaction that dropped the ledger")
	names := ""
	for _, t := range e.commits {
		if t.files != "" {
			names = t.files
		}
	}
	o.Tell("file", lessons.YesNo(strings.Contains(" "+strings.ReplaceAll(names, ",", " ")+" ", " "+
		filepath.ToSlash(e.ledger)+" ")), "whether the ledger's file is among those that its commit removes")
	o.Tell("table.name", lessons.YesNo(strings.Contains(e.all, "ledger")), "whether the table's name is in the output")
	o.Count("deletes", float64(e.erase), "DELETE records of the table that was emptied")
}

// chart draws how many records each transaction wrote.
func (e *evidence) chart() chart.Chart {
	line := chart.Series{Name: "a transaction", Bare: true}
	var moments []chart.Reference
	for i, t := range e.heap {
		line.Points = append(line.Points, chart.XY{X: float64(i + 1), Y: float64(max(t.records, 1))})
		switch {
		case t.files != "":
			moments = append(moments, chart.Reference{Name: "DROP: removes files", At: float64(i + 1)})
		case t.deletes >= notes:
			moments = append(moments, chart.Reference{Name: fmt.Sprintf("%d DELETE records", t.deletes), At: float64(i + 1)})
		}
	}
	return chart.Chart{
		Name: "records", Title: "In the WAL a mistake differs from the daily work",
		Subtitle: fmt.Sprintf("pg_waldump of the archive: orders of one row each, a DROP TABLE, and a DELETE of %d rows",
			notes),
		About: "Each mark is a transaction in the order of the commits; its height is how many WAL records it wrote. " +
			"Each order writes one.",
		Panels: []chart.Panel{chart.Lines{
			X: chart.Axis{Label: "transaction, in the order of the commits", Whole: true},
			Y: chart.Axis{Label: "WAL records", Whole: true}, Series: []chart.Series{line}, Moments: moments,
		}},
	}
}
