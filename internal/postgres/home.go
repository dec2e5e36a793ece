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
	// Programs is the folder of PostgreSQL's programs; Find says what an empty one means.
	Programs string
	// Dir is the folder that the home is made in, and so the disk that the data are on; empty: the
	// system's temporary folder, or /tmp when that one can't be reached by the user that root hands over to.
	Dir string
	// User runs the servers when root opens the home; empty: nobody, or postgres where there is no nobody.
	// Name one that may read the backups that are to be restored.
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
	runs    sync.WaitGroup // programs that run
}

// Open makes a home; Close it. Errors: ErrMissing, helper.ErrNoMain, a folder or a user that won't do,
// those of the system, and ctx's.
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

// longestSockets is how long the name of the folder of the sockets may be: on macOS a socket's has 103
// bytes at most, and the server's folder stands in between.
const longestSockets = 103 - len("/") - longestName - len("/.s.PGSQL.") - len(port)

func (h *Home) temporary(parent string) (dir string, err error) {
	if dir, err = h.guard.MkdirTemp(parent, "quorumlab-pg-"); err != nil {
		return "", err
	}
	return dir, h.account.give(dir)
}

// Programs are those that the home runs.
func (h *Home) Programs() Programs { return h.programs }

// Dir is the home's folder. What is put there goes with it.
func (h *Home) Dir() string { return h.dir }

// Folder makes a folder in the home that servers and programs may write, for an archive perhaps.
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

// Give lets servers and programs read and write what this program has put into the home: a file, or a
// folder with all that is in it. Errors are those of the system, and that it is somewhere else.
func (h *Home) Give(path string) error {
	if err := h.holds(path); err != nil {
		return err
	}
	return h.account.giveTree(path)
}

// holds tells whether a path is in the home: nil, or that it is not.
func (h *Home) holds(path string) error {
	if rel, err := filepath.Rel(h.dir, path); err != nil || rel == "." || !filepath.IsLocal(rel) {
		return fmt.Errorf("%s is not in %s, the only place that is written", path, h.dir)
	}
	return nil
}

// Close ends all servers and programs and removes the folder. A second call does nothing.
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
	for _, dir := range []string{h.dir, h.sockets} {
		if dir != "" {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	return errors.Join(err, h.guard.Close())
}

var errClosed = errors.New("the home is closed")

// busy keeps Close waiting until done is called.
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
		return nil, fmt.Errorf("%q is no name of a server: it takes a letter, and then up to %d letters, digits and -, all "+
			"lower case", name, longestName-1)
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

// drop removes a server that has never run.
func (h *Home) drop(s *Server) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.servers, s.name)
	return errors.Join(os.RemoveAll(s.dir), os.RemoveAll(s.socket))
}
