//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package guard

import "io"

// lock does nothing: this system does not lock folders.
func lock(string) io.Closer { return noLock{} }

// lockLeft finds nothing, as no lock tells what was left.
func lockLeft(string) io.Closer { return nil }
