package archivecommand

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
)

// Entries that are booked while the receiver runs, and one while it does not.
const streamed = 30

// slot is the replication slot of the receiver.
const slot = "vault"

// receiver is a pg_receivewal that runs.
type receiver struct {
	stop context.CancelFunc
	done chan struct{}
	out  postgres.Output
	err  error
}

// receive starts pg_receivewal with its slot and waits until it streams, or has ended.
func (s *store) receive(ctx context.Context, into string) (*receiver, error) {
	running, stop := context.WithCancel(ctx)
	r := &receiver{stop: stop, done: make(chan struct{})}
	args := []string{"-D", into, "-S", slot, "--synchronous", "--no-loop"}
	go func() {
		defer close(r.done)
		r.out, r.err = s.Live.Run(running, postgres.Program("pg_receivewal", args...))
	}()
	s.Note("pg_receivewal "+strings.Join(args, " "), "")
	const streams = "select exists (select from pg_stat_replication where state = 'streaming')"
	err := lessons.Until(ctx, func() (bool, error) {
		select {
		case <-r.done:
			return true, nil
		default:
			return postgres.Value[bool](ctx, s.Live, "", streams)
		}
	})
	return r, errors.Join(err, ctx.Err())
}

// end kills the receiver and waits until the server has noticed.
func (r *receiver) end(ctx context.Context, s *store) error {
	r.stop()
	<-r.done
	s.Note("kill -9 of pg_receivewal", "")
	return until(ctx, s.Live, "select not exists (select from pg_stat_replication)")
}

// runStream keeps WAL for a receiver that is away, streams to one that commits wait for, and loses the server.
func runStream(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, inStore(ctx, roomForWAL, func(ctx context.Context, s *store) error {
		if err := s.Live.Exec(ctx, "", "select pg_create_physical_replication_slot('"+slot+"', true)"); err != nil {
			return err
		}
		s.Note("select pg_create_physical_replication_slot('"+slot+"', true)", "")
		env.Say("a receiver that goes away, and a slot that keeps WAL for it")
		held, err := s.hold(ctx, env)
		if err != nil {
			return err
		}
		env.Say("a receiver that commits wait for")
		if err := s.loseNothing(ctx, o); err != nil {
			return err
		}
		last := len(written) - 1
		o.Count("free.segments", float64(held.free[last]), "segments in pg_wal, without a slot")
		o.Count("held.segments", float64(held.held[last]), "with a slot whose receiver is away")
		o.Tell("held.status", held.status, "wal_status of that slot")
		o.Count("limited.segments", float64(held.limited[last]), "with max_slot_wal_keep_size = 4MB")
		o.Tell("limited.status", held.limitedStatus, "wal_status of that slot")
		o.Tell("limited.receiver", held.says, "the receiver, when it comes back to that slot")
		o.Tables = append(o.Tables, s.Commands())
		return o.DrawExact(chartOfHeld(held))
	})
}

// written is how many segments are written before each look.
var written = []int{0, 4, 8, 12, 16}

// holding is how many segments were in pg_wal after so many were written.
type holding struct {
	free, held, limited         []int
	status, limitedStatus, says string
}

// write writes segments and counts those in pg_wal.
func (s *store) write(ctx context.Context) (kept []int, err error) {
	before := 0
	for _, n := range written {
		if err := fill(ctx, s.Live, n-before); err != nil {
			return nil, err
		}
		before = n
		if _, err := switchWAL(ctx, s.Live); err != nil {
			return nil, err
		}
		if err := s.Live.Exec(ctx, "", "checkpoint"); err != nil {
			return nil, err
		}
		k, err := inWAL(s.Live)
		if err != nil {
			return nil, err
		}
		kept = append(kept, k)
	}
	return kept, nil
}

// status is the wal_status of the slot.
func (s *store) status(ctx context.Context) (string, error) {
	return postgres.Value[string](ctx, s.Live, "", "select wal_status from pg_replication_slots")
}

// hold writes with a slot, with one that may only keep so much, and without any.
func (s *store) hold(ctx context.Context, env *lessons.Env) (h holding, err error) {
	dir, err := s.Home.Folder("late")
	if err != nil {
		return h, err
	}
	if err := s.fetchSome(ctx, dir); err != nil {
		return h, err
	}
	if h.held, err = s.write(ctx); err != nil {
		return h, err
	}
	if h.status, err = s.status(ctx); err != nil {
		return h, err
	}
	s.Note("16 segments are written; select wal_status from pg_replication_slots", h.status)
	env.Say("the receiver catches up, and goes away again; max_slot_wal_keep_size = 4MB")
	if err := s.fetchSome(ctx, dir); err != nil {
		return h, err
	}
	if err := errors.Join(s.Live.Set("max_slot_wal_keep_size", "4MB"), s.Live.Restart(ctx)); err != nil {
		return h, err
	}
	if h.limited, err = s.write(ctx); err != nil {
		return h, err
	}
	if h.limitedStatus, err = s.status(ctx); err != nil {
		return h, err
	}
	s.Note("max_slot_wal_keep_size = 4MB; 16 segments more", h.limitedStatus)
	r, err := s.receive(ctx, dir)
	if err != nil {
		return h, err
	}
	h.says = "it streams"
	select {
	case <-r.done:
		h.says = pg.Refused
		s.Note("(it ended)", firstLine(r.out.Err))
	default:
	}
	r.stop()
	<-r.done
	if err := until(ctx, s.Live, "select not active from pg_replication_slots"); err != nil {
		return h, err
	}
	if err := s.Live.Exec(ctx, "", "select pg_drop_replication_slot('"+slot+"')", "checkpoint"); err != nil {
		return h, err
	}
	h.free, err = s.write(ctx)
	return h, err
}

