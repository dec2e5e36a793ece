package continuousarchiving

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// label is a moment of a task's story: its time of day there, and when it really was.
type label struct {
	day  time.Duration // since midnight, in the story
	real time.Time
}

// desk is where a runbook is carried out: a shop after an accident, and a new server that is restored beside it.
type desk struct {
	*books
	serving *postgres.Server // the one that the application uses
	labels  []label          // in the order of time
	next    *postgres.Server // the new one; nil: none
	tries   int
	xid     string // that waldump found
	done    []string
}

// moment notes when a time of the story is, before and after what happens then.
func (d *desk) moment(ctx context.Context, srv *postgres.Server, hour, minute int, do func() error) error {
	day := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	for i, step := range []func() error{do, func() error { return nil }} {
		t, err := pg.Now(ctx, srv)
		if err != nil {
			return err
		}
		d.labels = append(d.labels, label{day + time.Duration(i)*59*time.Second, t})
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// real is when a time of the story was. Between two moments of the story time passes evenly.
func (d *desk) real(day time.Duration) time.Time {
	first, last := d.labels[0], d.labels[len(d.labels)-1]
	if day <= first.day {
		return first.real.Add(day - first.day)
	}
	for i, b := range d.labels[1:] {
		if a := d.labels[i]; day <= b.day {
			share := float64(day-a.day) / float64(b.day-a.day)
			return a.real.Add(time.Duration(share * float64(b.real.Sub(a.real))))
		}
	}
	return last.real.Add(day - last.day)
}

// entriesAt is the number of ledger entries in the stories.
const (
	keptEntries  = 190 // before the DROP of the first task
	namedEntries = 150 // at its restore point
	invoices     = 25  // that were written after it
	colleagues   = 10  // entries on the colleague's timeline
	colleagueID  = 1001
)

// accidentAtDesk has the release of the first task drop the ledger, while the application goes on.
func (d *desk) accidentAtDesk(ctx context.Context) error {
	srv := d.Live
	d.serving = srv
	booked := func(from, to int) func() error {
		return func() error {
			_, err := pg.Book(ctx, srv, from, to)
			return err
		}
	}
	statements := func(sql ...string) func() error { return func() error { return srv.Exec(ctx, "", sql...) } }
	for _, m := range []struct {
		hour, minute int
		do           func() error
	}{
		{8, 50, statements("create table invoices (id int primary key)")},
		{8, 55, booked(1, atBackup)},
		{9, 0, func() error { return d.BackUp(ctx, "monday") }},
		{9, 10, booked(atBackup+1, namedEntries)},
		{9, 20, statements("select pg_create_restore_point('before_release')")},
		{9, 25, booked(namedEntries+1, keptEntries)},
		{9, 30, statements("drop table ledger")},
		{9, 35, statements(fmt.Sprintf("insert into invoices select generate_series(1, %d)", invoices))},
	} {
		if err := d.moment(ctx, srv, m.hour, m.minute, m.do); err != nil {
			return err
		}
	}
	_, err := srv.SwitchWAL(ctx, d.Archive)
	return err
}

// secondTryAtDesk has a colleague of the second task recover too early, and work there.
func (d *desk) secondTryAtDesk(ctx context.Context) error {
	srv := d.Live
	booked := func(from, to int) func() error {
		return func() error {
			_, err := pg.Book(ctx, srv, from, to)
			return err
		}
	}
	for _, m := range []struct {
		hour, minute int
		do           func() error
	}{
		{8, 55, booked(1, atBackup)},
		{9, 0, func() error { return d.BackUp(ctx, "monday") }},
		{9, 5, booked(atBackup+1, tooEarly)},
		{9, 15, booked(tooEarly+1, atArchive)},
		{9, 20, func() error { return srv.Exec(ctx, "", "drop table ledger") }},
	} {
		if err := d.moment(ctx, srv, m.hour, m.minute, m.do); err != nil {
			return err
		}
	}
	if _, err := srv.SwitchWAL(ctx, d.Archive); err != nil {
		return err
	}
	if err := srv.Stop(ctx, postgres.Fast); err != nil {
		return err
	}
	colleague, err := d.Restore(ctx, "colleague", "monday", map[string]string{
		"recovery_target_time": pg.Stamp(d.real(9*time.Hour + 10*time.Minute)), "recovery_target_action": "promote"})
	if err != nil {
		return err
	}
	if err := errors.Join(colleague.ArchiveTo(d.Archive), colleague.Start(ctx)); err != nil {
		return err
	}
	d.serving = colleague
	if err := d.moment(ctx, colleague, 9, 40, func() error {
		_, err := pg.Book(ctx, colleague, colleagueID, colleagueID+colleagues-1)
		return err
	}); err != nil {
		return err
	}
	_, err = colleague.SwitchWAL(ctx, d.Archive)
	return err
}

// carryOut does a command and notes what came of it. A command that fails is noted, too; the error is ctx's.
func (d *desk) carryOut(ctx context.Context, c lessons.Command) error {
	said, err := d.command(ctx, c)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		text, _, _ := strings.Cut(err.Error(), "\n")
		said = "failed: " + strings.ReplaceAll(text, d.Home.Dir()+"/", "")
	}
	d.done = append(d.done, c.Text+": "+said)
	return nil
}

var errNoServer = errors.New("there is no new server: restore comes first")

func (d *desk) command(ctx context.Context, c lessons.Command) (said string, err error) {
	switch c.Verb {
	case "waldump":
		return d.findDrop(ctx)
	case "restore":
		return d.restore(ctx, c.Args[0])
	}
	if d.next == nil {
		return "", errNoServer
	}
	switch c.Verb {
	case "start":
		f, err := pg.Begin(ctx, d.next)
		if err != nil || f.Refused != "" {
			return "refused: " + f.Refused, err
		}
		return how(f), nil
	case "count":
		n, err := postgres.Value[int](ctx, d.next, "", "select count(*) from "+c.Args[0])
		return fmt.Sprintf("%d rows", n), err
	case "promote":
		_, err := postgres.Value[bool](ctx, d.next, "", "select pg_promote()")
		return "promoted", err
	case "copy":
		return "copied", d.copyTable(ctx, c.Args[0])
	case "fetch":
		return d.fetch(ctx, c.Args[0])
	case "switch-over":
		return d.switchOver(ctx)
	}
	return d.set(c.Verb, c.Args[len(c.Args)-1])
}

// how is what a recovery has come to.
func how(f pg.Found) string {
	switch {
	case !f.Table:
		return fmt.Sprintf("no ledger, timeline %d", f.Timeline)
	case f.Locked:
		return fmt.Sprintf("the ledger is locked by the transaction that the recovery stopped in, timeline %d", f.Timeline)
	}
	return fmt.Sprintf("%d entries, timeline %d", f.Rows, f.Timeline)
}

// set sets a recovery setting of the new server.
func (d *desk) set(name, value string) (string, error) {
	switch {
	case name == "recovery_target_xid" && d.xid == "":
		return "", errors.New("nothing was found: waldump comes first")
	case name == "recovery_target_xid":
		value = d.xid
	case name == "recovery_target_time":
		day, err := timeOfDay(value)
		if err != nil {
			return "", err
		}
		value = pg.Stamp(d.real(day))
	}
	return "set", d.next.Set(name, value)
}

// restore makes a new server, and discards the one before.
func (d *desk) restore(ctx context.Context, backup string) (string, error) {
	if d.next != nil && d.next != d.serving {
		if err := d.next.Stop(ctx, postgres.Immediate); err != nil {
			return "", err
		}
	}
	d.tries++
	next, err := d.Restore(ctx, fmt.Sprint("new-", d.tries), backup, nil)
	if err != nil {
		return "", err
	}
	d.next = next
	return "a copy with recovery.signal", nil
}

// findDrop finds the last transaction of the first timeline that removed files.
func (d *desk) findDrop(ctx context.Context) (string, error) {
	names, err := d.Archive.Segments()
	if err != nil {
		return "", err
	}
	last := names[0]
	for _, n := range names {
		if strings.HasPrefix(n, "00000001") {
			last = n
		}
	}
	out, err := d.dump(ctx, names[0], last, "-r", "Transaction")
	if err != nil {
		return "", err
	}
	for _, t := range readDump(out) {
		if t.files != "" {
			d.xid = t.xid
		}
	}
	return "the last transaction that removes files is " + d.xid, nil
}

// copyTable dumps a table of the new server into the serving one.
func (d *desk) copyTable(ctx context.Context, table string) error {
	dump, err := d.next.Run(ctx, postgres.Program("pg_dump", "--lock-wait-timeout", pg.LockTimeout, "-t", table))
	if err := errors.Join(err, dump.Failed()); err != nil {
		return err
	}
	o, err := d.serving.Run(ctx, postgres.Call{Program: "psql", Args: []string{"-q", "-1", "-v", "ON_ERROR_STOP=1"},
		In: strings.NewReader(dump.Out)})
	return errors.Join(err, o.Failed())
}

// fetch adds the rows of the serving server's table that the new one lacks.
func (d *desk) fetch(ctx context.Context, table string) (said string, err error) {
	from, err := d.serving.Connect(ctx, "", "")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, from.Close(ctx)) }()
	rows, err := from.Query(ctx, "select to_jsonb(t)::text from "+table+" t")
	if err != nil {
		return "", err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	to, err := d.next.Connect(ctx, "", "")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, to.Close(ctx)) }()
	added := int64(0)
	for _, l := range lines {
		tag, err := to.Exec(ctx, "insert into "+table+" select * from jsonb_populate_record(null::"+table+
			", $1::text::jsonb) on conflict do nothing", l)
		if err != nil {
			return "", err
		}
		added += tag.RowsAffected()
	}
	return fmt.Sprintf("%d rows added", added), nil
}

// switchOver gives the application the new server.
func (d *desk) switchOver(ctx context.Context) (string, error) {
	if !d.next.Running() {
		return "", errors.New("the new server does not run")
	}
	if d.next != d.serving {
		if err := d.serving.Stop(ctx, postgres.Fast); err != nil {
			return "", err
		}
	}
	d.serving = d.next
	return "the application uses the new server", nil
}
