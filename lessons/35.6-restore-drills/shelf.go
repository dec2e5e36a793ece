package restoredrills

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"quorumlab/internal/postgres"
	"quorumlab/lessons/pg"
)

// Entries of the ledger: in the base backup, and in each lot after it, which gets a segment of WAL of its own.
const (
	atBackup = 2000
	lot      = 50
	lots     = 3
	inTheEnd = atBackup + lots*lot
)

// shelf is a ledger with base backups and archives, to be damaged and restored.
type shelf struct {
	*pg.Ledger
	known    string            // the known answer, which each good restore has
	files    map[string]string // of tables and indexes, in the folder of the data
	middle   string            // the segment of the second lot
	noticed  bool              // whether pg_basebackup noticed the damaged index of the source
	restores int
}

// knownAnswer is over all rows of the ledger. It is ordered by what has no index, so that no index is read.
const knownAnswer = "select count(*) || ' ' || coalesce(md5(string_agg(md5(l::text), '' order by md5(l::text))), '') " +
	"from ledger l"

// onShelf makes a ledger and three base backups with an archive each: monday, which is good; index, of a server with a
// damaged index; and rows, of one whose rows were deleted.
func onShelf(ctx context.Context, do func(ctx context.Context, s *shelf) error) error {
	return pg.InHome(ctx, func(ctx context.Context, h *postgres.Home) error {
		l, err := newLedger(ctx, h)
		if err != nil {
			return err
		}
		s := &shelf{Ledger: l}
		for _, part := range []func(ctx context.Context) error{s.fill, s.damageIndex, s.deleteRows} {
			if err := part(ctx); err != nil {
				return err
			}
		}
		return do(ctx, s)
	})
}

// newLedger makes a ledger with segments of 1 MB and the extension amcheck.
func newLedger(ctx context.Context, h *postgres.Home) (*pg.Ledger, error) {
	l, err := pg.NewLedger(ctx, h, nil, 1)
	if err != nil {
		return nil, err
	}
	has, err := postgres.Value[bool](ctx, l.Live, "", "select exists (select from pg_available_extensions where name = "+
		"'amcheck')")
	if err == nil && !has {
		err = fmt.Errorf("%w: the extension amcheck is not there; some systems have it in the package postgresql-contrib",
			postgres.ErrMissing)
	}
	if err != nil {
		return nil, err
	}
	return l, l.Live.Exec(ctx, "", "create extension amcheck")
}

// fill books entries, takes the base backup monday, and books and archives more.
func (s *shelf) fill(ctx context.Context) error {
	if err := s.Live.Exec(ctx, "",
		"create table notes as select i, 'note ' || i as note from generate_series(1, 500) i",
		"create index ledger_amount on ledger (amount)",
		fmt.Sprintf("insert into ledger select i, 10 * i from generate_series(1, %d) i", atBackup),
		// Sets the hint bits, which would otherwise be set and logged by the first query after the backup.
		"vacuum freeze"); err != nil {
		return err
	}
	if err := s.BackUp(ctx, "monday"); err != nil {
		return err
	}
	for i := range lots {
		if _, err := pg.Book(ctx, s.Live, atBackup+i*lot+1, atBackup+(i+1)*lot); err != nil {
			return err
		}
		segment, err := s.Live.SwitchWAL(ctx, s.Archive)
		if err != nil {
			return err
		}
		if i == 1 {
			s.middle = segment
		}
	}
	var err error
	if s.known, err = postgres.Value[string](ctx, s.Live, "", knownAnswer); err != nil {
		return err
	}
	s.files = map[string]string{}
	for _, name := range []string{"ledger", "ledger_pkey", "ledger_amount", "notes"} {
		const file = "select pg_relation_filepath($1::text::regclass)"
		if s.files[name], err = postgres.Value[string](ctx, s.Live, "", file, name); err != nil {
			return err
		}
	}
	return s.keepArchive(ctx, "monday")
}

// keepArchive keeps the archive as it is now.
func (s *shelf) keepArchive(ctx context.Context, backup string) error {
	if _, err := s.Live.SwitchWAL(ctx, s.Archive); err != nil {
		return err
	}
	return s.linkFolder(s.Archive.Dir, s.Path("archive-"+backup))
}

// damageIndex damages an index of the live server and backs it up: first as one does, then without verifying checksums.
func (s *shelf) damageIndex(ctx context.Context) error {
	if err := s.Live.Stop(ctx, postgres.Fast); err != nil {
		return err
	}
	if err := s.flip(filepath.Join(s.Live.Data(), s.files["ledger_amount"]), inBlock(1)); err != nil {
		return err
	}
	if err := s.Live.Start(ctx); err != nil {
		return err
	}
	s.Note("some bytes in an index of the live server are changed", "it starts, and goes on")
	o, err := s.Live.Run(ctx, postgres.Program("pg_basebackup", "-D", s.Path("index-1"), "-c", "fast", "-X", "none"))
	if err != nil {
		return err
	}
	s.noticed = o.Code != 0
	s.Note("pg_basebackup -D index-1 -c fast -X none", fmt.Sprintf("exit code %d", o.Code))
	o, err = s.Live.Run(ctx, postgres.Program("pg_basebackup", "-D", s.Path("index"), "-c", "fast", "-X", "none",
		"--no-verify-checksums"))
	if err := errors.Join(err, o.Failed()); err != nil {
		return err
	}
	s.Note("pg_basebackup -D index -c fast -X none --no-verify-checksums", "exit code 0")
	return s.keepArchive(ctx, "index")
}

// deleteRows mends the index, deletes rows of the live server, and backs it up.
func (s *shelf) deleteRows(ctx context.Context) error {
	if err := s.Live.Exec(ctx, "", "reindex index ledger_amount", "delete from ledger where id <= 10"); err != nil {
		return err
	}
	s.Note("psql -c 'delete from ledger where id <= 10'", "somebody's mistake")
	if err := s.BackUp(ctx, "rows"); err != nil {
		return err
	}
	return s.keepArchive(ctx, "rows")
}

// blockSize is that of tables and indexes, in bytes.
const blockSize = 8192

// inBlock is a place in the middle of a block.
func inBlock(n int64) int64 { return n*blockSize + blockSize/2 }

// flip changes a few bytes of a file. The file is a new one, since linked copies have the same.
func (s *shelf) flip(path string, at int64) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	const some, bits = 64, 0x55
	if int64(len(b)) < at+some {
		return fmt.Errorf("%s has %d bytes only", path, len(b))
	}
	for i := range int64(some) {
		b[at+i] ^= bits
	}
	next := path + ".new"
	return errors.Join(os.WriteFile(next, b, 0o600), s.Home.Give(next), os.Rename(next, path))
}

// linkFolder makes a folder with links to the files of another one: nobody writes into these.
func (s *shelf) linkFolder(from, to string) error {
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Mkdir(filepath.Join(to, rel), 0o700)
		}
		return os.Link(path, filepath.Join(to, rel))
	})
	return errors.Join(err, s.Home.Give(to))
}
