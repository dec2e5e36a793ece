package run

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"quorumlab/internal/guard"
	"quorumlab/sim"
)

// FolderPart is something that a run leaves in its folder.
type FolderPart struct {
	Name  string                 // for people: summary, trace, plots, report, ...
	Write func(dir string) error // writes files or folders into dir, which is there
}

// FolderName is the name of the folder that a run of a scenario leaves: NAME-ENGINE-seedN.
func FolderName(s *sim.Scenario, engine string) string {
	return fmt.Sprintf("%s-%s-seed%d", s.Name, engine, s.Seed)
}

// FreeName is name, or the first of name-2, name-3 and so on that is not there yet in dir: for what can't be
// run again to leave the same.
func FreeName(dir, name string) string {
	free := name
	for n := 2; ; n++ {
		if _, err := os.Lstat(filepath.Join(dir, free)); errors.Is(err, fs.ErrNotExist) {
			return free
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
}

// Leave leaves a folder of that name in dir, with the parts, which are written in their order, so that a
// later one may use an earlier one. They are written beside the folder's place and renamed when whole; an
// older folder of that name is replaced only then. A program that is killed meanwhile leaves nothing but
// the older folder, which may have to be put back: the next Leave does.
func Leave(dir, name string, parts ...FolderPart) (path string, err error) {
	path = filepath.Join(dir, name)
	if err := Recover(path); err != nil {
		return "", err
	}
	if err := beside(dir, parts, func(tmp string) error { return Replace(tmp, path) }); err != nil {
		return "", err
	}
	return path, nil
}

// LeaveIn leaves the parts' files in dir itself. They are written beside and renamed, each into its place,
// when all are whole; what else is in dir stays.
func LeaveIn(dir string, parts ...FolderPart) error {
	return beside(dir, parts, func(tmp string) error {
		files, err := os.ReadDir(tmp)
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := os.Rename(filepath.Join(tmp, f.Name()), filepath.Join(dir, f.Name())); err != nil {
				return err
			}
		}
		return nil
	})
}

// beside writes the parts into a new folder in dir and gives it to whole when they are there. What is left of
// the folder then goes.
func beside(dir string, parts []FolderPart, whole func(tmp string) error) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmp, remove, err := guard.TempDir(dir, ".writing-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	for _, p := range parts {
		if err := p.Write(tmp); err != nil {
			return err
		}
	}
	return whole(tmp)
}

// Replace puts the folder tmp in the place of dir. A program that is killed meanwhile may leave what was
// there before aside, where Recover finds it.
func Replace(tmp, dir string) error {
	old := aside(dir)
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// aside is where a folder is while another one takes its place.
func aside(dir string) string {
	return filepath.Join(filepath.Dir(dir), ".replaced-"+filepath.Base(dir))
}

// Recover puts back what a Replace of dir that was killed halfway has left aside, or removes it when the
// other folder had taken its place.
func Recover(dir string) error {
	old := aside(dir)
	if _, err := os.Lstat(old); err != nil {
		return nil // which is how it should be; any other trouble Replace will have, too
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(old, dir)
	}
	return os.RemoveAll(old)
}

// Create writes a file through fill, and reports the error of the close too.
func Create(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := fill(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
