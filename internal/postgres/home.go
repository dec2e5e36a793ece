package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"

	"quorumlab/internal/guard"
)

// Options are those of Open. The zero value is good.
type Options struct {
	// Programs is the folder of PostgreSQL's programs; if it is empty, Find looks for one.
	Programs string
	// Dir is the folder to make the home in, and so decides which disk the data are on. If it is empty, it
	// is the system's temporary folder, or /tmp if the servers' user can't get into that one.
	Dir string
	// InMemory makes the home in memory if Dir is empty, $TMPDIR is not set, and there is room (memory_linux.go). It is
	// for data that nobody measures a disk with: files there are made in a fraction of the time.
	InMemory bool
	// User is the user that servers and programs run as when root opens the home. If it is empty, it is
	// nobody, or postgres if there is no nobody. To restore backups, name a user that may read them.
	User string
}

// Home is a temporary folder in which servers and programs of one version of PostgreSQL run. Its methods
// are safe for concurrent use.
type Home struct {
	programs Programs
	account  *account // nil: who runs this
	guard    *guard.Guard
	dir      string
	sockets  string // dir, or a folder with a shorter name
	open     context.Context
	end      context.CancelFunc

	mu      sync.Mutex
	closed  bool
	servers map[string]*Server
	drops   []func() error // remove the folders
	runs    sync.WaitGroup // programs that run
}

// Open makes a home, to be closed with Close. Errors: ErrMissing, helper.ErrNoMain, a folder or a user that
// can't be used, those of the system, and ctx's.
func Open(ctx context.Context, o Options) (*Home, error) {
	h := &Home{servers: map[string]*Server{}}
	var err error
	if h.account, err = choose(o.User); err != nil {
		return nil, err
	}
	if h.programs, err = Find(ctx, o.Programs); err != nil {
		return nil, err
	}
	if h.guard, err = guard.Start(); err != nil {
		return nil, err
	}
	h.open, h.end = context.WithCancel(context.Background())
	if o.InMemory && o.Dir == "" && os.Getenv("TMPDIR") == "" {
		o.Dir = memoryFolder(h.account)
	}
	if err := h.build(o.Dir); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// build makes the folders.
func (h *Home) build(parent string) (err error) {
	const short = "/tmp"
	if parent == "" {
		parent = os.TempDir()
		if h.account.reaches(parent) != nil {
			parent = short
		}
	}
	if parent, err = filepath.Abs(parent); err != nil {
		return err
	}
	if err := h.account.reaches(parent); err != nil {
		return err
	}
	if h.dir, err = h.temporary(parent); err != nil {
		return err
	}
	if h.sockets = h.dir; len(h.dir) > longestSockets {
		if h.sockets, err = h.temporary(short); err != nil {
			return err
		}
	}
	if err := os.WriteFile(h.services(), []byte("["+service+"]\n"), 0o600); err != nil {
		return err
	}
	return h.account.give(h.services())
}

// longestSockets is the maximum length of the path of the sockets' folder, in bytes: on macOS the path of a
// socket has at most 103 bytes, and the server's folder is part of it.
const longestSockets = 103 - len("/") - longestName - len("/.s.PGSQL.") - len(port)

func (h *Home) temporary(parent string) (dir string, err error) {
	dir, drop, err := h.guard.MkdirTemp(parent, "quorumlab-pg-")
	if err != nil {
		return "", err
	}
	h.drops = append(h.drops, drop)
	return dir, h.account.give(dir)
}

// Programs are the programs that the home uses.
func (h *Home) Programs() Programs { return h.programs }

// Dir is the home's folder. Close removes it with everything in it.
func (h *Home) Dir() string { return h.dir }

// Folder makes a folder in the home that servers and programs may write to, such as an archive. Errors are
// those of the system, and that the folder would be outside of the home.
func (h *Home) Folder(name string) (path string, err error) {
	path = filepath.Join(h.dir, name)
	if err := h.holds(path); err != nil {
		return "", err
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", err
	}
	return path, h.account.give(path)
}

// Give makes a file or a folder with all its content, which this program has put into the home, the
// property of the servers' user. Errors are those of the system, and that it is outside of the home.
func (h *Home) Give(path string) error {
	if err := h.holds(path); err != nil {
		return err
	}
	return h.account.giveTree(path)
}

// holds checks that a path is in the home.
func (h *Home) holds(path string) error {
	if rel, err := filepath.Rel(h.dir, path); err != nil || rel == "." || !filepath.IsLocal(rel) {
		return fmt.Errorf("%s is not in %s, and nothing is written elsewhere", path, h.dir)
	}
	return nil
}

// Close ends all servers and programs, and removes the home's folder. A second call does nothing.
func (h *Home) Close() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	servers := slices.Collect(maps.Values(h.servers))
	h.mu.Unlock()

	h.end()
	var ended sync.WaitGroup
	for _, s := range servers {
		ended.Go(s.discard)
	}
	ended.Wait()
	h.runs.Wait()
	var err error
	for _, drop := range h.drops {
		err = errors.Join(err, drop())
	}
	return errors.Join(err, h.guard.Close())
}

var errClosed = errors.New("the home is closed")

// busy makes Close wait until done is called. The error is errClosed.
func (h *Home) busy() (done func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, errClosed
	}
	h.runs.Add(1)
	return h.runs.Done, nil
}

const longestName = 16

var serverName = regexp.MustCompile(fmt.Sprintf(`^[a-z][a-z0-9-]{0,%d}$`, longestName-1))

// add makes a server that has no data yet.
func (h *Home) add(name string) (*Server, error) {
	if !serverName.MatchString(name) {
		return nil, fmt.Errorf("%q is no name for a server: it must be a lower-case letter, then at most %d lower-case "+
			"letters, digits and hyphens", name, longestName-1)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, errClosed
	}
	if h.servers[name] != nil {
		return nil, fmt.Errorf("there is a server %s already", name)
	}
	dir, err := h.Folder(name)
	if err != nil {
		return nil, err
	}
	s := newServer(h, name, dir)
	if s.socket != dir {
		err = errors.Join(os.Mkdir(s.socket, 0o700), h.account.give(s.socket))
	}
	if err = errors.Join(err, s.writeAccess()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir), os.RemoveAll(s.socket))
	}
	h.servers[name] = s
	return s, nil
}

// drop removes a server that has never been started.
func (h *Home) drop(s *Server) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.servers, s.name)
	return errors.Join(os.RemoveAll(s.dir), os.RemoveAll(s.socket))
}
