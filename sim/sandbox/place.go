package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"quorumlab/sim/run"

	"go.etcd.io/etcd/client/pkg/v3/fileutil"
)

// DefaultName is the name of a sandbox that is given none.
const DefaultName = "sandbox"

// sandboxName matches the names that a sandbox may have; its script is a scenario of the same name.
var sandboxName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// maxName keeps the path of the control socket short.
const maxName = 30

// CheckName says what is wrong with a name for a sandbox, in a run.InputError.
func CheckName(name string) error {
	if !sandboxName.MatchString(name) || len(name) > maxName {
		return run.BadInput("",
			"%q is not a valid name: use lower-case words and numbers separated by dashes, up to %d characters",
			name, maxName)
	}
	return nil
}

// Place is where a sandbox can be reached by name: a lock that is released with its
// process, however that ends, and a socket. Both are in a folder that only the user
// can enter: on Windows the profile's folder sees to that, elsewhere the modes of the
// folder and the socket.
type Place struct {
	lock *fileutil.LockedFile
	net.Listener
}

// placeFolder is the folder of all the user's sandboxes.
func placeFolder() (string, error) {
	root := os.Getenv("XDG_RUNTIME_DIR")
	if !filepath.IsAbs(root) {
		var err error
		if root, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("no place for the control socket: %w; set XDG_RUNTIME_DIR to a folder of your own", err)
		}
	}
	return filepath.Join(root, "quorumlab"), nil
}

func socketPath(folder, name string) string { return filepath.Join(folder, name+".sock") }

// maxSocketPath is what the tightest system (macOS) takes.
const maxSocketPath = 103

// Claim takes the name for this process; Release it. What killed sandboxes left is removed,
// whatever their names. Errors: a run.InputError for what is no name and, with ErrNameTaken, for one
// that another sandbox of the user has; those of the system.
func Claim(name string) (*Place, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	folder, err := placeFolder()
	if err != nil {
		return nil, err
	}
	if err := privateFolder(folder); err != nil {
		return nil, err
	}
	path := socketPath(folder, name)
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("control socket %s: the path exceeds the limit of %d bytes; "+
			"set XDG_RUNTIME_DIR to a shorter folder", path, maxSocketPath)
	}
	p := &Place{}
	p.lock, err = lockFile(filepath.Join(folder, name+".lock"))
	if errors.Is(err, fileutil.ErrLocked) {
		return nil, run.BadInput("", "a sandbox called %q %w", name, ErrNameTaken)
	}
	if err != nil {
		return nil, err
	}
	if err := p.listen(path); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), unlock(p.lock))
	}
	for _, other := range sockets(folder) {
		removeLeft(other)
	}
	return p, nil
}

// sockets are the paths of all control sockets, also of those that nobody is behind.
func sockets(folder string) []string {
	paths, _ := filepath.Glob(socketPath(folder, "*")) // the pattern is good
	return paths
}

// removeLeft removes the socket and the lock of a sandbox that was killed, and nothing of one that is running.
func removeLeft(socket string) {
	if l, err := lockFile(strings.TrimSuffix(socket, ".sock") + ".lock"); err == nil { // nobody is behind the socket
		_ = errors.Join(os.Remove(socket), unlock(l)) // else the next sandbox of that name does it
	}
}

func (p *Place) listen(path string) (err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if p.Listener, err = net.Listen("unix", path); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}

// Release gives up the name and leaves nothing behind.
func (p *Place) Release() error {
	err := p.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errors.Join(err, unlock(p.lock))
}

// unlock ends a lock. It removes the file first: whoever waits for it finds that it
// is another.
func unlock(l *fileutil.LockedFile) error {
	if runtime.GOOS == "windows" { // an open file can't be removed there
		return errors.Join(l.Close(), os.Remove(l.Name()))
	}
	return errors.Join(os.Remove(l.Name()), l.Close())
}

// lockFile takes a lock that the system ends with the process. The error is
// fileutil.ErrLocked when another has it.
func lockFile(path string) (*fileutil.LockedFile, error) {
	for {
		l, err := fileutil.TryLockFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		mine, err := l.Stat()
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		if is, err := os.Stat(path); err == nil && os.SameFile(mine, is) {
			return l, nil
		}
		l.Close() // whoever had it has removed it meanwhile
	}
}

// privateFolder makes a folder that only its owner can enter, and refuses one that
// others can.
func privateFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return isPrivate(path)
}

// isPrivate reports why others can enter a folder, or it is another's.
func isPrivate(path string) error {
	is, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !is.IsDir() {
		return fmt.Errorf("%s is not a folder", path)
	}
	if runtime.GOOS != "windows" && is.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s is open to other users; chmod 700 closes it", path)
	}
	if owner, known := ownerOf(is); known && owner != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user (%d); set XDG_RUNTIME_DIR to a folder of your own", path, owner)
	}
	return nil
}

// NotUpError says that no sandbox of that name is running.
type NotUpError struct {
	Name string
	Up   []string // the names of those that are running
}

// Error also names the sandboxes that are running.
func (e *NotUpError) Error() string {
	if len(e.Up) == 0 {
		return fmt.Sprintf("no sandbox called %q is running", e.Name)
	}
	return fmt.Sprintf("no sandbox called %q is running; running: %s", e.Name, strings.Join(e.Up, ", "))
}

// reach connects to a sandbox.
func reach(name string) (net.Conn, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	folder, err := placeFolder()
	if err != nil {
		return nil, err
	}
	if err := isPrivate(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err // what answers there is not the user's
	}
	c, err := net.Dial("unix", socketPath(folder, name))
	if err == nil {
		return c, nil
	}
	return nil, &NotUpError{name, reachable(folder)}
}

// Running lists the user's sandboxes that answer, by name.
func Running() []string {
	folder, err := placeFolder()
	if err != nil || isPrivate(folder) != nil {
		return nil // what answers there is not the user's
	}
	return reachable(folder)
}

// reachable lists the sandboxes that answer, and removes what killed ones left.
func reachable(folder string) (names []string) {
	for _, path := range sockets(folder) {
		if c, err := net.Dial("unix", path); err == nil {
			c.Close()
			names = append(names, strings.TrimSuffix(filepath.Base(path), ".sock"))
			continue
		}
		removeLeft(path)
	}
	slices.Sort(names)
	return names
}
