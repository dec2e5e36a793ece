package run

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRecover begins where a program may have been killed while it replaced a folder.
func TestRecover(t *testing.T) {
	for _, c := range []struct{ name, killed, want string }{
		{"before it began", "dir", "older"},
		{"between the two steps", "aside", "older"},
		{"before the end", "both", "newer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "leader-crash-sim-seed1")
			switch c.killed {
			case "dir":
				folder(t, dir, "older")
			case "aside":
				folder(t, aside(dir), "older")
			case "both":
				folder(t, aside(dir), "older")
				folder(t, dir, "newer")
			}
			if err := Recover(dir); err != nil {
				t.Fatal(err)
			}
			holds(t, dir, c.want)
			tmp := filepath.Join(filepath.Dir(dir), ".writing-1")
			folder(t, tmp, "newest")
			if err := Replace(tmp, dir); err != nil {
				t.Fatal(err)
			}
			holds(t, dir, "newest")
		})
	}
}

// folder makes a folder with a file in it.
func folder(t *testing.T, dir, says string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "summary.json"), []byte(says), 0o666); err != nil {
		t.Fatal(err)
	}
}

// holds fails unless the folder is alone and its file says that.
func holds(t *testing.T, dir, says string) {
	t.Helper()
	if got, err := os.ReadFile(filepath.Join(dir, "summary.json")); err != nil || string(got) != says {
		t.Errorf("the folder holds %q (%v), want %q", got, err, says)
	}
	if all, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(all) != 1 {
		t.Errorf("beside it: %v (%v)", all, err)
	}
}
