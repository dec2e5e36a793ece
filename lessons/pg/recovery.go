package pg

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"quorumlab/internal/postgres"
)

// Found is what a recovery found.
type Found struct {
	Refused  string // why the server did not start; empty: it did
	Table    bool   // whether the ledger is there
	Locked   bool   // whether a read of it waits for a lock
	Rows     int
	Timeline int
	Stopped  string // what the log says on where it stopped
}

// What a recovery says instead of a number of rows.
const (
	Refused = "refused"
	NoTable = "no table"
	Waits   = "waits for a lock"
)

// LockTimeout is how long a read waits for a lock. One that a paused recovery holds is never released.
const LockTimeout = "500ms"

// isLocked reports whether a server gave up on waiting for a lock.
func isLocked(err error) bool {
	const lockNotAvailable = "55P03"
	var said *pgconn.PgError
	return errors.As(err, &said) && said.Code == lockNotAvailable
}

// String is the number of rows, or what there is instead.
func (f Found) String() string {
	switch {
	case f.Refused != "":
		return Refused
	case !f.Table:
		return NoTable
	case f.Locked:
		return Waits
	}
	return fmt.Sprint(f.Rows)
}

// Restore makes a server that recovers from a base backup and the archive, with settings such as a target. It does not
// run yet.
func (l *Ledger) Restore(ctx context.Context, name, backup string, settings map[string]string) (*postgres.Server,
	error) {
	srv, err := l.Home.Restore(ctx, name, l.Path(backup), l.Archive, settings)
	if err != nil {
		return nil, err
	}
	return srv, errors.Join(srv.Set("lock_timeout", LockTimeout), srv.Set("fsync", "off"))
}

// Recover restores a base backup and recovers. A server that refuses to start is an outcome. The server runs
// afterwards.
func (l *Ledger) Recover(ctx context.Context, name, backup string, settings map[string]string) (Found,
	*postgres.Server, error) {
	srv, err := l.Restore(ctx, name, backup, settings)
	if err != nil {
		return Found{}, nil, err
	}
	f, err := Begin(ctx, srv)
	return f, srv, err
}

// Try recovers to look at the outcome only.
func (l *Ledger) Try(ctx context.Context, name, backup string, settings map[string]string) (Found, error) {
	f, srv, err := l.Recover(ctx, name, backup, settings)
	if err != nil {
		return f, err
	}
	return f, srv.Stop(ctx, postgres.Immediate)
}

// Begin starts a server and looks at the ledger. That it refuses to start is an outcome.
func Begin(ctx context.Context, srv *postgres.Server) (Found, error) {
	err := srv.Start(ctx)
	if ctx.Err() != nil {
		return Found{}, ctx.Err()
	}
	if err != nil {
		if !strings.Contains(srv.Log(), "FATAL") && !strings.Contains(srv.Log(), "PANIC") {
			return Found{}, err
		}
		_, why, _ := strings.Cut(err.Error(), "): ")
		return Found{Refused: why}, nil
	}
	return Look(ctx, srv)
}

// Look looks at the ledger of a server that runs.
func Look(ctx context.Context, srv *postgres.Server) (f Found, err error) {
	f.Stopped = stopLine(srv.Log())
	if f.Table, err = postgres.Value[bool](ctx, srv, "", "select to_regclass('ledger') is not null"); err != nil {
		return f, err
	}
	if f.Table {
		f.Rows, err = postgres.Value[int](ctx, srv, "", "select count(*) from ledger")
		if f.Locked = isLocked(err); err != nil && !f.Locked {
			return f, err
		}
	}
	// The control file may still have the timeline from before a promotion.
	f.Timeline, err = postgres.Value[int](ctx, srv, "", "select case when pg_is_in_recovery() then "+
		"(select timeline_id from pg_control_checkpoint()) else "+
		"('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end")
	return f, err
}

// stopLine is the last line of a log on where the recovery stopped, without numbers that differ between runs.
func stopLine(log string) (stopped string) {
	for line := range strings.Lines(log) {
		if _, said, ok := strings.Cut(line, "LOG:  recovery stopping "); ok {
			stopped = strings.TrimSpace(said)
		}
	}
	if i := strings.Index(stopped, ", time "); i >= 0 {
		stopped = stopped[:i]
	}
	return stopped
}
