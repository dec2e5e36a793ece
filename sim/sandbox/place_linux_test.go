package sandbox

import (
	"os"
	"strings"
	"testing"
)

// Whoever can enter the folder can talk to the sandbox: only its user can.
func TestControlIsPrivate(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	folder, err := placeFolder()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	const want = "is open to other users; chmod 700 closes it"
	if _, err := Claim("open"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("in an open folder: %v", err)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	p, err := Claim("own")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{folder: 0o700, socketPath(folder, "own"): 0o600} {
		if is, err := os.Stat(path); err != nil || is.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, is, err, want)
		}
	}
	if _, err := Claim("own"); err == nil || !strings.Contains(err.Error(), "is already running") {
		t.Errorf("a second one: %v", err)
	}
	if err := p.Release(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	t.Setenv("XDG_RUNTIME_DIR", "/"+strings.Repeat("long", 30))
	if _, err := Claim("own"); err == nil {
		t.Error("a path that is too long for a socket")
	}
}
