//go:build unix

package drill

import (
	"os"
	"strconv"
	"syscall"
)

// ownerOf is the ID of a file's owner.
func ownerOf(path string) (id string, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return "", false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	return strconv.FormatUint(uint64(s.Uid), 10), true
}
