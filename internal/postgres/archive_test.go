package postgres_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
)

// archiving is a server that archives, in a home whose path no shell and no server must misread.
func archiving(t *testing.T) (*postgres.Home, *postgres.Server, postgres.Archive) {
	t.Helper()
	postgrestest.Programs(t)
	parent, err := os.MkdirTemp("", "it's 100%f ")
	ok(t, err)
	t.Cleanup(func() { ok(t, os.RemoveAll(parent)) })
	ok(t, os.Chmod(parent, 0o755))
	h, err := postgres.Open(t.Context(), postgres.Options{Dir: parent})
	ok(t, err)
	t.Cleanup(func() { ok(t, h.Close()) })
	dir, err := h.Folder("archive")
	ok(t, err)
	s, err := h.Create(t.Context(), "live")
	ok(t, err)
	a := postgres.Archive{Dir: dir}
	ok(t, errors.Join(s.Set("fsync", "off"), s.Set("autovacuum", "off"), s.ArchiveTo(a)))
	ok(t, s.Start(t.Context()))
	return h, s, a
}

func TestArchive(t *testing.T) {
	h, s, a := archiving(t)
	ctx := t.Context()
	ok(t, s.Exec(ctx, "", "create table t (i int)", "insert into t select generate_series(1, 10)"))
	backup := filepath.Join(h.Dir(), "monday")
	if o := run(t, s, "pg_basebackup", "-D", backup, "-X", "none", "-c", "fast"); o.Failed() != nil {
		t.Fatal(o.Failed())
	}
	ok(t, s.Exec(ctx, "", "insert into t select generate_series(11, 20)", "select pg_create_restore_point('here')",
		"insert into t select generate_series(21, 30)"))
	last, err := s.SwitchWAL(ctx, a)
	ok(t, err)
	names, err := a.Segments()
	ok(t, err)
	if !slices.IsSorted(names) || names[len(names)-1] != last || !a.Has(last) || a.Has("000000010000000000000099") {
		t.Errorf("the archive has %q, the last segment is %s", names, last)
	}
	for _, n := range names {
		if len(n) != 24 {
			t.Errorf("%s is no segment", n) // such as the backup's history file, which is there, too
		}
	}

	whole, err := h.Restore(ctx, "whole", backup, a, nil)
	ok(t, err)
	ok(t, whole.Start(ctx))
	named, err := h.Restore(ctx, "named", backup, a, map[string]string{"recovery_target_name": "here",
		"recovery_target_action": "promote"})
	ok(t, err)
	ok(t, named.Start(ctx))
	if n, m := value[int](t, whole, "select count(*) from t"), value[int](t, named, "select count(*) from t"); n != 30 ||
		m != 20 {
		t.Errorf("%d and %d rows, want 30 and 20", n, m)
	}
	if mode := value[string](t, whole, "select current_setting('archive_mode')"); mode != "off" {
		t.Errorf("a restored server has archive_mode %s: it would write to the archive of the other", mode)
	}
	plain, err := h.Copy(ctx, "plain", backup)
	ok(t, err)
	if err := plain.Start(ctx); err == nil || !strings.Contains(err.Error(), "could not locate required "+
		"checkpoint record") {
		t.Errorf("a base backup without WAL: %v", err)
	}
	if _, err := h.Restore(ctx, "nothing", filepath.Join(h.Dir(), "tuesday"), a, nil); err == nil {
		t.Error("a backup that is not there is restored")
	}
}

// The command that archives succeeds once for a name, and leaves nothing half written under it.
func TestArchiveCommand(t *testing.T) {
	h, s, a := archiving(t)
	file := filepath.Join(h.Dir(), "wal")
	ok(t, os.WriteFile(file, []byte("old"), 0o644))
	ok(t, h.Give(file))
	archive := func() int {
		o, err := s.Run(t.Context(), postgres.Call{Program: "/bin/sh", Args: []string{"-c", as(a.Command(), file)}})
		ok(t, err)
		return o.Code
	}
	if code := archive(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	ok(t, os.WriteFile(file, []byte("new"), 0o644))
	if code := archive(); code == 0 {
		t.Error("it replaces a file")
	}
	if b, err := os.ReadFile(filepath.Join(a.Dir, "NAME")); err != nil || string(b) != "old" {
		t.Errorf("the archive has %q, %v", b, err)
	}
	if left, err := filepath.Glob(filepath.Join(a.Dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("it leaves %q", left)
	}
	back := filepath.Join(h.Dir(), "back")
	fetch := func(name string) int {
		line := strings.ReplaceAll(as(a.RestoreCommand(), back), "NAME", name)
		o, err := s.Run(t.Context(), postgres.Call{Program: "/bin/sh", Args: []string{"-c", line}})
		ok(t, err)
		return o.Code
	}
	if code := fetch("NAME"); code != 0 || !exists(back) {
		t.Errorf("exit code %d", code)
	}
	if fetch("00000002.history") == 0 {
		t.Error("it finds a file that is not there")
	}
}

// as is a command as a server hands it to the shell, for a file called NAME.
func as(command, path string) string {
	path = "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	return strings.NewReplacer("%%", "%", "%f", "NAME", "%p", path).Replace(command)
}

// Whoever waits for the archive hears when that is in vain.
func TestArchiveInVain(t *testing.T) {
	_, s, a := archiving(t)
	ok(t, s.Set("archive_command", "false"))
	ok(t, s.Exec(t.Context(), "", "select pg_reload_conf()"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	wal := func() string { return value[string](t, s, "select pg_walfile_name(pg_current_wal_insert_lsn())") }
	// It waits when the segment is switched and its own connection is closed.
	waits := func(first string) func() bool {
		const others = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> " +
			"pg_backend_pid()"
		return func() bool { return wal() != first && value[int](t, s, others) == 0 }
	}
	first := wal()
	ok(t, s.Exec(t.Context(), "", "create table t (i int)"))
	go func() {
		_, err := s.SwitchWAL(ctx, a)
		ended <- err
	}()
	eventually(t, "it waits for the archive", waits(first))
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "archive "+first) {
		t.Errorf("the error is %v", err)
	}
	ok(t, s.Exec(t.Context(), "", "create table u (i int)"))
	first = wal()
	go func() {
		_, err := s.SwitchWAL(t.Context(), a)
		ended <- err
	}()
	eventually(t, "it waits for the archive", waits(first))
	ok(t, s.Stop(t.Context(), postgres.Immediate))
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "server live ended before "+first+" was archived") {
		t.Errorf("the error is %v", err)
	}
}
