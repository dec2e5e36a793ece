package etcdsim

import (
	"os"
	"testing"
)

// TestRunsSideBySideHaveOneGuard: while a run is under way none is started, and the last one to leave ends it.
func TestRunsSideBySideHaveOneGuard(t *testing.T) {
	var dirs []string
	var leaves []func() error
	for range 2 {
		dir, leave, err := newHome()
		if err != nil {
			t.Fatal(err)
		}
		dirs, leaves = append(dirs, dir), append(leaves, leave)
	}
	first := homes.guard
	if first == nil || dirs[0] == dirs[1] {
		t.Errorf("guard %v of %q", first, dirs)
	}
	if err := leaves[0](); err != nil {
		t.Error(err)
	}
	dir, leave, err := newHome()
	if err != nil {
		t.Fatal(err)
	}
	if homes.guard != first {
		t.Error("a guard was started beside a run")
	}
	for _, leave := range []func() error{leaves[1], leave} {
		if err := leave(); err != nil {
			t.Error(err)
		}
	}
	for _, dir := range append(dirs, dir) {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", dir, err)
		}
	}
	if homes.runs != 0 {
		t.Errorf("%d runs are left", homes.runs)
	}
}
