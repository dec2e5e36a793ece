package result

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// PlaceError is the error for a place that can't be taken, or no longer be written. Nothing was changed there.
type PlaceError struct {
	Path  string
	Hint  string // what helps
	Err   error
	taken bool // something or somebody has the place: another name would do
}

// Error names the path, with slashes.
func (e *PlaceError) Error() string { return filepath.ToSlash(e.Path) + ": " + e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *PlaceError) Unwrap() error { return e.Err }

// inTheWay is the error for what is at a path.
func inTheWay(path, format string, args ...any) *PlaceError {
	return &PlaceError{Path: path, Err: fmt.Errorf(format, args...), taken: true,
		Hint: "nothing was replaced; move it away, choose another folder, or replace it with --force"}
}

// placeError makes any error one for the place, or for the path that the system names.
func placeError(place string, err error) *PlaceError {
	out := &PlaceError{Path: place, Hint: "nothing was started", Err: err}
	path, held := new(fs.PathError), new(heldError)
	switch {
	case errors.As(err, &out):
	case errors.As(err, &held):
		out.taken, out.Hint = true, "nothing was started; wait for it, end it, or choose another folder with --out"
	case errors.As(err, &path):
		out.Path, out.Err = path.Path, path.Err
	}
	return out
}

// look puts back what a program that was killed left aside, and looks at what is in the way.
func (p *Taken) look() error {
	if p.Into {
		return nil // file by file, when it is known which
	}
	if err := p.recover(); err != nil {
		return err
	}
	if _, err := os.Lstat(p.Path); p.Next && !errors.Is(err, fs.ErrNotExist) {
		return inTheWay(p.Path, "there is something of that name")
	}
	return p.MayReplace(p.Path, p.Kind)
}

// MayReplace reports, as a PlaceError, why what is at a path can't be replaced or removed by the program: it is not
// a result of that kind, or no longer as it was written.
func (p *Taken) MayReplace(path, kind string) error {
	is, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && p.Force {
		return nil
	}
	if err != nil {
		return placeError(path, err)
	}
	switch {
	case is.Mode()&fs.ModeSymlink != 0:
		return inTheWay(path, "it is a symbolic link, and quorumlab did not make it")
	case !is.IsDir():
		return inTheWay(path, "it is a file, and quorumlab did not make it")
	}
	m := readMarker(path)
	if m == nil {
		foreign := func(e fs.DirEntry) bool { return e.Name() != freshMarker }
		if list, err := os.ReadDir(path); err == nil && !slices.ContainsFunc(list, foreign) {
			return nil // or it was killed before it had written more than a part of the marker
		}
		return inTheWay(path, "quorumlab did not make this folder, or an older version of it did: it has no file %s",
			markerName)
	}
	if m.Kind != kind {
		return inTheWay(path, "it is the result of a %s, not of a %s", m.Kind, kind)
	}
	why, err := m.foreign(path)
	if err != nil {
		return placeError(path, err)
	}
	if why != "" {
		return inTheWay(path, "%s", why)
	}
	return nil
}

// MayWrite reports, as a PlaceError, why one of the files can't be written into the place. It is for a place with
// Into, as soon as the files' names are known, and their contents or nil.
func (p *Taken) MayWrite(files map[string][]byte) error {
	m := p.marker()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fresh := ""
		if content := files[name]; content != nil {
			fresh = fmt.Sprintf("%x", sha256.Sum256(content))
		}
		if err := p.mayWrite(m, name, fresh); err != nil {
			return err
		}
	}
	return nil
}

// mayWrite looks at one file and at the folders that it is in. A file that holds what will be written, which has the
// sum fresh, is not in the way.
func (p *Taken) mayWrite(m *marker, name, fresh string) error {
	for up := filepath.Dir(filepath.FromSlash(name)); up != "."; up = filepath.Dir(up) {
		if is, err := os.Lstat(filepath.Join(p.Path, up)); err == nil && !is.IsDir() {
			return inTheWay(p.Path, "%s in it is not a folder, and no link is followed", filepath.ToSlash(up))
		}
	}
	path := filepath.Join(p.Path, filepath.FromSlash(name))
	is, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && p.Force && replaceable(is.Mode()) {
		return nil
	}
	if err != nil {
		return placeError(path, err)
	}
	if fresh != "" && is.Mode().IsRegular() {
		if has, err := sum(path); err == nil && has == fresh {
			return nil
		}
	}
	if p.Unmarked {
		return inTheWay(path, "there is something else of that name")
	}
	why, err := m.alters(path, name, is.Mode())
	if err != nil {
		return placeError(path, err)
	}
	if why != "" {
		return inTheWay(p.Path, "%s", why)
	}
	return nil
}

// replaceable reports whether a file in the way may be replaced by name: a device is not.
func replaceable(mode fs.FileMode) bool { return mode.IsRegular() || mode&fs.ModeSymlink != 0 }

// marker is the one in the place, or an empty one.
func (p *Taken) marker() *marker {
	if m := readMarker(p.Path); m != nil {
		return m
	}
	return &marker{Kind: p.Kind, Files: map[string]string{}}
}
