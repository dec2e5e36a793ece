package continuousarchiving

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// Targets of the step, as entries of the ledger.
const (
	pauseFirst = 120
	pauseLater = 140
	pauseBack  = 110
)

// paused is what a recovery that pauses allows.
type paused struct {
	first, later, back, promoted pg.Found
	write                        string   // the answer to a write while it is paused
	writeAfter                   string   // and after the promotion
	dump, dumpAfter              string   // a pg_dump then, and after the promotion
	laterAfter, backAfter        pg.Found // other targets after the promotion
	inDrop, outOfDrop            pg.Found // just before the commit of the DROP, and promoted there
}

// runPause recovers, looks, goes on, tries to go back, and promotes.
func runPause(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, afterMistake(ctx, env, func(ctx context.Context, b *books, a accident) error {
		p, err := b.pauses(ctx, env, a)
		if err != nil {
			return err
		}
		p.tell(o)
		o.Tables = append(o.Tables, b.Commands())
		return o.DrawExact(p.chart())
	})
}

func (b *books) pauses(ctx context.Context, env *lessons.Env, a accident) (p paused, err error) {
	at := func(n int) string { return pg.Stamp(a.at[n-atBackup-1]) }
	env.Say("a recovery that pauses")
	first, srv, err := b.Recover(ctx, "side", "monday", map[string]string{"recovery_target_time": at(pauseFirst)})
	if err != nil {
		return p, err
	}
	p.first = first
	b.Note("recovery_target_time = after entry 120", first.String()+" entries, paused")
	if p.write, err = b.tryWrite(ctx, srv, 2001); err != nil {
		return p, err
	}
	if p.dump, err = b.tryDump(ctx, srv); err != nil {
		return p, err
	}
	env.Say("on to a later target, and back to an earlier one")
	if p.later, err = b.aimAgain(ctx, srv, at(pauseLater), "140"); err != nil {
		return p, err
	}
	if p.back, err = b.aimAgain(ctx, srv, at(pauseBack), "110"); err != nil {
		return p, err
	}
	if _, err = b.aimAgain(ctx, srv, at(pauseLater), "140"); err != nil {
		return p, err
	}
	env.Say("pg_promote")
	ok, err := postgres.Value[bool](ctx, srv, "", "select pg_promote()")
	if err != nil || !ok {
		return p, errors.Join(err, errors.New("pg_promote did not succeed"))
	}
	b.Note("select pg_promote()", "true")
	if p.promoted, err = pg.Look(ctx, srv); err != nil {
		return p, err
	}
	if p.writeAfter, err = b.tryWrite(ctx, srv, 2002); err != nil {
		return p, err
	}
	if p.dumpAfter, err = b.tryDump(ctx, srv); err != nil {
		return p, err
	}
	if p.laterAfter, err = b.aimAgain(ctx, srv, pg.Stamp(a.before), "150"); err != nil {
		return p, err
	}
	if p.backAfter, err = b.aimAgain(ctx, srv, at(pauseBack), "110"); err != nil {
		return p, err
	}
	env.Say("a recovery that pauses just before the commit of the DROP")
	return p, b.pauseInDrop(ctx, a, &p)
}

// pauseInDrop pauses before the commit of the DROP, whose lock the recovery then holds.
func (b *books) pauseInDrop(ctx context.Context, a accident, p *paused) error {
	in, srv, err := b.Recover(ctx, "in-drop", "monday", map[string]string{"recovery_target_time": pg.Stamp(a.before)})
	if err != nil {
		return err
	}
	p.inDrop = in
	b.Note("recovery_target_time = before the DROP; select count(*) from ledger", in.String())
	if _, err := postgres.Value[bool](ctx, srv, "", "select pg_promote()"); err != nil {
		return err
	}
	if p.outOfDrop, err = pg.Look(ctx, srv); err != nil {
		return err
	}
	b.Note("select pg_promote(); select count(*) from ledger", p.outOfDrop.String())
	return nil
}

// tryDump dumps the ledger, and tells whether that works.
func (b *books) tryDump(ctx context.Context, srv *postgres.Server) (string, error) {
	d, err := srv.Run(ctx, postgres.Program("pg_dump", "-t", "ledger"))
	if err != nil {
		return "", err
	}
	said := "works"
	if d.Code != 0 {
		said = pg.Refused
	}
	b.Note("pg_dump -t ledger", said)
	return said, nil
}

