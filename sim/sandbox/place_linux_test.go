package sandbox

import (
	"errors"
	"net"
	"os"
	"path/filepath"
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
	if os.Geteuid() == 0 { // else no folder can be given away
		if err := errors.Join(os.Chmod(folder, 0o700), os.Chown(folder, 12345, -1)); err != nil {
			t.Fatal(err)
		}
		const want = "belongs to another user (12345); set XDG_RUNTIME_DIR"
		if _, err := Claim("theirs"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("in another's folder: %v", err)
		}
		if _, err := Dial("theirs"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("to another's folder: %v", err)
		}
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
	killed(t, socketPath(folder, "dead"), filepath.Join(folder, "dead.lock"))
	none := new(NotUpError)
	if _, err := Dial("dead"); !errors.As(err, &none) || len(none.Up) > 0 {
		t.Errorf("a killed one: %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("a killed one has left: %v, %v", left, err)
	}
	killed(t, socketPath(folder, "dead"), filepath.Join(folder, "dead.lock"))
	if p, err = Claim("next"); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 2 { // its own
		t.Errorf("beside the next one: %v, %v", left, err)
	}
	if err := p.Release(); err != nil {
		t.Error(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", "/"+strings.Repeat("long", 30))
	if _, err := Claim("own"); err == nil {
		t.Error("a path that is too long for a socket")
	}
}

// killed leaves what a sandbox that was killed leaves: a socket that nobody listens at, and a file that nobody locks.
func killed(t *testing.T, socket, lock string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := errors.Join(l.Close(), os.WriteFile(lock, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
}
