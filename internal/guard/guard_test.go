package guard

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"quorumlab/internal/helper"
)

func TestMain(m *testing.M) {
	helper.Main(map[string]helper.Duty{Role: Main, "idler": idle, "leaver": leaver})
	goleak.VerifyTestMain(m)
}

// idle does nothing until its standard input ends.
func idle() int {
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// leaver makes a folder without a guard, says where, and ends without removing it: as a program does that is
// killed after its guard.
func leaver() int {
	var none *Guard
	path, _, err := none.MkdirTemp(os.Getenv("QUORUMLAB_TEST_FOLDER"), "temp-")
	if err != nil {
		return 1
	}
	_, _ = io.WriteString(os.Stdout, path)
	return 0
}

func startGuard(t *testing.T) *Guard {
	t.Helper()
	g, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// fill makes a folder with something in it.
func fill(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "folder")
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// The end of the pipe is what a guard sees of a program that was killed.
func TestGuardClearsUpAfterAKill(t *testing.T) {
	g, dir := startGuard(t), fill(t)
	var processes [2]struct {
		wait func() error
		in   io.Closer
	}
	for i := range processes {
		cmd, err := helper.Command("idler", "idler")
		if err != nil {
			t.Fatal(err)
		}
		if processes[i].in, err = cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		processes[i].wait = cmd.Wait
		g.Process(cmd.Process.Pid)
		if i == 1 {
			g.Gone(cmd.Process.Pid)
		}
	}
	if err := g.Folder(dir); err != nil {
		t.Fatal(err)
	}
	if err := g.in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := processes[0].wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("the process ended with %v", err)
	}
	if err := g.cmd.Wait(); err != nil {
		t.Errorf("the guard ended with %v", err)
	}
	if exists(dir) {
		t.Error("the folder is still there")
	}
	processes[1].in.Close()
	if err := processes[1].wait(); err != nil {
		t.Errorf("a process that was taken back ended with %v", err)
	}
}

func TestGuardThatIsClosedTouchesNothing(t *testing.T) {
	g, dir := startGuard(t), fill(t)
	if err := g.Folder(dir); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !exists(dir) {
		t.Error("the folder is gone")
	}
}

// Somebody may kill the guard. That harms nobody.
func TestKilledGuardIsNoError(t *testing.T) {
	g := startGuard(t)
	if err := g.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	g.Process(1 << 30)
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

func TestNoGuard(t *testing.T) {
	var g *Guard
	g.Process(1)
	g.Gone(1)
	if err := g.Folder("x"); err != nil {
		t.Error(err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

func TestTempDir(t *testing.T) {
	path, remove, err := TempDir(t.TempDir(), "temp-")
	if err != nil {
		t.Fatal(err)
	}
	if !exists(path) {
		t.Error("there is no folder")
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	if exists(path) {
		t.Error("the folder is still there")
	}
	if _, _, err := TempDir(path, "temp-"); err == nil {
		t.Error("a folder was made in one that is gone")
	}
}
