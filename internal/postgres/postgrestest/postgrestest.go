// Package postgrestest gives tests PostgreSQL, and skips them on a machine that does not have it.
package postgrestest

import (
	"errors"
	"os"
	"testing"

	"quorumlab/internal/postgres"
)

// required is the environment variable by which tests fail instead of being skipped. .ci/run sets it.
const required = "QUORUMLAB_REQUIRE_PG"

// Programs are PostgreSQL's programs. Without them the test is skipped, with what was looked at and how
// to install them.
func Programs(t testing.TB) postgres.Programs {
	t.Helper()
	p, err := postgres.Find(t.Context(), "")
	switch {
	case errors.Is(err, postgres.ErrMissing) && os.Getenv(required) == "":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	return p
}

// Open is a home that is closed with the test.
func Open(t testing.TB) *postgres.Home {
	t.Helper()
	h, err := postgres.Open(t.Context(), postgres.Options{Programs: Programs(t).Dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// Start is a new server that runs.
func Start(t testing.TB, h *postgres.Home, name string) *postgres.Server {
	t.Helper()
	s, err := h.Create(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}
