package postgres

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// service is an empty section of the home's service file. It stands in for the service of $PGSERVICE.
const service = "quorumlab"

func (h *Home) services() string { return filepath.Join(h.dir, "pg_service.conf") }

// Config is pgx's configuration to connect to a database as a user; both are postgres if they are empty. It
// takes nothing from the environment. It can be changed before it is given to pgx.ConnectConfig.
func (s *Server) Config(database, user string) (*pgx.ConnConfig, error) {
	if database == "" {
		database = superuser
	}
	if user == "" {
		user = superuser
	}
	// These override what pgx reads from the environment, which might not even be valid.
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

// word quotes a value for a connection string.
func word(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// Connect connects to a database as a user; both are postgres if they are empty. The caller closes the
// connection. Errors are the server's and ctx's.
func (s *Server) Connect(ctx context.Context, database, user string) (*pgx.Conn, error) {
	c, err := s.Config(database, user)
	if err != nil {
		return nil, err
	}
	return pgx.ConnectConfig(ctx, c)
}

// Exec executes statements in a database as the superuser, each in a transaction of its own. The error names
// the statement.
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

// Value is the single value that a query returns, executed in a database as the superuser. The error names the
// query; it wraps pgx.ErrNoRows if there is no row.
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
