package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
	"quorumlab/internal/postgres"
)

// victim is the environment variable that makes this program open a home and wait to be killed.
const victim = "QUORUMLAB_TEST_VICTIM"

// itself is the file of this program, even one in a folder that this user can't enter.
var itself = func() string {
	const running = "/proc/self/exe"
	if exists(running) {
		return running
	}
	return os.Args[0]
}()

func TestMain(m *testing.M) {
	helper.Main(map[string]helper.Duty{guard.Role: guard.Main})
	if os.Getenv(victim) != "" {
		if err := beVictim(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// beVictim opens a home, runs a server and programs in it, prints where, and waits.
func beVictim(ctx context.Context) (err error) {
	h, err := postgres.Open(ctx, postgres.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	s, err := h.CreateFrom(ctx, "a", postgres.NewOriginal(nil, nil))
	if err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	for _, sql := range []string{
		"select pg_sleep(1000)",
		"select count(*) from generate_series(1, 1000) a, generate_series(1, 1000000) b", // never looks at its client
		`\! echo shell; sleep 1000`,
	} {
		go s.Run(ctx, postgres.Program("psql", "-c", sql, "-c", "select 1"))
	}
	fmt.Println(h.Dir(), s.PID())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// patience is how long a test waits for something that should come at once.
const patience = time.Minute

// eventually waits until a condition is true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-late.C:
			t.Fatalf("it never came true that %s", what)
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// livingIn lists the processes whose working folder is in a folder, or which have it in their arguments. It
// finds none on systems without /proc.
func livingIn(dir string) (found []string) {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range processes {
		cwd, _ := os.Readlink(p + "/cwd") // it may be gone
		args, _ := os.ReadFile(p + "/cmdline")
		if filepath.Base(p) == strconv.Itoa(os.Getpid()) || len(args) == 0 {
			continue
		}
		if strings.HasPrefix(cwd, dir) || strings.Contains(string(args), dir) {
			found = append(found, filepath.Base(p)+" "+strings.ReplaceAll(string(args), "\x00", " "))
		}
	}
	slices.Sort(found)
	return found
}

// nothingLeft fails when a home has left something.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	if exists(dir) {
		t.Errorf("%s is still there", dir)
	}
	if found := livingIn(dir); len(found) > 0 {
		t.Errorf("these are still there: %q", found)
	}
}
