//go:build unix

package input

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// TestPipe: a pipe that nobody writes to is refused, and not waited for.
func TestPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("this disk has no pipes: ", err)
	}
	if _, err := Open(pipe); !errors.Is(err, ErrNotRegular) {
		t.Error(err)
	}
}