// fetchSome lets the receiver fetch the WAL that there is, and kills it.
func (s *store) fetchSome(ctx context.Context, dir string) error {
	r, err := s.receive(ctx, dir)
	if err != nil {
		return err
	}
	err = fill(ctx, s.Live, 1)
	if err == nil {
		var now string
		if now, err = postgres.Value[string](ctx, s.Live, "", "select pg_current_wal_flush_lsn()::text"); err == nil {
			err = until(ctx, s.Live, "select coalesce(bool_or(flush_lsn >= $1::text::pg_lsn), false) from "+
				"pg_stat_replication", now)
		}
	}
	return errors.Join(err, r.end(ctx, s))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// loseNothing books with a synchronous receiver and without one, loses the server, and restores from what was received.
func (s *store) loseNothing(ctx context.Context, o *lessons.Observations) error {
	if err := s.Live.Exec(ctx, "", "select pg_create_physical_replication_slot('"+slot+"', true)"); err != nil {
		return err
	}
	dir, err := s.Home.Folder("vault")
	if err != nil {
		return err
	}
	r, err := s.receive(ctx, dir) // before the base backup: else the first segment would be missing
	if err != nil {
		return err
	}
	defer func() { r.stop(); <-r.done }()
	if err := s.BackUp(ctx, "monday"); err != nil {
		return err
	}
	if err := s.Live.Exec(ctx, "", "alter system set synchronous_standby_names = '*'", "select "+
		"pg_reload_conf()"); err != nil {
		return err
	}
	if err := until(ctx, s.Live, "select sync_state in ('sync', 'quorum') from pg_stat_replication"); err != nil {
		return err
	}
	s.Note("synchronous_standby_names = '*'", "commits wait for pg_receivewal")
	if _, err := pg.Book(ctx, s.Live, 1, streamed); err != nil {
		return err
	}
	if err := r.end(ctx, s); err != nil {
		return err
	}
	waits, err := s.commitWaits(ctx)
	if err != nil {
		return err
	}
	o.Tell("no-receiver", waits, "a commit while the receiver is away")
	if err := s.Live.Stop(ctx, postgres.Kill); err != nil {
		return err
	}
	s.Note("kill -9 of the server; its data are lost", fmt.Sprintf("%d entries were acknowledged", streamed))
	partial, err := filepath.Glob(filepath.Join(dir, "*.partial"))
	if err != nil {
		return err
	}
	for _, p := range partial {
		if err := os.Rename(p, strings.TrimSuffix(p, ".partial")); err != nil {
			return err
		}
		s.Note("mv "+p+" "+strings.TrimSuffix(p, ".partial"), "")
	}
	archive, vault := s.Archive, postgres.Archive{Dir: dir}
	f, err := s.Try(ctx, "archived", "monday", nil)
	if err != nil {
		return err
	}
	s.Archive = vault
	g, err := s.Try(ctx, "received", "monday", nil)
	s.Archive = archive
	o.Count("received.acknowledged", streamed, "entries whose commit was acknowledged")
	o.Count("archived.rows", float64(f.Rows), "entries restored from the archive of archive_command")
	o.Count("received.rows", float64(g.Rows), "entries restored from what pg_receivewal had")
	s.Note("a restore from the archive", f.String()+" entries")
	s.Note("a restore from what pg_receivewal wrote", g.String()+" entries")
	return err
}

// commitWaits tells whether a commit waits for the receiver, which is away. It is given up.
func (s *store) commitWaits(ctx context.Context) (string, error) {
	try, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := pg.Book(try, s.Live, streamed+1, streamed+1)
		ended <- err
	}()
	const inWait = "select exists (select from pg_stat_activity where wait_event = 'SyncRep')"
	said := "waits"
	err := lessons.Until(ctx, func() (bool, error) {
		select {
		case err := <-ended:
			said = "done"
			ended <- err
			return true, err
		default:
			return postgres.Value[bool](ctx, s.Live, "", inWait)
		}
	})
	cancel()
	<-ended
	s.Note("insert into ledger, while pg_receivewal is away", said)
	return said, err
}

// chartOfHeld draws what is in pg_wal with and without a slot.
func chartOfHeld(h holding) chart.Chart {
	line := func(name string, kept []int) chart.Series {
		s := chart.Series{Name: name, Marks: true}
		for i, k := range kept {
			s.Points = append(s.Points, chart.XY{X: float64(written[i]), Y: float64(k)})
		}
		return s
	}
	return chart.Chart{
		Name: "slots", Title: "A slot keeps all WAL that its receiver has not fetched, unless it is limited",
		Subtitle: "segments of 1 MB, all archived, max_wal_size = 4MB; the receiver of the slot is away",
		About: "How many segments are in pg_wal after a checkpoint, against how many were written, without a slot, with " +
			"one, " +
			"and with one that max_slot_wal_keep_size limits to 4 MB.",
		Panels: []chart.Panel{chart.Lines{
			X: chart.Axis{Label: "segments written", Whole: true}, Y: chart.Axis{Label: "segments in pg_wal", Whole: true},
			Series: []chart.Series{line("with a slot", h.held), line("with a slot and max_slot_wal_keep_size = 4MB", h.limited),
				line("without a slot", h.free)},
		}},
	}
}
