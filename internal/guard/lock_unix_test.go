//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package guard

import (
	"errors"
	"os"
	"path/filepath"
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

	removeLeft(dir, "temp-")
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
