package continuousarchiving

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// afterwards is how many entries the ledger gets that is made anew after the mistake.
const afterwards = 20

// accident is what happened to a ledger that was dropped.
type accident struct {
	at     []time.Time // when each of the entries from atBackup+1 to atArchive was committed
	before time.Time
	xid    string
	lsn    string // the end of the WAL before the mistake
	after  time.Time
	begun  time.Time // before the base backup
	made   time.Time // after the base backup
}

// mistake books entries, takes a base backup, books more, and drops the ledger.
func (b *books) mistake(ctx context.Context) (a accident, err error) {
	if a.begun, err = pg.Now(ctx, b.Live); err != nil {
		return a, err
	}
	if _, err = pg.Book(ctx, b.Live, 1, atBackup); err != nil {
		return a, err
	}
	if err = b.BackUp(ctx, "monday"); err != nil {
		return a, err
	}
	if a.made, err = pg.Now(ctx, b.Live); err != nil {
		return a, err
	}
	if a.at, err = pg.Book(ctx, b.Live, atBackup+1, atArchive); err != nil {
		return a, err
	}
	if err = b.Live.Exec(ctx, "", "select pg_create_restore_point('before_release')"); err != nil {
		return a, err
	}
	if a.lsn, err = postgres.Value[string](ctx, b.Live, "", "select pg_current_wal_insert_lsn()::text"); err != nil {
		return a, err
	}
	if a.before, err = pg.Now(ctx, b.Live); err != nil {
		return a, err
	}
	if a.xid, err = b.drop(ctx); err != nil {
		return a, err
	}
	a.after, err = pg.Now(ctx, b.Live)
	return a, err
}

// aim is a recovery target.
type aim struct {
	name, what string
	settings   map[string]string
	found      pg.Found
	remark     string
}

// aims are the targets of the step.
func (a accident) aims() []*aim {
	at := func(t time.Time) map[string]string { return map[string]string{"recovery_target_time": pg.Stamp(t)} }
	return []*aim{
		{name: "none", what: "no target", remark: "replays the DROP as well"},
		{name: "time", what: "time before the DROP", settings: at(a.before)},
		{name: "name", what: "name = before_release",
			settings: map[string]string{"recovery_target_name": "before_release"}},
		{name: "lsn", what: "LSN before the DROP", settings: map[string]string{"recovery_target_lsn": a.lsn}},
		{name: "exclusive", what: "XID of the DROP, inclusive = off",
			settings: map[string]string{"recovery_target_xid": a.xid, "recovery_target_inclusive": "off"}},
		{name: "inclusive", what: "XID of the DROP (inclusive = on)",
			settings: map[string]string{"recovery_target_xid": a.xid}, remark: "the default is to apply it"},
		{name: "immediate", what: "immediate", settings: map[string]string{"recovery_target": "immediate"},
			remark: "as soon as the backup is consistent"},
		{name: "past", what: "time before the backup", settings: at(a.begun), remark: "no error: the end of the backup"},
		{name: "future", what: "time in an hour", settings: at(a.after.Add(time.Hour)),
			remark: "the archive ends before it"},
	}
}

// runTargets drops the ledger and recovers with each kind of target, and to several moments.
func runTargets(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, onBooks(ctx, func(ctx context.Context, b *books) error {
		env.Say("a base backup, %d entries, DROP TABLE, and a new ledger", atArchive-atBackup)
		a, err := b.mistake(ctx)
		if err != nil {
			return err
		}
		if err := b.Live.Exec(ctx, "", pg.CreateLedger); err != nil {
			return err
		}
		if _, err := pg.Book(ctx, b.Live, 1, afterwards); err != nil {
			return err
		}
		if _, err := b.Live.SwitchWAL(ctx, b.Archive); err != nil {
			return err
		}
		aims := a.aims()
		for _, t := range aims {
			env.Say("recovery to: %s", t.what)
			if err := b.reach(ctx, t); err != nil {
				return err
			}
			o.Tell(t.name+".rows", t.found.String(), "entries after a recovery to: "+t.what)
			if t.found.Refused == "" {
				o.Count(t.name+".timeline", float64(t.found.Timeline), "timeline after it")
			} else {
				o.Tell(t.name+".why", t.found.Refused, "why it was refused")
			}
		}
		o.Tables = append(o.Tables, b.Commands())
		if err := o.Draw(chartOfAims(aims)); err != nil {
			return err
		}
		return b.moments(ctx, env, a, o)
	})
}

