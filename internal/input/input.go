// Package input reads files that somebody else wrote: regular files, up to a size. A device or a pipe never ends, or
// waits for a writer that no signal interrupts; both are refused before they are opened.
package input

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Sizes of files in bytes: far more than any has that a person wrote, and that a program did.
const (
	MostText = 8 << 20
	MostData = 256 << 20
)

// ErrNotRegular is the error for what is no file to be read to its end.
var ErrNotRegular = errors.New("it is not a regular file")

// absentError is the error for a file that does not exist: the system call that found out is nobody's business.
type absentError string

func (e absentError) Error() string        { return filepath.ToSlash(string(e)) + ": there is no such file" }
func (e absentError) Is(target error) bool { return target == fs.ErrNotExist }

// Read reads a file of at most so many bytes. Errors are those of the system, a size that is too large, and
// ErrNotRegular; they name the file.
func Read(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1)) // not the size that it is said to have: /proc has none
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%s: the file is too large: the most is %d bytes", filepath.ToSlash(path), most)
	}
	return b, nil
}

// Open opens a file that is regular, or a link to one.
func Open(path string) (*os.File, error) {
	is, err := os.Stat(path) // before it is opened: a pipe would wait
	if errors.Is(err, fs.ErrNotExist) {
		return nil, absentError(path)
	}
	if err != nil {
		return nil, err
	}
	if !is.Mode().IsRegular() {
		err := ErrNotRegular
		if is.IsDir() {
			err = errors.New("it is a folder")
		}
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.Open(path)
}
