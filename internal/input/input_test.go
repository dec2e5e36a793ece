package input

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, []byte("12345"), 0o666), os.Symlink(file, link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link} {
		if b, err := Read(path, 5); err != nil || string(b) != "12345" {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
	if _, err := Read(file, 4); err == nil || !strings.Contains(err.Error(), "too large: the most is 4 bytes") {
		t.Errorf("a large file: %v", err)
	}
	if _, err := Read(filepath.Join(dir, "none"), 5); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Read(dir, 5); err == nil || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("a folder: %v", err)
	}
	for _, device := range []string{"/dev/zero", "/dev/null"} {
		if _, err := os.Stat(device); err != nil {
			continue // not on Windows
		}
		if _, err := Read(device, 5); !errors.Is(err, ErrNotRegular) {
			t.Errorf("%s: %v", device, err)
		}
	}
}

func TestAbsent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nope.yaml")
	if _, err := Read(path, 1); !errors.Is(err, fs.ErrNotExist) ||
		err.Error() != filepath.ToSlash(path)+": there is no such file" {
		t.Errorf("the error is %v", err)
	}
}
