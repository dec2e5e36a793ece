//go:build unix

package sandbox

import (
	"io/fs"
	"syscall"
)

// ownerOf is the user whose file it is.
func ownerOf(is fs.FileInfo) (uid int, known bool) {
	s, ok := is.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(s.Uid), true
}
