package drill_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"quorumlab/internal/drill"
	"quorumlab/internal/postgres"
)

// programsOf makes a folder with programs that say they are PostgreSQL of that version, and can do nothing else.
func programsOf(t *testing.T, version string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"initdb", "postgres", "psql", "pg_controldata", "pg_basebackup", "pg_dump", "pg_dumpall",
		"pg_restore"} {
		script := fmt.Sprintf("#!/bin/sh\ntest \"$1\" = --version || { echo \"no $0 here\" >&2; exit 9; }\n"+
			"echo '%s (PostgreSQL) %s'\n", name, version)
		ok(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755))
	}
	for at := dir; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		ok(t, os.Chmod(at, 0o755)) // the servers' user has to get in
	}
	return dir
}

// Each supported version of the programs restores backups of its own version and refuses those of every other one
// with the reason and what helps; versions that are too old or too new are refused before anything is looked at.
func TestVersions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs here are shell scripts")
	}
	backups := map[string]string{}
	for _, major := range []string{"9.6", "14", "15", "16", "17", "18", "19"} {
		dir := t.TempDir()
		ok(t, os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte(major+"\n"), 0o600))
		ok(t, os.WriteFile(filepath.Join(dir, "backup_label"), []byte("START WAL LOCATION: 0/2000028 (file "+
			"000000010000000000000002)\nSTART TIME: 2026-11-29 08:00:00 UTC\n"), 0o600))
		backups[major] = dir
	}
	for programs, version := range map[string]string{"15": "15.18", "16": "16.4", "17": "17.2 (Debian 17.2-1.pgdg120+1)",
		"18": "18.0"} {
		dir := programsOf(t, version)
		for major, backup := range backups {
			t.Run(programs+" restores "+major, func(t *testing.T) {
				r, err := drill.Run(t.Context(), &drill.RestoreConfig{Backup: backup}, drill.Options{Programs: dir})
				ok(t, err)
				foreign := "it is of PostgreSQL " + major + ", and the programs here are of " + programs + ": a base backup is " +
					"restored by its own version; $QUORUMLAB_PG_BIN or --programs names their folder"
				if r.Outcome != drill.NotRestored || strings.Contains(r.Why, foreign) == (major == programs) {
					t.Errorf("%s: %s", r.Outcome, r.Why)
				}
				if want, _, _ := strings.Cut(version, " "); r.Version != want {
					t.Errorf("the programs are said to be of version %q, want %q", r.Version, want)
				}
			})
		}
	}
	for _, version := range []string{"9.6.24", "14.13", "19beta1", "20.1"} {
		_, err := drill.Run(t.Context(), &drill.RestoreConfig{Backup: backups["15"]},
			drill.Options{Programs: programsOf(t, version)})
		if !errors.Is(err, postgres.ErrMissing) ||
			!strings.Contains(err.Error(), ": version "+version+". Versions 15 to 18 work") {
			t.Errorf("%s: the error is %v", version, err)
		}
	}
}
