package pg

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
)

// Ledger is a server with the table ledger, which archives its WAL. Entry n has the ID n and the amount 10 n, so
// it is known at every moment what the table must hold.
type Ledger struct {
	Home    *postgres.Home
	Live    *postgres.Server
	Archive postgres.Archive
	noted   []note
}

// note is a command that was typed, and what came of it.
type note struct{ line, result string }

// CreateLedger is the statement that makes the table.
const CreateLedger = "create table ledger (id int primary key, amount int not null, at timestamptz not null default " +
	"clock_timestamp())"

// OnLedger is InHome with a ledger whose server runs, with segments of 1 MB.
func OnLedger(ctx context.Context, do func(ctx context.Context, l *Ledger) error) error {
	return InHome(ctx, func(ctx context.Context, h *postgres.Home) error {
		l, err := NewLedger(ctx, h, nil, 1)
		if err != nil {
			return err
		}
		return do(ctx, l)
	})
}

// ledgers are servers with an empty ledger and WAL segments of a size, in MB.
var (
	ledgersMu sync.Mutex
	ledgers   = map[int]*postgres.Original{}
)

// calm are settings of a ledger's server. A kill of its processes loses nothing that was written, synced or not;
// autovacuum would take transaction IDs.
var calm = map[string]string{"autovacuum": "off", "fsync": "off"}

// withLedger is a prepared server with an empty ledger.
func withLedger(segmentMB int) *postgres.Original {
	ledgersMu.Lock()
	defer ledgersMu.Unlock()
	if ledgers[segmentMB] == nil {
		ledgers[segmentMB] = postgres.NewOriginal(calm, func(ctx context.Context, s *postgres.Server) error {
			return s.Exec(ctx, "",
				// Nobody needs the templates, and each backup and each restore would copy their files, two thirds of all.
				"update pg_database set datistemplate = false where datname like 'template_'",
				"drop database template0", "drop database template1", CreateLedger)
		}, fmt.Sprintf("--wal-segsize=%d", segmentMB))
	}
	return ledgers[segmentMB]
}

// NewLedger makes a ledger in the home: the server live with more settings and WAL segments of so many MB, which runs
// afterwards, and the folder archive. Errors are those of the server and ctx's.
func NewLedger(ctx context.Context, h *postgres.Home, settings map[string]string, segmentMB int) (*Ledger, error) {
	dir, err := h.Folder("archive")
	if err != nil {
		return nil, err
	}
	l := &Ledger{Home: h, Archive: postgres.Archive{Dir: dir}}
	if l.Live, err = h.CreateFrom(ctx, "live", withLedger(segmentMB)); err != nil {
		return nil, err
	}
	err = l.Live.ArchiveTo(l.Archive)
	for name, value := range settings {
		err = errors.Join(err, l.Live.Set(name, value))
	}
	if err != nil {
		return nil, err
	}
	return l, l.Live.Start(ctx)
}

// Note keeps a command that was typed and its result, for Commands, without the home's path.
func (l *Ledger) Note(line, result string) {
	short := strings.NewReplacer(l.Home.Dir()+"/", "")
	l.noted = append(l.noted, note{short.Replace(line), short.Replace(result)})
}

// Commands are the commands that were typed, as a table.
func (l *Ledger) Commands() lessons.Table {
	t := lessons.Table{Name: "commands", Title: "What was typed", Head: []string{"command", "result"}}
	for _, c := range l.noted {
		t.Rows = append(t.Rows, []string{c.line, c.result})
	}
	return t
}

// BackUp takes a base backup into a folder of the home, without WAL: that comes from the archive. An exit code above 0
// is an error.
func (l *Ledger) BackUp(ctx context.Context, name string) error {
	args := []string{"-D", l.Path(name), "-c", "fast", "-X", "none"}
	o, err := l.Live.Run(ctx, postgres.Program("pg_basebackup", args...))
	if err := errors.Join(err, o.Failed()); err != nil {
		return err
	}
	l.Note("pg_basebackup "+strings.Join(args, " "), "exit code 0")
	return nil
}

// Path is the path of a file or folder in the home.
func (l *Ledger) Path(name string) string { return filepath.Join(l.Home.Dir(), name) }

// Book books the entries from one number to another on a server, each in a transaction of its own, and returns when
// each was committed, by the server's clock.
func Book(ctx context.Context, srv *postgres.Server, from, to int) (at []time.Time, err error) {
	c, err := srv.Connect(ctx, "", "")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	for n := from; n <= to; n++ {
		if _, err := c.Exec(ctx, "insert into ledger (id, amount) values ($1, $2)", n, 10*n); err != nil {
			return nil, err
		}
		t, err := clock(ctx, c)
		if err != nil {
			return nil, err
		}
		at = append(at, t)
	}
	return at, nil
}

// clock is the server's time, which goes on before it is returned: no later commit has the same.
func clock(ctx context.Context, c *pgx.Conn) (t time.Time, err error) {
	const query = "select clock_timestamp()"
	if err := c.QueryRow(ctx, query).Scan(&t); err != nil {
		return t, err
	}
	for next := t; !next.After(t); {
		if err := c.QueryRow(ctx, query).Scan(&next); err != nil {
			return t, err
		}
	}
	return t, nil
}

// Now is a moment between two commits, by the server's clock.
func Now(ctx context.Context, srv *postgres.Server) (t time.Time, err error) {
	c, err := srv.Connect(ctx, "", "")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	return clock(ctx, c)
}

// Stamp is a time as settings have it.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000+00") }
