package result

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Destination says what a result will be, before there is anything of it.
type Destination struct {
	Path string // of the result's folder
	Kind string // one word or two, for people: "run", "sweep"
	// Force has whatever is at the path replaced.
	Force bool
	// Next takes the first of NAME, NAME-2, NAME-3 and so on that is free, for what does not come out the same again.
	Next bool
	// Into has single files written into the folder, where others may lie and stay. Without it the folder is
	// replaced as a whole.
	Into bool
	// Added, with Into, says that the folder is a result that others replace as a whole: their lock is also its own.
	Added bool
	// Unmarked, with Into, leaves no marker in the folder: a file that is there is replaced only with Force, unless
	// it holds the same bytes.
	Unmarked bool
	// Room is about how many bytes the result will take; 0: nobody knows.
	Room int64
}

// Taken is a place that a result will be at. It is this process's until Release.
type Taken struct {
	Destination
	lock *lock
	made []string // folders that were made for it, the innermost first
}

// Take takes the place: makes the folder that it will lie in, locks the place, and looks at what is there. The error
// is a PlaceError.
func (d Destination) Take() (*Taken, error) {
	p := &Taken{Destination: d}
	for n := 2; ; n++ {
		err := p.take()
		if err == nil {
			return p, nil
		}
		refused := placeError(p.Path, err)
		if !d.Next || !refused.taken {
			return nil, refused
		}
		p.Path = fmt.Sprintf("%s-%d", d.Path, n)
	}
}

func (p *Taken) take() (err error) {
	if err := p.makeFolder(p.folder()); err != nil {
		return errors.Join(err, p.unmake())
	}
	if p.lock, err = takeLock(p.lockPath()); err != nil {
		return errors.Join(err, p.unmake())
	}
	if err = p.look(); err == nil {
		err = p.enough()
	}
	if err != nil {
		return errors.Join(err, p.Release())
	}
	return nil
}

// folder is the one that files are made in: it is on the result's disk.
func (p *Taken) folder() string {
	if p.Into {
		return p.Path
	}
	return filepath.Dir(p.Path)
}

// makeFolder makes a folder with those above it, and remembers which there were not.
func (p *Taken) makeFolder(dir string) error {
	is, err := os.Stat(dir)
	switch {
	case err == nil && !is.IsDir():
		return &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("it is a file, not a folder")}
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if up := filepath.Dir(dir); up != dir {
		if err := p.makeFolder(up); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err == nil {
		p.made = append([]string{dir}, p.made...)
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// lockPath is beside a result, or in the folder where single files are the result.
func (p *Taken) lockPath() string {
	if p.Into && !p.Added {
		return filepath.Join(p.Path, markerName+".lock")
	}
	return filepath.Join(filepath.Dir(p.Path), "."+filepath.Base(p.Path)+".lock")
}

// Release gives the place up. Folders that were made for a result that did not come are removed, if they are empty.
// It does nothing the second time, and on nil.
func (p *Taken) Release() error {
	if p == nil || p.lock == nil {
		return nil
	}
	err := p.lock.release()
	p.lock = nil
	return errors.Join(err, p.unmake())
}

// unmake removes the folders that were made for the place, those that are still empty.
func (p *Taken) unmake() error {
	for _, dir := range p.made {
		if list, err := os.ReadDir(dir); err != nil || len(list) > 0 || os.Remove(dir) != nil {
			break // it is in use, which is why it was made
		}
	}
	p.made = nil
	return nil
}
