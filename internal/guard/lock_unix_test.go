//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package guard

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quorumlab/internal/helper"
)

// What was left is removed by whoever comes next. What is in use, is another's, or has another name is not touched.
func TestNextOneRemovesWhatWasLeft(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("QUORUMLAB_TEST_FOLDER", dir)
	var none *Guard
	used, remove, err := none.MkdirTemp(dir, "temp-")
	if err != nil {
		t.Fatal(err)
	}
	cmd, err := helper.Command("leaver", "leaver")
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.Output()
	left := string(said)
	if err != nil || !exists(left) {
		t.Fatalf("%v: %q is to be left", err, left)
	}
	inside := filepath.Join(left, "a", "b")
	if err := os.MkdirAll(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(left)
	others := []string{
		"temp-" + strings.Repeat("a", 6) + name[len("temp-")+6:], // of another machine
		name + ".new", "temp-mine", "temp-" + machine() + "-short", "other-" + name[len("temp-"):],
	}
	for _, o := range others {
		if err := os.Mkdir(filepath.Join(dir, o), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	victim := filepath.Join(t.TempDir(), "victim")
	link := filepath.Join(dir, "temp-"+machine()+"-"+strings.Repeat("b", 20))
	if err := errors.Join(os.Mkdir(victim, 0o700), os.Symlink(victim, link)); err != nil {
		t.Fatal(err)
	}

	if got := ofOthers(dir, "te", os.Geteuid()); len(got) > 0 {
		t.Errorf("%q are said to be of others", got)
	}
	if got := ofOthers(dir, "te", os.Geteuid()+1); !slices.Contains(got, left) || !slices.Contains(got, used) ||
		len(got) != 2 {
		t.Errorf("to another user %q are of others", got)
	}
	if gone := RemoveLeft(dir, "temp-"); !slices.Equal(gone, []string{left}) {
		t.Errorf("%q are gone", gone)
	}
	if exists(left) {
		t.Errorf("%s is still there", left)
	}
	for _, path := range []string{used, victim, link} {
		if !exists(path) {
			t.Errorf("%s is gone", path)
		}
	}
	for _, o := range others {
		if !exists(filepath.Join(dir, o)) {
			t.Errorf("%s is gone", o)
		}
	}
	for range 2 {
		if err := remove(); err != nil {
			t.Error(err)
		}
	}
	if exists(used) {
		t.Errorf("%s is still there", used)
	}
}

// Root removes what it gave to another user, as it does for PostgreSQL's servers, and what others left. What is in use
// stays.
func TestRootRemovesWhatOthersLeft(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give folders away")
	}
	const nobody = 65534
	dir := t.TempDir()
	var none *Guard
	used, remove, err := none.MkdirTemp(dir, "temp-")
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, "temp-"+machine()+"-"+strings.Repeat("c", 20))
	err = errors.Join(os.Mkdir(left, 0o700), os.Chown(left, nobody, nobody), os.Chown(used, nobody, nobody))
	if err != nil {
		t.Fatal(err)
	}
	RemoveLeft(dir, "temp-")
	if exists(left) || !exists(used) {
		t.Errorf("what was left is there: %t, and what is used: %t", exists(left), exists(used))
	}
	if err := remove(); err != nil {
		t.Error(err)
	}
}
