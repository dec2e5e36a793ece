package result

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"quorumlab/internal/guard"
)

// Leave writes the result. fill writes it into a new folder beside the place, which is moved there when it is whole: a
// program that is killed meanwhile leaves what there was, which may have to be put back; the next Take does that.
// What can't be written there goes to the system's temporary folder, and the error, a KeptError, says so.
// An error of fill that is not the system's is returned as it is.
func (p *Taken) Leave(fill func(tmp string) error) error {
	err := p.leave(fill)
	path, link, refused := new(fs.PathError), new(os.LinkError), new(PlaceError)
	if !errors.As(err, &path) && !errors.As(err, &link) && !errors.As(err, &refused) {
		return err
	}
	kept, errKept := os.MkdirTemp("", "quorumlab-kept-")
	if errKept == nil {
		if errKept = fill(kept); errKept == nil {
			return &KeptError{Kept: kept, Err: err}
		}
		errKept = errors.Join(errKept, os.RemoveAll(kept))
	}
	return fmt.Errorf("%w; nor could it be kept elsewhere: %w", err, errKept)
}

// KeptError is the error for a result that could not be written to its place, and is elsewhere.
type KeptError struct {
	Kept string // the folder that it is in
	Err  error
}

// Error also says where the result is.
func (e *KeptError) Error() string {
	return fmt.Sprintf("%v; what was done is kept in %s", e.Err, filepath.ToSlash(e.Kept))
}

// Unwrap returns the wrapped error.
func (e *KeptError) Unwrap() error { return e.Err }

func (p *Taken) leave(fill func(tmp string) error) (err error) {
	tmp, remove, err := guard.TempDir(p.folder(), ".writing-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := fill(tmp); err != nil {
		return err
	}
	if p.Into {
		return p.moveIn(tmp)
	}
	if err := Mark(tmp, p.Kind); err != nil {
		return err
	}
	return p.Replace(tmp)
}

// Replace puts a folder that is marked into the place. What came there since the place was taken is looked at again.
func (p *Taken) Replace(tmp string) error {
	if err := p.MayReplace(p.Path, p.Kind); err != nil {
		return err
	}
	old := p.aside()
	err := os.Rename(p.Path, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(tmp, p.Path); err != nil {
		return errors.Join(err, os.Rename(old, p.Path))
	}
	return Remove(old)
}

// aside is where a folder is kept while another one replaces it.
func (p *Taken) aside() string {
	return filepath.Join(filepath.Dir(p.Path), ".replaced-"+filepath.Base(p.Path))
}

// recover puts back what a program that was killed while it replaced a result left aside, or removes it if the new
// result was already in place.
func (p *Taken) recover() error {
	old := p.aside()
	if _, err := os.Lstat(old); err != nil {
		return nil // as it should be; any other error will meet whoever replaces, too
	}
	if _, err := os.Lstat(p.Path); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(old, p.Path)
	}
	if err := p.MayReplace(old, p.Kind); err != nil {
		return err
	}
	return Remove(old)
}

// moveIn moves the files of a folder into the place one by one; others there stay.
func (p *Taken) moveIn(tmp string) error {
	fresh, err := sums(tmp)
	if err != nil {
		return err
	}
	maps.DeleteFunc(fresh, func(name, _ string) bool { return strings.HasSuffix(name, "/") })
	m := p.marker()
	for name, sum := range fresh {
		if err := p.mayWrite(m, name, sum); err != nil {
			return err
		}
	}
	for name, sum := range fresh {
		to := filepath.Join(p.Path, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(tmp, filepath.FromSlash(name)), to); err != nil {
			return err
		}
		m.Files[name] = sum
	}
	if p.Unmarked {
		return nil
	}
	return m.write(p.Path)
}
