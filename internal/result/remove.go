package result

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Remove removes a result and all that is in it, its marker last: a process that is killed meanwhile leaves something
// that is still known as a result. That nothing is there is no error; other errors are those of the system.
func Remove(path string) error { return removeBy(os.RemoveAll, path) }

// removeBy is Remove, by the function that removes one thing.
func removeBy(all func(string) error, path string) error {
	is, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if is.IsDir() {
		list, err := os.ReadDir(path)
		if err != nil {
			return err
		}
		for _, e := range list {
			if isMarker(e.Name()) {
				continue
			}
			if err := all(filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
	}
	return all(path)
}
