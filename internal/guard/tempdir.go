package guard

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"

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
	path, drop, err := g.MkdirTemp(dir, prefix)
	if err != nil {
		return "", nil, errors.Join(err, g.Close())
	}
	return path, func() error { return errors.Join(drop(), g.Close()) }, nil
}

// MkdirTemp makes a new folder in dir (the system's temporary folder if dir is empty) that the guard
// knows of before it exists: not even a program killed in between leaves it behind. remove removes it; a
// second call does nothing. Errors are those of the system; the guard must then be closed.
//
// Should the guard be killed before the program, or the machine go down, the folder stays until the next program
// of this user or of root on this machine makes one with the same prefix there: it finds that nobody holds the
// folder's lock any more. Where folders can't be locked, such as on Windows, it stays.
func (g *Guard) MkdirTemp(dir, prefix string) (path string, remove func() error, err error) {
	if dir == "" {
		dir = os.TempDir()
	}
	tidy(dir, prefix)
	// Long enough to be nobody else's.
	path = filepath.Join(dir, prefix+machine()+"-"+strings.ToLower(rand.Text())[:20])
	// Under its name it is locked from the first moment on, so that nobody takes it for one that was left.
	unborn := path + ".new"
	for _, folder := range []string{unborn, path} {
		if err := g.Folder(folder); err != nil {
			return "", nil, err
		}
	}
	if err := os.Mkdir(unborn, 0o700); err != nil {
		if e := (*os.PathError)(nil); errors.As(err, &e) {
			e.Path = dir // nobody knows the folder's name
		}
		return "", nil, err
	}
	held := lock(unborn)
	drop := sync.OnceValue(func() error { return errors.Join(os.RemoveAll(path), held.Close()) })
	if err := os.Rename(unborn, path); err != nil {
		return "", nil, errors.Join(err, os.Remove(unborn), drop())
	}
	return path, drop, nil
}

// cleared are the places where this program has looked for folders that were left: once is enough.
var cleared sync.Map

func tidy(dir, prefix string) {
	if _, done := cleared.LoadOrStore([2]string{dir, prefix}, true); !done {
		RemoveLeft(dir, prefix)
	}
}

// RemoveLeft removes the folders in dir that MkdirTemp made with prefixes that begin like this one and that nobody
// holds any more: this user's, and as root anybody's. It returns those that are gone; what it can't remove it leaves.
func RemoveLeft(dir, prefix string) (gone []string) {
	for _, path := range made(dir, prefix) {
		if held := lockLeft(path); held != nil {
			if errors.Join(os.RemoveAll(path), held.Close()) == nil {
				gone = append(gone, path)
			}
		}
	}
	return gone
}

// made are the folders in dir that have names as MkdirTemp makes them on this machine, with any prefix that begins
// like this one.
func made(dir, prefix string) (paths []string) {
	list, _ := os.ReadDir(dir) // whoever makes a folder there will tell what is wrong
	for _, d := range list {
		head, rest, ours := strings.Cut(d.Name(), machine()+"-")
		if d.IsDir() && ours && strings.HasPrefix(head, prefix) && len(rest) == 20 {
			paths = append(paths, filepath.Join(dir, d.Name()))
		}
	}
	return paths
}

// OfOthers lists the folders in dir that MkdirTemp made for other users of this machine, with prefixes that begin like
// this one. Whether they are in use or were left by a program that was killed together with its guard, only their users
// and root can tell: the next program of theirs removes those that were left. To root no folder is another's.
func OfOthers(dir, prefix string) []string {
	me := os.Geteuid()
	if me <= 0 {
		return nil
	}
	return ofOthers(dir, prefix, me)
}

func ofOthers(dir, prefix string, me int) (paths []string) {
	for _, path := range made(dir, prefix) {
		if isAnothers(func() (os.FileInfo, error) { return os.Lstat(path) }, me) {
			paths = append(paths, path)
		}
	}
	return paths
}

// machine tells this machine's folders from those of others that share a disk with it: locks are good on one
// machine only.
var machine = sync.OnceValue(func() string {
	name, _ := os.Hostname() // without a name it is as good as any other
	sum := sha256.Sum256([]byte(name))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:6]
})
