package archivecommand

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// Entries of the ledger: when the base backup is taken, and how many come in each lot after that.
const (
	atBackup = 100
	lot      = 50
)

// store is a ledger whose archive is what matters. Its WAL segments have 1 MB, so that much happens with little to
// write.
type store struct{ *pg.Ledger }

func inStore(ctx context.Context, settings map[string]string, do func(ctx context.Context, s *store) error) error {
	return pg.InHome(ctx, func(ctx context.Context, h *postgres.Home) error {
		l, err := pg.NewLedger(ctx, h, settings, 1)
		if err != nil {
			return err
		}
		return do(ctx, &store{l})
	})
}

// until waits until a query of a server returns true.
func until(ctx context.Context, srv *postgres.Server, query string, args ...any) error {
	return lessons.Until(ctx, func() (bool, error) { return postgres.Value[bool](ctx, srv, "", query, args...) })
}

// archived is whether the server believes that a segment is archived.
const archived = "select coalesce(last_archived_wal >= $1, false) from pg_stat_archiver"

// switchWAL ends the current segment and waits until the server believes that it is archived, which it may not be.
func switchWAL(ctx context.Context, srv *postgres.Server) (segment string, err error) {
	segment, err = postgres.Value[string](ctx, srv, "", "select pg_walfile_name(pg_switch_wal() - 1)")
	if err != nil {
		return "", err
	}
	return segment, until(ctx, srv, archived, segment)
}

// bookLot books a lot of entries after some number, and has it archived, as the server believes.
func bookLot(ctx context.Context, srv *postgres.Server, after, n int) error {
	if _, err := pg.Book(ctx, srv, after+1, after+n); err != nil {
		return err
	}
	_, err := switchWAL(ctx, srv)
	return err
}

// useCommand restarts the server with another archive_command. A reload would do, but nobody can see when the archiver
// has taken notice of it.
func (s *store) useCommand(ctx context.Context, command string) error {
	if err := s.Live.Set("archive_command", command); err != nil {
		return err
	}
	return s.Live.Restart(ctx)
}

// walFolder is the folder of a server's WAL.
func walFolder(srv *postgres.Server) string { return filepath.Join(srv.Data(), "pg_wal") }

// inWAL is how many segments a server keeps.
func inWAL(srv *postgres.Server) (int, error) {
	names, err := postgres.Archive{Dir: walFolder(srv)}.Segments()
	return len(names), err
}

// waiting are the segments that wait for being archived, in order.
func waiting(srv *postgres.Server) (names []string, err error) {
	entries, err := os.ReadDir(filepath.Join(walFolder(srv), "archive_status"))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".ready"); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// fill writes whole segments of 1 MB.
func fill(ctx context.Context, srv *postgres.Server, segments int) error {
	// One message fills most of a segment, and the switch the rest.
	const message = "select pg_logical_emit_message(false, 'filler', repeat('x', 900000))"
	var sql []string
	for range segments {
		sql = append(sql, message, "select pg_switch_wal()")
	}
	return srv.Exec(ctx, "", sql...)
}

// gaps are the names that are missing between the first and the last segment of a list, which is sorted and of one
// timeline. So many segments have one number in the second part of their names.
func gaps(names []string, segmentsPerLog uint64) (missing []string, err error) {
	const digits = 8
	number := func(name string) (uint64, error) {
		log, err := strconv.ParseUint(name[digits:2*digits], 16, 64)
		if err != nil {
			return 0, err
		}
		segment, err := strconv.ParseUint(name[2*digits:], 16, 64)
		return log*segmentsPerLog + segment, err
	}
	for i, name := range names[:max(len(names)-1, 0)] {
		from, err1 := number(name)
		to, err2 := number(names[i+1])
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		for n := from + 1; n < to; n++ {
			missing = append(missing, fmt.Sprintf("%s%08X%08X", name[:digits], n/segmentsPerLog, n%segmentsPerLog))
		}
	}
	return missing, nil
}

// smallPerLog is how many segments of 1 MB have the same number in the middle of their names.
const smallPerLog = 4096