// aimAgain restarts a paused recovery with another target.
func (b *books) aimAgain(ctx context.Context, srv *postgres.Server, target, entry string) (pg.Found, error) {
	if err := errors.Join(srv.Stop(ctx, postgres.Fast), srv.Set("recovery_target_time", target)); err != nil {
		return pg.Found{}, err
	}
	f, err := pg.Begin(ctx, srv)
	said := f.String()
	if f.Refused != "" {
		said = f.Refused
	}
	b.Note("restart with recovery_target_time = after entry "+entry, said)
	return f, err
}

// tryWrite books an entry, and tells what the server says.
func (b *books) tryWrite(ctx context.Context, srv *postgres.Server, id int) (string, error) {
	_, err := pg.Book(ctx, srv, id, id)
	var said *pgconn.PgError
	if errors.As(err, &said) {
		b.Note("insert into ledger", said.Message)
		return said.Code, nil
	}
	if err == nil {
		b.Note("insert into ledger", "ok")
	}
	return "ok", err
}

func (p paused) tell(o *lessons.Observations) {
	o.Tell("paused.rows", p.first.String(), "entries that can be read while the recovery is paused")
	o.Count("paused.timeline", float64(p.first.Timeline), "the timeline then")
	o.Tell("paused.write", p.write, "the answer to a write then; 25006: read-only transaction")
	o.Tell("paused.dump", p.dump, "a pg_dump then")
	o.Tell("later.rows", p.later.String(), "entries after a restart with a later target")
	o.Tell("back.rows", p.back.String(), "and with an earlier one")
	if p.back.Refused != "" {
		o.Tell("back.why", p.back.Refused, "why")
	}
	o.Count("promoted.timeline", float64(p.promoted.Timeline), "the timeline after pg_promote")
	o.Tell("promoted.write", p.writeAfter, "a write after that")
	o.Tell("promoted.later", p.laterAfter.String(), "entries after a restart with a later target, after the promotion")
	o.Tell("promoted.back", p.backAfter.String(), "and with an earlier one")
	o.Tell("drop.paused", p.inDrop.String(), "a count of the ledger while paused just before the commit of the DROP")
	o.Tell("drop.promoted", p.outOfDrop.String(), "the same count after a promotion")
}

func (p paused) chart() chart.Chart {
	mood := func(ok bool) chart.Mood {
		if ok {
			return chart.Good
		}
		return chart.Bad
	}
	row := func(name, before string, good bool, after string, goodAfter bool, remark string) chart.MatrixRow {
		return chart.MatrixRow{Name: name, Cells: []chart.Cell{{Text: before, Mood: mood(good)},
			{Text: after, Mood: mood(goodAfter)}}, Remark: remark}
	}
	write := "read-only"
	if p.write == "ok" {
		write = "ok"
	}
	entries := func(f pg.Found) string {
		if f.Refused != "" || f.Locked {
			return f.String()
		}
		return f.String() + " entries"
	}
	ignored := func(f pg.Found) string { return "ignored: " + entries(f) }
	return chart.Chart{
		Name: "paused", Title: "While a recovery is paused you can look, and move the target",
		Subtitle: "recovery_target_action = pause, which is the default; base backup at entry 100",
		About: "Rows are what was tried, columns the state of the recovered server. Dark cells are what the server " +
			"does not do.",
		Panels: []chart.Panel{chart.Matrix{Corner: "tried", Columns: []string{"paused", "promoted"}, Remarks: "what it means",
			Rows: []chart.MatrixRow{
				row("read the ledger", entries(p.first), true, entries(p.promoted), true, "look before you promote"),
				row("pg_dump -t ledger", p.dump, p.dump == "works", p.dumpAfter, p.dumpAfter == "works",
					"the table can be taken from here"),
				row("read, before the DROP", entries(p.inDrop), !p.inDrop.Locked, entries(p.outOfDrop), true,
					"the recovery holds the DROP's lock"),
				row("write", write, p.write == "ok", p.writeAfter, p.writeAfter == "ok", "a promotion begins a timeline"),
				row("a later target", entries(p.later), p.later.Rows == pauseLater, ignored(p.laterAfter), false,
					"only while it is paused"),
				row("an earlier target", entries(p.back), p.back.Refused == "", ignored(p.backAfter), false,
					"restore the base backup again"),
			}}},
	}
}
