package archivecommand

import (
	"context"
	"errors"
	"fmt"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// The clone's entries have these numbers.
const (
	cloneFirst   = 5001
	cloneEntries = 10
)

// restored is what came back of a damaged archive.
type restored struct {
	latest, target string // entries without a target, and with one at the end
	own, clone     int    // entries of the server, and of the clone, without a target
	missing        int    // segments, by their names
	failed         int    // what failed_count had said
}

// runLies archives with a command that does nothing, with one that refuses to replace files and with one that does not.
func runLies(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, inStore(ctx, nil, func(ctx context.Context, s *store) error {
		env.Say("a clone that archives to the same folder")
		refuses, overwrites, err := s.clones(ctx, env)
		if err != nil {
			return err
		}
		env.Say("a command that does nothing, and says that it did")
		lies, err := s.lie(ctx)
		if err != nil {
			return err
		}
		for _, r := range []struct {
			name, about string
			restored
		}{{"lie", "with /bin/true for a while", lies}, {"refuse", "after a clone whose command never replaces a file",
			refuses}, {"overwrite", "after a clone whose command replaces files", overwrites}} {
			o.Tell(r.name+".latest", r.latest, "entries restored "+r.about+", without a target")
			o.Tell(r.name+".target", r.target, "and with a target at the end")
			o.Count(r.name+".own", float64(r.own), "of them, those of the server itself")
			o.Count(r.name+".clone", float64(r.clone), "and of the clone")
			o.Count(r.name+".missing", float64(r.missing), "segments that are missing in the archive, by their names")
		}
		o.Count("lie.failed", float64(lies.failed), "failed_count meanwhile")
		o.Tell("refuse.failed", lessons.YesNo(refuses.failed > 0), "whether the clone's failed_count tells of it")
		o.Count("overwrite.failed", float64(overwrites.failed), "failed_count of the clone that replaces files")
		o.Tables = append(o.Tables, s.Commands())
		return o.DrawExact(chartOfLies(lies, refuses, overwrites))
	})
}

// end is the name of the restore point after the last entry of each part.
const end = "the_end"

// clones starts a copy of the server, which archives to the same folder: first with a command that never replaces a
// file, then with one that does.
func (s *store) clones(ctx context.Context, env *lessons.Env) (refuses, overwrites restored, err error) {
	if _, err := pg.Book(ctx, s.Live, 1, atBackup); err != nil {
		return refuses, overwrites, err
	}
	// With its WAL, so that a copy can be started by itself.
	o, err := s.Live.Run(ctx, postgres.Program("pg_basebackup", "-D", s.Path("sunday"), "-c", "fast", "-X", "stream"))
	if err := errors.Join(err, o.Failed()); err != nil {
		return refuses, overwrites, err
	}
	s.Note("pg_basebackup -D sunday -c fast -X stream", "exit code 0")
	if err := bookLot(ctx, s.Live, atBackup, lot); err != nil {
		return refuses, overwrites, err
	}
	for _, c := range []struct {
		name, command string
		into          *restored
	}{{"polite", s.Archive.Command(), &refuses}, {"rude", "cp %p " + s.Archive.Dir + "/%f", &overwrites}} {
		env.Say("archive_command = %s", map[bool]string{true: "test ! -f ... && cp ...", false: "cp ..."}[c.name == "polite"])
		if c.into.failed, err = s.cloneArchives(ctx, c.name, c.command, c.into == &refuses); err != nil {
			return refuses, overwrites, err
		}
		if err := s.comeBack(ctx, "after-"+c.name, "sunday", "", c.into); err != nil {
			return refuses, overwrites, err
		}
	}
	return refuses, overwrites, nil
}

// cloneArchives starts a copy that believes to be the original, and books and archives there. It returns its
// failed_count.
func (s *store) cloneArchives(ctx context.Context, name, command string, refused bool) (failed int, err error) {
	clone, err := s.Home.Copy(ctx, name, s.Path("sunday"))
	if err != nil {
		return 0, err
	}
	if err := errors.Join(clone.Set("archive_mode", "on"), clone.Set("archive_command", command),
		clone.Set("fsync", "off")); err != nil {
		return 0, err
	}
	if err := clone.Start(ctx); err != nil {
		return 0, err
	}
	if _, err := pg.Book(ctx, clone, cloneFirst, cloneFirst+cloneEntries-1); err != nil {
		return 0, err
	}
	if refused {
		if err := clone.Exec(ctx, "", "select pg_switch_wal()"); err != nil {
			return 0, err
		}
		err = until(ctx, clone, "select failed_count > 0 from pg_stat_archiver")
	} else {
		_, err = switchWAL(ctx, clone)
	}
	if err != nil {
		return 0, err
	}
	failed, err = postgres.Value[int](ctx, clone, "", "select failed_count from pg_stat_archiver")
	if err != nil {
		return 0, err
	}
	s.Note("a copy of sunday is started, books, and archives ("+name+": "+command+")", map[bool]string{
		true: "it is refused", false: "exit code 0"}[refused])
	return failed, clone.Stop(ctx, postgres.Immediate)
}

// lie archives with /bin/true for two segments.
func (s *store) lie(ctx context.Context) (r restored, err error) {
	if err := s.BackUp(ctx, "monday"); err != nil {
		return r, err
	}
	n := atBackup + lot
	for _, l := range []struct {
		command string
		lots    int
	}{{s.Archive.Command(), 1}, {"/bin/true", 2}, {s.Archive.Command(), 1}} {
		if err := s.useCommand(ctx, l.command); err != nil {
			return r, err
		}
		for range l.lots {
			if err := bookLot(ctx, s.Live, n, lot); err != nil {
				return r, err
			}
			n += lot
		}
		s.Note("archive_command = "+l.command, fmt.Sprintf("%d entries, and failed_count does not move", n))
	}
	if err := s.Live.Exec(ctx, "", "select pg_create_restore_point('"+end+"')"); err != nil {
		return r, err
	}
	if _, err := switchWAL(ctx, s.Live); err != nil {
		return r, err
	}
	if r.failed, err = postgres.Value[int](ctx, s.Live, "", "select failed_count from pg_stat_archiver"); err != nil {
		return r, err
	}
	return r, s.comeBack(ctx, "after-lie", "monday", end, &r)
}

// comeBack restores from the archive: without a target, and with one if it has a name.
func (s *store) comeBack(ctx context.Context, name, backup, target string, r *restored) error {
	f, srv, err := s.Recover(ctx, name, backup, nil)
	if err != nil {
		return err
	}
	r.latest = f.String()
	const count = "select count(*) from ledger where (id >= $1) = $2"
	if r.clone, err = postgres.Value[int](ctx, srv, "", count, cloneFirst, true); err != nil {
		return err
	}
	if r.own, err = postgres.Value[int](ctx, srv, "", count, cloneFirst, false); err != nil {
		return err
	}
	if err := srv.Stop(ctx, postgres.Immediate); err != nil {
		return err
	}
	s.Note("a restore of "+backup+", without a target", "no error, "+r.latest+" entries")
	r.target = "not tried"
	if target != "" {
		f, err := s.Try(ctx, name+"-t", backup, map[string]string{"recovery_target_name": target,
			"recovery_target_action": "promote"})
		if err != nil {
			return err
		}
		r.target = f.String()
		s.Note("a restore of "+backup+", recovery_target_name = "+target, f.Refused)
	}
	names, err := s.Archive.Segments()
	if err != nil {
		return err
	}
	missing, err := gaps(names, smallPerLog)
	r.missing = len(missing)
	return err
}

// chartOfLies draws what each command cost.
func chartOfLies(lies, refuses, overwrites restored) chart.Chart {
	const booked, bookedThen = atBackup + 5*lot, atBackup + lot
	row := func(name string, r restored, want int, failed, remark string) chart.MatrixRow {
		mood := func(good bool) chart.Mood {
			if good {
				return chart.Good
			}
			return chart.Bad
		}
		return chart.MatrixRow{Name: name, Remark: remark, Cells: []chart.Cell{
			{Text: failed, Mood: mood(failed != "0")},
			{Text: fmt.Sprint(r.missing), Mood: mood(r.missing == 0)},
			{Text: fmt.Sprintf("%d of %d", r.own, want), Mood: mood(r.own == want)},
			{Text: fmt.Sprint(r.clone), Mood: mood(r.clone == 0)},
		}}
	}
	return chart.Chart{
		Name: "commands", Title: "What archive_command returns is all that the server knows",
		Subtitle: "restores without a target, which all ended without an error",
		About: "Rows are commands. Columns: what failed_count said, how many segments are missing by their names, how many " +
			"of the server's own entries came back, and how many of a clone's that wrote to the same archive.",
		Panels: []chart.Panel{chart.Matrix{Corner: "archive_command", Columns: []string{"failed_count", "missing",
			"own entries", "foreign entries"}, Remarks: "what happened", Rows: []chart.MatrixRow{
			row("/bin/true, for 2 segments", lies, booked, fmt.Sprint(lies.failed), "the replay ends at the gap"),
			row("cp (a clone archives, too)", overwrites, bookedThen, fmt.Sprint(overwrites.failed), "the clone's WAL is "+
				"replayed"),
			row("test ! -f && cp (the same)", refuses, bookedThen, "> 0", "the clone is refused"),
		}}},
	}
}
