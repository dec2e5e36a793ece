package postgres

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// service is an empty section of a file of ours. A service that is named keeps pgx from the one that
// PGSERVICE names.
const service = "quorumlab"

func (h *Home) services() string { return filepath.Join(h.dir, "pg_service.conf") }

// Config is how to log in to a database as a user; empty ones are postgres. It holds nothing of the
// environment. What one needs else is to be changed in it, and pgx.ConnectConfig takes it.
func (s *Server) Config(database, user string) (*pgx.ConnConfig, error) {
	if database == "" {
		database = superuser
	}
	if user == "" {
		user = superuser
	}
	// All that pgx reads from the environment is named, so that it is not read.
	c, err := pgx.ParseConfig(fmt.Sprintf("service=%s servicefile=%s host=%s port=%s user=%s database=%s password='' "+
		"passfile=/dev/null connect_timeout=0 sslmode=disable sslcertmode=allow target_session_attrs=any "+
		"min_protocol_version=3.0 max_protocol_version=3.0 channel_binding=prefer require_auth=''",
		service, word(s.home.services()), word(s.socket), port, superuser, superuser))
	if err != nil {
		return nil, err
	}
	c.Database, c.User = database, user
	c.RuntimeParams = map[string]string{"application_name": "quorumlab"}
	return c, nil
}

// word is a value as connection strings have it.
func word(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// Connect logs in to a database as a user; empty ones are postgres. Close the connection. Errors are
// those of the server, and ctx's.
func (s *Server) Connect(ctx context.Context, database, user string) (*pgx.Conn, error) {
	c, err := s.Config(database, user)
	if err != nil {
		return nil, err
	}
	return pgx.ConnectConfig(ctx, c)
}

// Exec carries out statements in a database as the superuser, one after the other, each a transaction of
// its own. The error has the statement.
func (s *Server) Exec(ctx context.Context, database string, statements ...string) (err error) {
	c, err := s.Connect(ctx, database, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	for _, sql := range statements {
		if _, err := c.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%.80s: %w", sql, err)
		}
	}
	return nil
}

// Value is the one value that a query gives in a database, asked by the superuser. The error has the
// query; it wraps pgx.ErrNoRows when there is no row.
func Value[T any](ctx context.Context, s *Server, database, query string, args ...any) (v T, err error) {
	c, err := s.Connect(ctx, database, "")
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	if err := c.QueryRow(ctx, query, args...).Scan(&v); err != nil {
		return v, fmt.Errorf("%.80s: %w", query, err)
	}
	return v, nil
}
