package archivecommand

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// timeouts are the archive_timeouts of the step, in seconds. A server ends when it has archived so many segments that
// were not full; that with 0 never does, and ends with the last of the others.
var timeouts = []int{0, 1, 2, 3}

const (
	teeth    = 2
	pace     = 40 * time.Millisecond // between two entries
	segments = 4                     // MB
)

// shift is a server with an archive_timeout, and what was seen of it.
type shift struct {
	*pg.Ledger
	timeout int

	samples                     []chart.XY // seconds since the base backup, and how old the newest archived entry is
	booked, predicted, restored int
	worst                       time.Duration
	before                      int   // segments that the base backup needed
	bytes, packed               int64 // of the others
}

// runRPO runs a server for each timeout, loses all of them, and restores each from its archive.
func runRPO(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, pg.InHome(ctx, func(ctx context.Context, h *postgres.Home) error {
		first, err := pg.NewLedger(ctx, h, map[string]string{"max_wal_size": "64MB"}, segments)
		if err != nil {
			return err
		}
		if err := first.Live.Stop(ctx, postgres.Fast); err != nil {
			return err
		}
		env.Say("%d servers, each with another archive_timeout", len(timeouts))
		all, err := beginShifts(ctx, first)
		if err != nil {
			return err
		}
		if err := work(ctx, all); err != nil {
			return err
		}
		for _, s := range all {
			env.Say("archive_timeout = %ds: a restore from the archive", s.timeout)
			if err := s.lose(ctx); err != nil {
				return err
			}
			s.tell(o)
			first.Note(fmt.Sprintf("archive_timeout = %d: the server and its data are lost, and restored", s.timeout),
				fmt.Sprintf("%d entries booked, %d in the archive, %d restored", s.booked, s.predicted, s.restored))
		}
		o.Tables = append(o.Tables, first.Commands())
		return o.Draw(chartOfShifts(all))
	})
}

