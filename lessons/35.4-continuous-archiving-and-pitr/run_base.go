package continuousarchiving

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// Entries of the ledger when the base backup is taken, when a segment is archived for the last time, and when the
// server dies.
const (
	atBackup  = 100
	atArchive = 150
	atDeath   = 175
)

// runBase loses a server and restores it from a base backup and from more and more WAL.
func runBase(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, onBooks(ctx, func(ctx context.Context, b *books) error {
		env.Say("%d entries, a base backup, %d more, and the server dies", atBackup, atDeath-atBackup)
		if err := b.liveAndDie(ctx); err != nil {
			return err
		}
		env.Say("the base backup alone")
		alone, err := b.Home.Copy(ctx, "alone", b.Path("monday"))
		if err != nil {
			return err
		}
		none, err := pg.Begin(ctx, alone)
		if err != nil {
			return err
		}
		b.Note("postgres -D copy-of-monday (no WAL, no recovery.signal)", none.Refused)
		env.Say("the base backup and the archive")
		archived, err := b.Try(ctx, "archived", "monday", nil)
		if err != nil {
			return err
		}
		b.Note("postgres -D copy-of-monday (restore_command, recovery.signal)", archived.String()+" entries")
		env.Say("and the last segment from the dead server's pg_wal")
		if err := b.rescue(ctx); err != nil {
			return err
		}
		rescued, err := b.Try(ctx, "rescued", "monday", nil)
		if err != nil {
			return err
		}
		b.Note("postgres -D copy-of-monday (again, with that segment)", rescued.String()+" entries")
		o.Tell("alone", none.String(), "the base backup alone, taken with -X none")
		o.Tell("alone.why", none.Refused, "why")
		o.Count("archived", float64(archived.Rows), "entries in the base backup and the archive")
		o.Count("lost", float64(atDeath-archived.Rows), "committed entries that are not")
		o.Count("rescued", float64(rescued.Rows), "entries with the last segment of the dead server's pg_wal")
		o.Count("timeline", float64(archived.Timeline), "the restored server's timeline")
		o.Tables = append(o.Tables, b.Commands())
		return o.DrawExact(chartOfBase(none, archived, rescued))
	})
}

// liveAndDie books entries, takes a backup, and kills the server.
func (b *books) liveAndDie(ctx context.Context) error {
	if _, err := pg.Book(ctx, b.Live, 1, atBackup); err != nil {
		return err
	}
	if err := b.BackUp(ctx, "monday"); err != nil {
		return err
	}
	if _, err := pg.Book(ctx, b.Live, atBackup+1, atArchive); err != nil {
		return err
	}
	segment, err := b.Live.SwitchWAL(ctx, b.Archive)
	if err != nil {
		return err
	}
	b.Note("psql -c 'select pg_switch_wal()'", segment+" is archived")
	if _, err := pg.Book(ctx, b.Live, atArchive+1, atDeath); err != nil {
		return err
	}
	b.Note("kill -9 of the server", fmt.Sprintf("%d entries were committed", atDeath))
	return b.Live.Stop(ctx, postgres.Kill)
}

// rescue copies what the dead server had not archived.
func (b *books) rescue(ctx context.Context) error {
	names, err := b.Archive.Segments()
	if err != nil {
		return err
	}
	var next string
	have, err := postgres.Archive{Dir: filepath.Join(b.Live.Data(), "pg_wal")}.Segments()
	if err != nil {
		return err
	}
	for _, n := range have {
		if next == "" && n > names[len(names)-1] {
			next = n
		}
	}
	from := filepath.Join(b.Live.Data(), "pg_wal", next)
	o, err := b.Home.Run(ctx, postgres.Call{Program: "/bin/cp", Args: []string{from, b.Archive.Dir}})
	if err != nil {
		return err
	}
	b.Note("cp live/data/pg_wal/"+next+" archive/", "exit code 0")
	return o.Failed()
}

// chartOfBase draws how many entries come back from what.
func chartOfBase(none, archived, rescued pg.Found) chart.Chart {
	label := func(f pg.Found) string {
		if f.Refused != "" {
			return "does not start"
		}
		return f.String()
	}
	value := func(f pg.Found) float64 {
		if f.Refused != "" {
			return math.SmallestNonzeroFloat64
		}
		return float64(f.Rows)
	}
	fs := []pg.Found{none, archived, rescued}
	set := chart.BarSet{Name: "entries restored"}
	for _, f := range fs {
		set.Values, set.Labels = append(set.Values, value(f)), append(set.Labels, label(f))
	}
	return chart.Chart{
		Name: "restored-from", Title: "A base backup needs WAL, and the archive ends at a whole segment",
		Subtitle: fmt.Sprintf("backup at entry %d, last segment archived at entry %d, kill -9 at entry %d", atBackup,
			atArchive, atDeath),
		About: "Each bar is a restore: how many entries of the ledger it has. The line is what was committed.",
		Panels: []chart.Panel{chart.Bars{
			Names: []string{"base backup alone", "+ archive", "+ the dead server's pg_wal"},
			Y:     chart.Axis{Label: "entries", Min: 0, Max: 200, Whole: true}, Sets: []chart.BarSet{set},
			Across: []chart.Reference{{Name: "committed", At: atDeath}},
		}},
	}
}
