//go:build unix

package helper

import (
	"os"
	"syscall"
)

// CanStop tells whether Stop works on this system: nil, or why not.
func CanStop() error { return nil }

// Stop stops a process where it stands.
func Stop(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }

// Continue lets it go on.
func Continue(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