// beginShifts makes a copy of a server for each timeout, with an archive of its own, and a base backup.
func beginShifts(ctx context.Context, first *pg.Ledger) (all []*shift, err error) {
	for _, t := range timeouts {
		name := fmt.Sprintf("every-%d", t)
		dir, err := first.Home.Folder("archive-" + name)
		if err != nil {
			return nil, err
		}
		srv, err := first.Home.Copy(ctx, name, first.Live.Data())
		if err != nil {
			return nil, err
		}
		s := &shift{Ledger: &pg.Ledger{Home: first.Home, Live: srv, Archive: postgres.Archive{Dir: dir}}, timeout: t}
		if err := errors.Join(srv.ArchiveTo(s.Archive), srv.Set("archive_timeout", fmt.Sprint(t)), srv.Set("fsync", "off"),
			srv.Set("autovacuum", "off"), srv.Start(ctx), s.BackUp(ctx, name+"-backup")); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// work books on all servers at once, until each with a timeout has archived a few segments.
func work(ctx context.Context, all []*shift) error {
	var busy, last sync.WaitGroup
	done := make(chan struct{})
	errs := make([]error, len(all))
	for i, s := range all {
		if s.timeout > 0 {
			busy.Go(func() { errs[i] = s.work(ctx, nil) })
		} else {
			last.Go(func() { errs[i] = s.work(ctx, done) })
		}
	}
	busy.Wait()
	close(done)
	last.Wait()
	return errors.Join(errs...)
}

// commit is a booked entry: when that was, and the segment that was current then.
type commit struct {
	at      time.Time
	segment string
}

// work books entries until a few segments are archived, or until done. It notes how old the newest archived entry is.
func (s *shift) work(ctx context.Context, done <-chan struct{}) (err error) {
	c, err := s.Live.Connect(ctx, "", "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	before, err := s.Archive.Segments()
	if err != nil {
		return err
	}
	s.before = len(before)
	var all []commit
	began := time.Now()
	safe := began // when the newest archived entry was committed
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for archived := 0; ; {
		n := commit{}
		if _, err := c.Exec(ctx, "insert into ledger (id, amount) values ($1, 10 * $1)", len(all)+1); err != nil {
			return err
		}
		const current = "select pg_walfile_name(pg_current_wal_insert_lsn())"
		if err := c.QueryRow(ctx, current).Scan(&n.segment); err != nil {
			return err
		}
		n.at = time.Now()
		s.booked, all = s.booked+1, append(all, n)
		names, err := s.Archive.Segments()
		if err != nil {
			return err
		}
		for archived < len(all) && all[archived].segment <= names[len(names)-1] {
			safe = all[archived].at
			archived++
		}
		age := n.at.Sub(safe)
		s.worst = max(s.worst, age)
		s.samples = append(s.samples, chart.XY{X: n.at.Sub(began).Seconds(), Y: age.Seconds()})
		if done == nil && len(names)-s.before >= teeth {
			if lost, err := s.disaster(all); lost || err != nil {
				return err
			}
		}
		select {
		case <-tick.C:
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// disaster takes the archive away from the server, so that nothing more is archived, if the last entries are not in it.
func (s *shift) disaster(all []commit) (bool, error) {
	safe := s.Archive.Dir + "-safe"
	if err := os.Rename(s.Archive.Dir, safe); err != nil {
		return false, err
	}
	names, err := postgres.Archive{Dir: safe}.Segments()
	if err != nil {
		return false, err
	}
	// The last entry's segment may have ended between its commit and the look at it.
	if len(all) < 2 || all[len(all)-2].segment <= names[len(names)-1] {
		return false, os.Rename(safe, s.Archive.Dir)
	}
	s.Archive.Dir = safe
	return true, nil
}

var backupStart = regexp.MustCompile(`START WAL LOCATION: ([0-9A-F/]+) \(file ([0-9A-F]{24})\)`)

// lose kills the server, looks into the archive for what it must return, and restores from it.
func (s *shift) lose(ctx context.Context) error {
	if err := s.Live.Stop(ctx, postgres.Kill); err != nil {
		return err
	}
	backup := s.Live.Name() + "-backup"
	label, err := os.ReadFile(filepath.Join(s.Path(backup), "backup_label"))
	if err != nil {
		return err
	}
	from := backupStart.FindStringSubmatch(string(label))
	if from == nil {
		return fmt.Errorf("backup_label does not say where the backup starts: %s", label)
	}
	names, err := s.Archive.Segments()
	if err != nil {
		return err
	}
	o, err := s.Home.Run(ctx, postgres.Program("pg_waldump", "-r", "Transaction", "-s", from[1], "-p", s.Archive.Dir,
		from[2], names[len(names)-1]))
	if err := errors.Join(err, o.Failed()); err != nil {
		return err
	}
	s.predicted = strings.Count(o.Out, "desc: COMMIT ")
	f, err := s.Try(ctx, s.Live.Name()+"-again", backup, nil)
	if err != nil {
		return err
	}
	s.restored = f.Rows
	for _, n := range names[s.before:] {
		if err := s.weigh(filepath.Join(s.Archive.Dir, n)); err != nil {
			return err
		}
	}
	return nil
}

// weigh adds the size of an archived segment, as it is and compressed.
func (s *shift) weigh(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := &scale{}
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	n, err := io.Copy(z, f)
	if err := errors.Join(err, z.Close()); err != nil {
		return err
	}
	s.bytes += n
	s.packed += w.bytes
	return nil
}

// scale counts what is written to it.
type scale struct{ bytes int64 }

func (s *scale) Write(p []byte) (int, error) {
	s.bytes += int64(len(p))
	return len(p), nil
}

func (s *shift) tell(o *lessons.Observations) {
	name := fmt.Sprintf("timeout-%d", s.timeout)
	after := fmt.Sprintf(" with archive_timeout = %d", s.timeout)
	o.Measure(name+".booked", float64(s.booked), sim.Count, "entries booked"+after)
	o.Measure(name+".predicted", float64(s.predicted), sim.Count, "commits in its archive, by pg_waldump")
	o.Measure(name+".restored", float64(s.restored), sim.Count, "entries restored from it")
	o.Tell(name+".as-predicted", lessons.YesNo(s.predicted == s.restored), "whether these are the same")
	o.Tell(name+".some", someOf(s.restored, s.booked), "how much came back")
	o.Measure(name+".worst", sim.MillisOf(s.worst), sim.Millis, "the most that would have been lost at any moment")
	if s.bytes > 0 {
		o.Measure(name+".archive", float64(s.bytes), sim.Bytes, "size of what was archived")
		o.Measure(name+".packed", float64(s.packed), sim.Bytes, "the same with gzip -1")
		o.Measure(name+".ratio", float64(s.packed)/float64(s.bytes), sim.Shares, "the one relative to the other")
	}
}

func someOf(n, of int) string {
	switch n {
	case 0:
		return "nothing"
	case of:
		return "all"
	}
	return "a part"
}

// chartOfShifts draws what would have been lost at each moment, and what the archives weigh.
func chartOfShifts(all []*shift) chart.Chart {
	var lines []chart.Series
	raw, packed := chart.BarSet{Name: "as it is"}, chart.BarSet{Name: "gzip -1"}
	var names []string
	for _, s := range all {
		lines = append(lines, chart.Series{Name: fmt.Sprintf("archive_timeout = %d", s.timeout), Points: s.samples})
		names = append(names, fmt.Sprint(s.timeout))
		perMinute := func(bytes int64) float64 { return lessons.MiB(bytes) * 60 / s.samples[len(s.samples)-1].X }
		raw.Values, packed.Values = append(raw.Values, perMinute(s.bytes)), append(packed.Values, perMinute(s.packed))
		raw.Labels = append(raw.Labels, fmt.Sprintf("%.0f", perMinute(s.bytes)))
		packed.Labels = append(packed.Labels, fmt.Sprintf("%.1f", perMinute(s.packed)))
	}
	return chart.Chart{
		Name: "rpo", Title: "archive_timeout bounds what is lost, and fills the archive with empty segments",
		Subtitle: fmt.Sprintf("four servers, an entry every %d ms on each, segments of %d MB; the times depend on the "+
			"machine",
			pace.Milliseconds(), segments),
		About: "Left: if the server were lost at that moment, how many seconds of entries would be lost with it. Right: " +
			"how fast the archives grow.",
		Panels: []chart.Panel{chart.Lines{Title: "Lost, if the server were lost now", X: chart.Axis{Label: "time (s)"},
			Y: chart.Axis{Label: "lost (s)"}, Series: lines},
			chart.Bars{Title: "The archive grows", Names: names, XLabel: "archive_timeout (s)",
				Y: chart.Axis{Label: "MiB per minute"}, Sets: []chart.BarSet{raw, packed}}},
	}
}
