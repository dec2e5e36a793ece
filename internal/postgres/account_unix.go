//go:build unix

package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that servers and programs run as. A nil account is the user who runs this program.
type account struct {
	name     string
	uid, gid uint32
}

// unprivileged are the users to run as instead of root; the first that exists is taken. nobody comes first,
// because as postgres a program could log in to the machine's own databases.
var unprivileged = []string{"nobody", "postgres"}

// choose finds the account: that of the name, or of one of unprivileged if the name is empty.
func choose(name string) (*account, error) {
	if os.Geteuid() != 0 {
		if name != "" {
			return nil, fmt.Errorf("only root can run PostgreSQL as another user, %s", name)
		}
		return nil, nil
	}
	names := unprivileged
	if name != "" {
		names = []string{name}
	}
	var failed error
	for _, n := range names {
		a, err := lookUp(n)
		if err == nil {
			return a, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is no other user for it: %w", failed)
}

func lookUp(name string) (*account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseInt(u.Uid, 10, 64) // macOS has -2 for nobody
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseInt(u.Gid, 10, 64)
	if err != nil {
		return nil, err
	}
	if uint32(uid) == 0 {
		return nil, fmt.Errorf("%s is root too", name)
	}
	return &account{name, uint32(uid), uint32(gid)}, nil
}

// login is the account's name; empty for the user who runs this program.
func (a *account) login() string {
	if a == nil {
		return ""
	}
	return a.name
}

// give makes the account the owner of a file or folder.
func (a *account) give(path string) error {
	if a == nil {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// giveTree makes the account the owner of a folder and everything in it. What it owns already is not touched.
func (a *account) giveTree(dir string) error {
	if a == nil {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Uid == a.uid && s.Gid == a.gid {
			return nil
		}
		return a.give(path)
	})
}

// credential is the account for the start of a process.
func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// reaches checks that the account can get into a folder.
func (a *account) reaches(dir string) error {
	if a == nil {
		return nil
	}
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return err
		}
		if !a.enters(info) {
			return fmt.Errorf("%s can't be entered by %s, the user that PostgreSQL runs as when root starts it", at, a.name)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func (a *account) enters(folder fs.FileInfo) bool {
	owner, ok := folder.Sys().(*syscall.Stat_t)
	const searchable = 0o001
	mode := folder.Mode().Perm()
	switch {
	case ok && owner.Uid == a.uid:
		mode >>= 6
	case ok && owner.Gid == a.gid:
		mode >>= 3
	}
	return mode&searchable != 0
}
