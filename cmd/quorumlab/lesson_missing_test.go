package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"quorumlab/internal/postgres"
)

// Where PostgreSQL is missing, lessons that need it say what was looked at and how to install it, and take no other
// lesson with them.
func TestLessonsWithoutPostgreSQL(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv(postgres.FolderVariable, filepath.Join(t.TempDir(), "nowhere"))
	for _, c := range []struct {
		args       string
		code       int
		says, also string
	}{
		{"lesson run 35.1", exitMissing, "lesson 35.1: no usable PostgreSQL found", "nowhere"},
		{"lesson start 35.1", exitGood, "", ""},
		{"lesson show 35.1", exitGood, "", ""},
		{"lesson check 35.1 lesson-35.1/nightly.txt", exitMissing, "lesson 35.1: no usable PostgreSQL found",
			"postgresql"},
		{"lesson all 35.1", exitGood, "35.1 pg_dump is left out: no usable PostgreSQL found", "postgresql"},
	} {
		var out, said bytes.Buffer
		code := execute(t.Context(), strings.Fields(c.args), streams{out: &out, err: &said})
		if code != c.code || !strings.Contains(said.String(), c.says) || !strings.Contains(said.String(), c.also) {
			t.Errorf("quorumlab %s: exit code %d, want %d; it says:\n%s%s", c.args, code, c.code, out.String(), said.String())
		}
	}
}