// reach recovers to a target.
func (b *books) reach(ctx context.Context, t *aim) (err error) {
	settings := maps.Clone(t.settings)
	var typed []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		typed = append(typed, fmt.Sprintf("%s = '%s'", name, settings[name]))
	}
	if len(typed) == 0 {
		typed = []string{"(no target)"}
	} else {
		settings["recovery_target_action"] = "promote"
	}
	t.found, err = b.Try(ctx, t.name, "monday", settings)
	b.Note(strings.Join(typed, ", "), t.found.String())
	return err
}

// moments recovers to several moments, and draws what was recovered against them.
func (b *books) moments(ctx context.Context, env *lessons.Env, a accident, o *lessons.Observations) error {
	right := 0
	var points []chart.XY
	since := func(t time.Time) float64 { return t.Sub(a.made).Seconds() * 1000 }
	entries := []int{110, 120, 130, 140, 150}
	for _, n := range entries {
		env.Say("recovery to the moment after entry %d", n)
		t := a.at[n-atBackup-1]
		f, err := b.Try(ctx, fmt.Sprintf("after-%d", n), "monday", map[string]string{"recovery_target_time": pg.Stamp(t),
			"recovery_target_action": "promote"})
		if err != nil {
			return err
		}
		if f.Rows == n {
			right++
		}
		points = append(points, chart.XY{X: since(t), Y: float64(f.Rows)})
	}
	o.Count("moments.right", float64(right), fmt.Sprintf("of %d recoveries to a moment between two commits, those with "+
		"just the entries before it", len(entries)))
	f, err := b.Try(ctx, "after-drop", "monday", map[string]string{"recovery_target_time": pg.Stamp(a.after),
		"recovery_target_action": "promote"})
	if err != nil {
		return err
	}
	o.Tell("late.rows", f.String(), "entries after a recovery to just after the DROP")
	points = append(points, chart.XY{X: since(a.after), Y: float64(f.Rows)})
	truth := []chart.XY{{X: 0, Y: atBackup}}
	for i, t := range a.at {
		truth = append(truth, chart.XY{X: since(t), Y: float64(atBackup + i + 1)})
	}
	drop := (since(a.before) + since(a.after)) / 2 // it committed somewhere between the two
	truth = append(truth, chart.XY{X: drop, Y: 0}, chart.XY{X: since(a.after), Y: 0})
	return o.Draw(chartOfMoments(truth, points, drop))
}

// chartOfAims draws the outcome of each target.
func chartOfAims(aims []*aim) chart.Chart {
	m := chart.Matrix{Corner: "recovery target", Columns: []string{"entries", "timeline"}, Remarks: "where it stopped"}
	for _, t := range aims {
		cell := chart.Cell{Text: t.found.String(), Mood: chart.Bad}
		switch {
		case t.found.Table && t.found.Rows == atArchive:
			cell.Mood = chart.Good
		case t.found.Table && t.found.Rows == atBackup, t.found.Refused != "":
			cell.Mood = chart.Partly
		}
		timeline := chart.Cell{Text: "-", Mood: chart.Blank}
		if t.found.Refused == "" {
			timeline = chart.Cell{Text: fmt.Sprint(t.found.Timeline), Mood: chart.Neutral}
		}
		remark := t.remark
		if remark == "" {
			remark = t.found.Stopped
		}
		m.Rows = append(m.Rows, chart.MatrixRow{Name: t.what, Cells: []chart.Cell{cell, timeline}, Remark: remark})
	}
	return chart.Chart{
		Name: "targets", Title: "Four kinds of target return the ledger; the others mostly miss without an error",
		Subtitle: fmt.Sprintf("base backup at entry %d, DROP TABLE after entry %d, then a new ledger with %d entries",
			atBackup, atArchive, afterwards),
		About: "Rows are recovery targets. The first column has the entries of the ledger after the recovery, or " +
			"\"refused\" where the server did not start; light cells are the whole ledger, dark ones are wrong.",
		Panels: []chart.Panel{m},
	}
}

// chartOfMoments draws the ledger's entries over time, and what recoveries to moments found.
func chartOfMoments(truth, points []chart.XY, drop float64) chart.Chart {
	return chart.Chart{
		Name: "moments", Title: "A recovery by time returns just what had been committed by then",
		Subtitle: "one base backup, one archive; each mark is a recovery of its own",
		About: "The line is how many entries the live ledger had; each mark is a recovery with that target time, and the " +
			"entries that it found. After the DROP there is no table, drawn as 0.",
		Panels: []chart.Panel{chart.Lines{
			X: chart.Axis{Label: "target time, since the end of the base backup (ms)"},
			Y: chart.Axis{Label: "entries of the ledger", Min: 0, Max: 180, Whole: true},
			Series: []chart.Series{{Name: "the live ledger", Points: truth, Steps: true},
				{Name: "recovered", Points: points, Bare: true}},
			Moments: []chart.Reference{{Name: "DROP TABLE", At: drop}},
		}},
	}
}
