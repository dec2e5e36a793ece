//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package guard

import (
	"io"
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

// lockLeft takes the lock of a folder that nobody holds and that is this user's; nil: there is another owner.
func lockLeft(folder string) io.Closer {
	f := tryLock(folder)
	if f == nil {
		return nil
	}
	is, err := f.Stat()
	if err == nil {
		if owner, known := is.Sys().(*syscall.Stat_t); known && int(owner.Uid) == os.Geteuid() {
			return f
		}
	}
	f.Close()
	return nil
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
