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
	Write func(dir string) error // writes files or folders into dir, which exists
}

// FolderName is the name of the folder that a run of a scenario leaves: NAME-ENGINE-seedN.
func FolderName(s *sim.Scenario, engine string) string {
	return fmt.Sprintf("%s-%s-seed%d", s.Name, engine, s.Seed)
}

// FreeName is name, or the first of name-2, name-3 and so on that does not exist yet in dir: for what can't be
// reproduced by running it again.
func FreeName(dir, name string) string {
	free := name
	for n := 2; ; n++ {
		if _, err := os.Lstat(filepath.Join(dir, free)); errors.Is(err, fs.ErrNotExist) {
			return free
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
}

// Leave writes a folder of that name in dir, with the parts, which are written in order, so that a later
// one may use an earlier one. They are written under a temporary name and renamed when complete; an older
// folder of that name is replaced only then. A program that is killed meanwhile leaves nothing but the
// older folder, which may have to be put back: the next Leave does that.
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

// LeaveIn writes the parts' files into dir itself. They are written elsewhere and moved into place when all
// are complete; other files in dir stay.
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

// beside writes the parts into a new folder in dir and passes it to whole when they are complete. What is left
// of the folder is then removed.
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

// Replace replaces dir by the folder tmp. A program that is killed meanwhile may leave the older folder
// aside, where Recover finds it.
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

// aside is where a folder is kept while another one replaces it.
func aside(dir string) string {
	return filepath.Join(filepath.Dir(dir), ".replaced-"+filepath.Base(dir))
}

// Recover puts back what a Replace of dir that was killed halfway left aside, or removes it if the new
// folder was already in place.
func Recover(dir string) error {
	old := aside(dir)
	if _, err := os.Lstat(old); err != nil {
		return nil // as it should be; any other error will meet Replace, too
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(old, dir)
	}
	return os.RemoveAll(old)
}

// Create writes a file through fill, and also reports the error of closing it.
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
