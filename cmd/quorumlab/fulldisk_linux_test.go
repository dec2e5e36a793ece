package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// tinyDisk is the environment variable that names the folder for a disk of a few megabytes.
const tinyDisk = "QUORUMLAB_TEST_TINY_DISK"

// TestOutOntoFullDisk runs with --out on a disk without room: the system's words are told, what was
// there before stays whole, nothing is left half written, and with room again the same run succeeds.
//
// The disk is a small tmpfs, which a process may mount in namespaces of its own.
func TestOutOntoFullDisk(t *testing.T) {
	if dir := os.Getenv(tinyDisk); dir != "" {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
			fmt.Println("can't mount:", err)
			return
		}
		outOntoFullDisk(t, dir)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), tinyDisk+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &ended):
		t.Skip("this machine lets nobody make namespaces, which a small disk takes: ", err)
	case strings.Contains(string(out), "can't mount:"):
		t.Skipf("this machine lets nobody mount a small disk: %s", out)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	}
}

func outOntoFullDisk(t *testing.T, dir string) {
	for _, args := range [][]string{
		{"run", "leader-crash", "--engine", "sim", "--out", dir},
		{"sweep", "leader-crash", "--trials", "3", "--figure", "failover", "--out", dir},
	} {
		must(t, args, exitGood, "")
		before := tree(t, dir)
		ballast := filepath.Join(dir, "ballast")
		fillUp(t, ballast)
		must(t, args, exitFailed, "no space left on device")
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		if after := tree(t, dir); after != before {
			t.Errorf("%s: on the full disk\n%sbecame\n%s", args[0], before, after)
		}
		must(t, args, exitGood, "")
		if err := errors.Join(removeAll(dir)...); err != nil {
			t.Fatal(err)
		}
	}
}

// must runs the program and looks at how it ends.
func must(t *testing.T, args []string, code int, says string) {
	t.Helper()
	var out, errs bytes.Buffer
	got := run(t.Context(), args, streams{out: &out, err: &errs})
	if got != code || !strings.Contains(errs.String(), says) {
		t.Errorf("quorumlab %v: exit code %d, want %d and %q:\n%s", args, got, code, says, errs.String())
	}
}

// fillUp writes until there is no room.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for page := make([]byte, 4096); err == nil; {
		_, err = f.Write(page)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

// tree lists all files of a folder with their sizes, but for what a sweep keeps to go on with.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasSuffix(path, ".partial"):
			return filepath.SkipDir
		case d.IsDir():
			return nil
		}
		info, err := d.Info()
		if err == nil {
			fmt.Fprintf(&b, "%s %d\n", path, info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// removeAll empties a folder.
func removeAll(dir string) (errs []error) {
	all, err := os.ReadDir(dir)
	errs = append(errs, err)
	for _, f := range all {
		errs = append(errs, os.RemoveAll(filepath.Join(dir, f.Name())))
	}
	return errs
}
