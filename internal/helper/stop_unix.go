//go:build unix

package helper

import (
	"os"
	"syscall"
)

// CanStop reports whether Stop works on this system: nil, or why not.
func CanStop() error { return nil }

// Stop stops a process as SIGSTOP does.
func Stop(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }

// Continue lets it run again.
func Continue(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
