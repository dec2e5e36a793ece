// Package postgrestest starts PostgreSQL for tests, and skips them on a machine without it.
package postgrestest

import (
	"errors"
	"os"
	"testing"

	"quorumlab/internal/postgres"
)

// required is the environment variable that makes tests fail instead of being skipped. .ci/run sets it.
const required = "QUORUMLAB_REQUIRE_PG"

// Programs finds PostgreSQL's programs. If there are none, the test is skipped; the reason says what was
// looked at and how to install them.
func Programs(t testing.TB) postgres.Programs {
	t.Helper()
	p, err := postgres.Find(t.Context(), "")
	Need(t, err)
	return p
}

// Need skips the test if the error says that PostgreSQL is missing, unless it is required, and fails it for any
// other error.
func Need(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, postgres.ErrMissing) && os.Getenv(required) == "":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
}

// Open opens a home that is closed at the end of the test.
func Open(t testing.TB) *postgres.Home {
	t.Helper()
	h, err := postgres.Open(t.Context(), postgres.Options{Programs: Programs(t).Dir, InMemory: true})
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

// Start creates a server and starts it.
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
