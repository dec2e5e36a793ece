//go:build linux || darwin

package main

import "golang.org/x/sys/unix"

// fileLimit is how many files this process may have open; false: nobody knows.
func fileLimit() (n uint64, known bool) {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return 0, false
	}
	return l.Cur, true
}

// freeRoom is how many bytes this user may still write into a folder; false: nobody knows.
func freeRoom(dir string) (n int64, known bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil || s.Blocks == 0 {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
