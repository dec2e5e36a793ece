package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
)

// background runs something and returns where its error will be.
func background(do func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- do() }()
	return ended
}

func TestContextEndsDuringInitdb(t *testing.T) {
	h := postgrestest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := background(func() error {
		_, err := h.Create(ctx, "a")
		return err
	})
	eventually(t, "initdb is at work", func() bool { return exists(filepath.Join(h.Dir(), "a", "data", "PG_VERSION")) })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) || err.Error() != "create server a: initdb: context canceled" {
		t.Errorf("the error is %v", err)
	}
	nothingLeft(t, filepath.Join(h.Dir(), "a"))
	postgrestest.Start(t, h, "a")
}

// A recovery that waits for its archive does not end before it is told to, nor does what it waits for.
func TestContextEndsDuringStart(t *testing.T) {
	h := postgrestest.Open(t)
	s, err := h.Create(t.Context(), "a")
	ok(t, err)
	waiting := filepath.Join(h.Dir(), "waiting")
	ok(t, s.Set("restore_command", "touch '"+waiting+"'; sleep 1000"))
	signal := filepath.Join(s.Data(), "recovery.signal")
	ok(t, os.WriteFile(signal, nil, 0o600))
	ok(t, h.Give(signal))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := background(func() error { return s.Start(ctx) })
	eventually(t, "it waits for its archive", func() bool { return exists(waiting) })
	cancel()
	want := "start server a: context canceled; its log ended with: "
	if err := <-ended; !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the error is %v", err)
	}
	if found := livingIn(h.Dir()); s.Running() || len(found) > 0 {
		t.Errorf("these are still there: %q", found)
	}
	ok(t, s.Set("restore_command", "false"))
	ok(t, s.Start(t.Context()))
}

func TestContextEndsDuringStop(t *testing.T) {
	h := postgrestest.Open(t)
	s := postgrestest.Start(t, h, "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Stop(ctx, postgres.Fast) // it may be quicker than that
	if err != nil && !errors.Is(err, context.Canceled) || s.Running() || len(livingIn(h.Dir())) > 0 {
		t.Errorf("the error is %v, and it runs: %v", err, s.Running())
	}
	if err := s.Start(ctx); !errors.Is(err, context.Canceled) || s.Running() {
		t.Errorf("the error is %v, and it runs: %v", err, s.Running())
	}
}

func TestProgramEnds(t *testing.T) {
	h := postgrestest.Open(t)
	s := postgrestest.Start(t, h, "a")
	sleep := postgres.Program("psql", "-c", "select pg_sleep(1000)")
	sleeps := func() bool {
		return value[bool](t, s,
			"select exists (select from pg_stat_activity where query = 'select pg_sleep(1000)')")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := background(func() error {
		_, err := s.Run(ctx, sleep)
		return err
	})
	eventually(t, "it runs", sleeps)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) || err.Error() != "psql: context canceled" {
		t.Errorf("with its context: %v", err)
	}
	// A session that sleeps does not look whether its client is still there.
	ok(t, s.Exec(t.Context(), "",
		"select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(1000)'"))
	eventually(t, "the session is over", func() bool { return !sleeps() })
	ended = background(func() error {
		_, err := s.Run(t.Context(), sleep)
		return err
	})
	eventually(t, "it runs", sleeps)
	ok(t, h.Close())
	if err := <-ended; err == nil || err.Error() != "psql: the home is closed" {
		t.Errorf("with its home: %v", err)
	}
	nothingLeft(t, h.Dir())
}

// This very program, started once more, opens a home and is killed.
func TestToolIsKilled(t *testing.T) {
	p := postgrestest.Programs(t)
	folder := openFolder(t)
	cmd := exec.Command(itself)
	cmd.Env = append(os.Environ(), victim+"=1", postgres.FolderVariable+"="+p.Dir, "TMPDIR="+folder)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	ok(t, err)
	defer in.Close()
	out, err := cmd.StdoutPipe()
	ok(t, err)
	ok(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	var dir string
	var pid int
	if _, err := fmt.Sscan(line, &dir, &pid); err != nil {
		t.Fatal(line, err)
	}
	ok(t, err)
	eventually(t, "all of it runs", func() bool { // shells with their sleep, two of psql, and two sessions
		found := strings.Join(livingIn(dir), "\n")
		return strings.Count(found, "psql") >= 3 && strings.Contains(found, "sleep 1000") &&
			strings.Count(found, "] SELECT") >= 2
	})
	ok(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("it ended with %v", err)
	}
	eventually(t, "nothing is left of it, nor of its original", func() bool {
		left, err := os.ReadDir(folder)
		return err == nil && len(left) == 0 && len(livingIn(dir)) == 0
	})
}
