//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package guard

import (
	"io"
	"io/fs"
	"os"
	"syscall"
)

// lock takes the lock of a folder until it is closed or the process ends. On a file system without locks nobody
// takes the folder for one that was left.
func lock(folder string) io.Closer {
	if f := tryLock(folder); f != nil {
		return f
	}
	return noLock{}
}

// lockLeft takes the lock of a folder that nobody holds and that this user may remove: its own, and as root anybody's,
// such as those that root gave to the user of a PostgreSQL server; nil: there is no such.
func lockLeft(folder string) io.Closer {
	f := tryLock(folder)
	if f == nil {
		return nil
	}
	if me := os.Geteuid(); me == 0 || !isAnothers(f.Stat, me) {
		return f
	}
	f.Close()
	return nil
}

// isAnothers reports whether what stat tells of belongs to another user than the one of that number, or to nobody
// known.
func isAnothers(stat func() (fs.FileInfo, error), me int) bool {
	is, err := stat()
	if err != nil {
		return true
	}
	owner, known := is.Sys().(*syscall.Stat_t)
	return !known || int(owner.Uid) != me
}

func tryLock(folder string) *os.File {
	f, err := os.OpenFile(folder, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil
	}
	return f
}
