package guard

import (
	"errors"
	"os"

	"quorumlab/sim/etcdsim/helper"
)

// TempDir makes a new folder in dir, named after pattern like that of os.MkdirTemp, and a function
// that removes it. A program that is killed before it calls remove leaves nothing either, unless it
// can't have a guard because its main does not call etcdsim.Main. Errors are those of the system.
func TempDir(dir, pattern string) (path string, remove func() error, err error) {
	g, err := Start() // first, as it takes longer than to make a folder
	if err != nil && !errors.Is(err, helper.ErrNoMain) {
		return "", nil, err
	}
	if path, err = os.MkdirTemp(dir, pattern); err != nil {
		return "", nil, errors.Join(err, g.Close())
	}
	remove = func() error { return errors.Join(os.RemoveAll(path), g.Close()) }
	if err := g.Folder(path); err != nil {
		return "", nil, errors.Join(err, remove())
	}
	return path, remove, nil
}
