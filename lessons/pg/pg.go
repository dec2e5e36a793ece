// Package pg is what the lessons on PostgreSQL share: private servers for a run (pg.go), what is in a database
// (content.go), a shell whose commands are shown (shell.go), a program that stops in the middle of its output
// (gate.go), answers that are command lines of PostgreSQL's programs (commandline.go, judge.go), and answers
// that are schedules (durations.go).
package pg

import (
	"context"
	"errors"
	"fmt"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
)

// Needs is what lessons on PostgreSQL need of the machine: PostgreSQL's programs. The error wraps
// postgres.ErrMissing and says how to install them.
func Needs(ctx context.Context) error {
	_, err := postgres.Find(ctx, "")
	return err
}

// enough is how long a run with servers may take on a machine that has other things to do, too: each server and each
// copy of one is some hundred files.
const enough = 3 * lessons.Enough

// InHome opens a home, calls do with it, and always closes it afterwards. All of it may take a few minutes. Errors are
// those of postgres.Open, do's, and that the home could not be removed.
func InHome(ctx context.Context, do func(ctx context.Context, h *postgres.Home) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, enough)
	defer cancel()
	h, err := postgres.Open(ctx, postgres.Options{InMemory: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return do(ctx, h)
}

// quick are settings of servers whose data nobody needs after a crash, and in which nothing happens unasked:
// nothing waits for the disk, and no vacuum starts by itself.
var quick = map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
	"autovacuum": "off", "max_wal_size": "4GB"}

// Prepared describes a server that is filled once in a process, without waiting for the disk and without autovacuum.
// Start starts copies of it. fill may be nil.
func Prepared(fill func(ctx context.Context, s *postgres.Server) error) *postgres.Original {
	return postgres.NewOriginal(quick, fill, "--wal-segsize=4")
}

var empty = Prepared(nil)

// Start makes a server in the home that begins as a copy of a prepared one, and starts it. nil: it is empty.
func Start(ctx context.Context, h *postgres.Home, name string, prepared *postgres.Original) (*postgres.Server, error) {
	if prepared == nil {
		prepared = empty
	}
	s, err := h.CreateFrom(ctx, name, prepared)
	if err != nil {
		return nil, err
	}
	return s, s.Start(ctx)
}

// OnServer is InHome with a server, see Start.
func OnServer(ctx context.Context, prepared *postgres.Original,
	do func(ctx context.Context, h *postgres.Home, s *postgres.Server) error) error {
	return InHome(ctx, func(ctx context.Context, h *postgres.Home) error {
		s, err := Start(ctx, h, "main", prepared)
		if err != nil {
			return err
		}
		return do(ctx, h, s)
	})
}

// Recreate makes an empty database, in place of one that there may be.
func Recreate(ctx context.Context, s *postgres.Server, database string) error {
	return s.Exec(ctx, "", fmt.Sprintf("drop database if exists %s", database), "create database "+database)
}
