package guard

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"quorumlab/internal/helper"
)

// TempDir makes a new folder in dir, whose name begins with prefix, and a function that removes
// it. A program that is killed before it calls remove leaves nothing behind either,
// unless it can't have a guard because its main does not call etcdsim.Main. Errors are those of the system.
func TempDir(dir, prefix string) (path string, remove func() error, err error) {
	g, err := Start() // first, as it takes longer than to make a folder
	if err != nil && !errors.Is(err, helper.ErrNoMain) {
		return "", nil, err
	}
	if path, err = g.MkdirTemp(dir, prefix); err != nil {
		return "", nil, errors.Join(err, g.Close())
	}
	return path, func() error { return errors.Join(os.RemoveAll(path), g.Close()) }, nil
}

// MkdirTemp makes a new folder in dir (the system's temporary folder if dir is empty) that the guard
// knows of before it exists: not even a program killed in between leaves it behind. Errors are those of
// the system; the guard must then be closed.
func (g *Guard) MkdirTemp(dir, prefix string) (path string, err error) {
	if dir == "" {
		dir = os.TempDir()
	}
	path = filepath.Join(dir, prefix+strings.ToLower(rand.Text())) // long enough to be nobody else's
	if err := g.Folder(path); err != nil {
		return "", err
	}
	return path, os.Mkdir(path, 0o700)
}
