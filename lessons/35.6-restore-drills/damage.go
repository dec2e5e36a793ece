package restoredrills

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"quorumlab/internal/postgres"
)

// damage is a way in which a backup is bad.
type damage struct {
	name, what, remark string
	backup             string // the base backup, and its archive, that it is done to
	do                 func(s *shelf, backup, archive string) error
}

// inBackup damages a block of a file of the base backup.
func inBackup(relation string, block int64) func(s *shelf, backup, archive string) error {
	return func(s *shelf, backup, _ string) error {
		return s.flip(filepath.Join(backup, s.files[relation]), inBlock(block))
	}
}

func nothingDone(*shelf, string, string) error { return nil }

// damages are those of the lesson. The first is none.
var damages = []damage{
	{"none", "none", "a good backup", "monday", nothingDone},
	{"healed", "a block that changed since", "the WAL has the whole block", "monday",
		func(s *shelf, backup, _ string) error {
			path := filepath.Join(backup, s.files["ledger"])
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			return s.flip(path, inBlock(info.Size()/blockSize-1))
		}},
	{"index", "bytes of an index", "no query has read it yet", "monday", inBackup("ledger_pkey", 1)},
	{"table", "bytes of the table", "its page has a checksum", "monday", inBackup("ledger", 0)},
	{"file", "another table's file is missing", "nobody asked for that table", "monday",
		func(s *shelf, backup, _ string) error { return os.Remove(filepath.Join(backup, s.files["notes"])) }},
	{"wal", "bytes of an archived segment", "the replay ends there", "monday",
		func(s *shelf, _, archive string) error { return s.flip(filepath.Join(archive, s.middle), inBlock(0)) }},
	{"segment", "an archived segment is missing", "the replay ends there", "monday",
		func(s *shelf, _, archive string) error { return os.Remove(filepath.Join(archive, s.middle)) }},
	{"source", "bytes of the source's index", "it was bad before the backup", "index", nothingDone},
	{"rows", "rows deleted at the source", "a perfect copy of a mistake", "rows", nothingDone},
}

// tools are what examines a backup, in the order in which they can.
var tools = []string{"verifybackup", "start", "query", "dump", "amcheck", "checksums"}

// toolNames are the same as people know them.
var toolNames = map[string]string{"verifybackup": "pg_verifybackup", "start": "starting it", "query": "known answer",
	"dump": "pg_dump", "amcheck": "pg_amcheck", "checksums": "pg_checksums"}

// What a tool says of a backup.
const (
	found    = "found"
	nothing  = "nothing"
	notTried = "not tried"
)

// patient is a backup that is examined.
type patient struct {
	shelf   *shelf
	backup  string // a folder
	archive postgres.Archive
	server  *postgres.Server // that it was restored to; nil: not yet
	broken  bool             // it did not start
}

// admit copies a backup and its archive and damages the copies.
func (s *shelf) admit(d damage) (*patient, error) {
	s.restores++
	backup, archive := s.Path(fmt.Sprintf("bad-%d", s.restores)), s.Path(fmt.Sprintf("bad-archive-%d", s.restores))
	if err := errors.Join(s.linkFolder(s.Path(d.backup), backup),
		s.linkFolder(s.Path("archive-"+d.backup), archive)); err != nil {
		return nil, err
	}
	return &patient{shelf: s, backup: backup, archive: postgres.Archive{Dir: archive}}, d.do(s, backup, archive)
}

// discharge stops the server.
func (p *patient) discharge(ctx context.Context) error {
	if p.server == nil {
		return nil
	}
	return p.server.Stop(ctx, postgres.Immediate)
}

// examine lets a tool look at the backup. Those that need a server restore it first.
func (p *patient) examine(ctx context.Context, tool string) (string, error) {
	if tool == "verifybackup" {
		return p.program(ctx, nil, "pg_verifybackup", "-n", p.backup)
	}
	if err := p.start(ctx); err != nil {
		return "", err
	}
	if tool == "start" {
		if p.broken {
			return found, nil
		}
		return nothing, nil
	}
	if p.broken {
		return notTried, nil
	}
	switch tool {
	case "query":
		answer, err := postgres.Value[string](ctx, p.server, "", knownAnswer)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			_, said, _ := strings.Cut(err.Error(), ": ERROR: ")
			p.note(knownQuestion, said)
			return found, nil
		case answer != p.shelf.known:
			p.note(knownQuestion, answer+" instead of "+p.shelf.known)
			return found, nil
		}
		return nothing, nil
	case "dump":
		return p.program(ctx, p.server, "pg_dump", "-f", "/dev/null")
	case "amcheck":
		return p.program(ctx, p.server, "pg_amcheck", "-s", "public", "--heapallindexed", "--parent-check")
	}
	if err := p.server.Stop(ctx, postgres.Fast); err != nil { // it looks at the files of a server that was shut down
		return "", err
	}
	said, err := p.program(ctx, nil, "pg_checksums", "--check", "-D", p.server.Data())
	return said, errors.Join(err, p.server.Start(ctx))
}

const knownQuestion = "select count(*), md5(...) from ledger"

// start restores the backup and starts it, unless it runs. That it does not start is a finding.
func (p *patient) start(ctx context.Context) error {
	if p.server != nil {
		return nil
	}
	s := p.shelf
	srv, err := s.Home.Restore(ctx, fmt.Sprintf("drill-%d", s.restores), p.backup, p.archive, map[string]string{
		"fsync": "off", "autovacuum": "off"})
	if err != nil {
		return err
	}
	p.server = srv
	if err := srv.Start(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.broken = true
		p.note("start", firstLine(err.Error()))
	}
	return nil
}

// program runs a program whose exit code says whether it found something.
func (p *patient) program(ctx context.Context, srv *postgres.Server, name string, args ...string) (string, error) {
	run := p.shelf.Home.Run
	if srv != nil {
		run = srv.Run
	}
	o, err := run(ctx, postgres.Program(name, args...))
	if err != nil || o.Code == 0 {
		return nothing, err
	}
	p.note(name, fmt.Sprintf("exit code %d: %s", o.Code, firstLine(o.Err, o.Out)))
	return found, nil
}

func (p *patient) note(tool, said string) { p.shelf.Note(tool, said) }
