package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quorumlab/internal/disktest"
)

// TestOutOntoFullDisk runs with --out on a disk without room: that is told before the work, what was
// there before stays whole, nothing is left half written, and with room again the same run succeeds.
func TestOutOntoFullDisk(t *testing.T) {
	disktest.On(t, "16m", nil, func(dir string) { outOntoFullDisk(t, dir) })
}

// TestMembersOnFullDisk runs real members where temporary files have no room: the cause is told, and what helps.
func TestMembersOnFullDisk(t *testing.T) {
	disktest.On(t, "4m", nil, func(dir string) {
		t.Setenv("TMPDIR", dir)
		args := []string{"run", "leader-crash", "--engine", "etcd", "--write", "none"}
		must(t, args, exitFailed, "no space left on device; make room in the folder of temporary files, or set TMPDIR")
	})
}

func outOntoFullDisk(t *testing.T, dir string) {
	for _, args := range [][]string{
		{"run", "leader-crash", "--engine", "sim", "--out", dir},
		{"sweep", "leader-crash", "--trials", "3", "--measure", "failover", "--out", dir},
	} {
		must(t, args, exitGood, "")
		before := tree(t, dir)
		ballast := filepath.Join(dir, "ballast")
		disktest.Fill(t, ballast)
		must(t, args, exitUsage, "no space left on device")
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
	got := execute(t.Context(), args, streams{out: &out, err: &errs})
	if got != code || !strings.Contains(errs.String(), says) {
		t.Errorf("quorumlab %v: exit code %d, want %d and %q:\n%s", args, got, code, says, errs.String())
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
