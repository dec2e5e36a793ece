//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package guard

import (
	"io"
	"io/fs"
)

// lock does nothing: this system does not lock folders.
func lock(string) io.Closer { return noLock{} }

// lockLeft finds nothing, as no lock tells what was left.
func lockLeft(string) io.Closer { return nil }

// isAnothers is false: here nobody tells whose a folder is.
func isAnothers(func() (fs.FileInfo, error), int) bool { return false }
