package result

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"
	"unicode"

	"go.etcd.io/etcd/client/pkg/v3/fileutil"
)

// lock is a file that says who is at work at a place. The system unlocks it with the process, however that ends; the
// file that a killed process leaves is taken over. A disk that has no locks has none: then it has no file.
type lock struct{ file *fileutil.LockedFile }

// signing is how many milliseconds the signature of whoever has a lock is waited for.
const signing = 1000

// takeLock takes a lock. It is a heldError if another process, or another part of this one, has it.
func takeLock(path string) (*lock, error) {
	for asked := 0; ; asked++ {
		if is, err := os.Lstat(path); err == nil && !is.Mode().IsRegular() {
			return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is in the way: it is not a regular file")}
		}
		f, err := fileutil.TryLockFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if errors.Is(err, fileutil.ErrLocked) {
			by := holder(path)
			if by == "" && asked < signing { // whoever has it is about to sign
				<-time.After(time.Millisecond)
				continue
			}
			return nil, &heldError{by}
		}
		if errors.Is(err, errors.ErrUnsupported) {
			return &lock{}, nil
		}
		if err != nil {
			return nil, err
		}
		l := &lock{f}
		mine, err := f.Stat()
		if err == nil {
			var is os.FileInfo
			if is, err = os.Stat(path); err == nil && os.SameFile(mine, is) {
				if err = l.sign(); err != nil {
					return nil, errors.Join(err, l.release())
				}
				return l, nil
			}
		}
		f.Close() // whoever had it has removed it meanwhile
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
}

// heldError is the error for a lock that another process has.
type heldError struct{ by string } // as it signed, or empty

func (e *heldError) Error() string {
	if e.by == "" {
		return "another process is writing it"
	}
	return "another process is writing it: " + e.by
}

// mostHolder is how much of a lock's text is read.
const mostHolder = 1024

// sign writes who has the lock: it also shows that there is room for a file.
func (l *lock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	says := fmt.Sprintf("process %d, %s", os.Getpid(), strings.Join(os.Args, " "))
	_, err := l.file.WriteAt([]byte(says[:min(len(says), mostHolder)]), 0)
	return err
}

// holder is who has a lock, as it signed, without what could command a terminal.
func holder(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, mostHolder)) // what can't be read is not told
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(string(b), "?"))
}

// release gives the lock up. It removes the file first: whoever waits for it finds that it is another.
func (l *lock) release() error {
	switch {
	case l.file == nil:
		return nil
	case runtime.GOOS == "windows": // an open file can't be removed there
		return errors.Join(l.file.Close(), os.Remove(l.file.Name()))
	}
	return errors.Join(os.Remove(l.file.Name()), l.file.Close())
}
