package continuousarchiving

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// The first recovery goes to after this entry, which is too early, and the ledger gets more there.
const (
	tooEarly = 120
	elsewise = 10
)

// forks are the recoveries of the step.
type forks struct {
	early, again, right, newest pg.Found
	history                     string // of the third timeline
}

// runTimelines recovers too early, works there, and recovers again.
func runTimelines(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, afterMistake(ctx, env, func(ctx context.Context, b *books, a accident) error {
		if err := b.Live.Stop(ctx, postgres.Fast); err != nil {
			return err
		}
		f, err := b.fork(ctx, env, a)
		if err != nil {
			return err
		}
		f.tell(o)
		o.Tables = append(o.Tables, b.Commands())
		return o.DrawExact(f.chart())
	})
}

// fork recovers four times.
func (b *books) fork(ctx context.Context, env *lessons.Env, a accident) (f forks, err error) {
	early := map[string]string{"recovery_target_time": pg.Stamp(a.at[tooEarly-atBackup-1]),
		"recovery_target_action": "promote"}
	env.Say("a recovery that is too early, and work on its timeline")
	if f.early, err = b.branch(ctx, "early", early, elsewise); err != nil {
		return f, err
	}
	right := map[string]string{"recovery_target_time": pg.Stamp(a.before), "recovery_target_action": "promote"}
	env.Say("a recovery to the right moment, on the latest timeline")
	if f.again, err = b.Try(ctx, "again", "monday", right); err != nil {
		return f, err
	}
	b.Note("recovery_target_time = before the DROP", f.again.String()+" entries, no error")
	env.Say("the same with recovery_target_timeline = 1")
	right["recovery_target_timeline"] = "1"
	if f.right, err = b.branch(ctx, "right", right, 1); err != nil {
		return f, err
	}
	text, err := os.ReadFile(filepath.Join(b.Archive.Dir, "00000003.history"))
	if err != nil {
		return f, err
	}
	f.history = string(text)
	b.Note("cat archive/00000003.history", strings.Join(strings.Fields(f.history), " "))
	env.Say("a recovery of timeline 2 to its end")
	f.newest, err = b.Try(ctx, "newest", "monday", map[string]string{"recovery_target_timeline": "2"})
	b.Note("recovery_target_timeline = 2, no target", f.newest.String()+" entries")
	return f, err
}

// branch recovers to a server that archives to the same archive, and books entries there.
func (b *books) branch(ctx context.Context, name string, settings map[string]string, n int) (pg.Found, error) {
	srv, err := b.Restore(ctx, name, "monday", settings)
	if err != nil {
		return pg.Found{}, err
	}
	if err := srv.ArchiveTo(b.Archive); err != nil {
		return pg.Found{}, err
	}
	f, err := pg.Begin(ctx, srv)
	if err != nil || f.Refused != "" {
		return f, err
	}
	b.Note("postgres -D copy-of-monday ("+name+")", f.String()+" entries, timeline "+string('0'+rune(f.Timeline)))
	const first = 1001
	if _, err := pg.Book(ctx, srv, first, first+n-1); err != nil {
		return f, err
	}
	_, err = srv.SwitchWAL(ctx, b.Archive)
	return f, errors.Join(err, srv.Stop(ctx, postgres.Fast))
}

func (f forks) tell(o *lessons.Observations) {
	o.Count("early.rows", float64(f.early.Rows), "entries after the recovery that was too early")
	o.Count("early.timeline", float64(f.early.Timeline), "its timeline")
	o.Tell("again.rows", f.again.String(), "entries after a second recovery, to just before the DROP")
	o.Tell("right.rows", f.right.String(), "entries after the same recovery with recovery_target_timeline = 1")
	o.Count("right.timeline", float64(f.right.Timeline), "its timeline")
	o.Count("newest.rows", float64(f.newest.Rows), "entries after a recovery of timeline 2 to its end")
	lines := 0
	for line := range strings.Lines(f.history) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	o.Count("history.lines", float64(lines), "lines in 00000003.history")
	parent, _, _ := strings.Cut(strings.TrimSpace(f.history), "\t")
	o.Tell("history.parent", parent, "the parent timeline in it")
}

// chart draws the timelines.
func (f forks) chart() chart.Chart {
	const drop, room = atArchive, 14
	return chart.Chart{
		Name: "timelines", Title: "Each recovery begins a timeline; the next one follows the latest unless it is told not to",
		Subtitle: "base backup at entry 100, DROP TABLE after entry 150; all timelines are in one archive",
		About: "A lane is a timeline, over the entries of the ledger. Timeline 2 began at a recovery to entry 120, and " +
			"timeline 3 at one to entry 150 that followed timeline 1.",
		Panels: []chart.Panel{chart.Lanes{
			X: chart.Axis{Label: "entries booked", Min: 90, Max: 180},
			Rows: []chart.Lane{
				{Name: "timeline 1", Stretches: []chart.Stretch{{From: atBackup, To: drop, Text: "the live server",
					Mood: chart.Neutral}, {From: drop, To: drop + room, Text: "DROP TABLE", Mood: chart.Bad}}},
				{Name: "timeline 2", Stretches: []chart.Stretch{{From: atBackup, To: tooEarly, Text: "as 1", Mood: chart.Neutral},
					{From: tooEarly, To: float64(f.newest.Rows), Text: "too early", Mood: chart.Partly}}},
				{Name: "timeline 3", Stretches: []chart.Stretch{{From: atBackup, To: float64(f.right.Rows), Text: "as 1",
					Mood: chart.Neutral}, {From: float64(f.right.Rows), To: float64(f.right.Rows) + room, Text: "goes on",
					Mood: chart.Good}}},
			},
			Moments: []chart.Reference{{Name: "base backup", At: atBackup}, {Name: "first recovery", At: tooEarly},
				{Name: "DROP", At: drop}},
		}},
	}
}
