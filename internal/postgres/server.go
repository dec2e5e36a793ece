package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// What every server here has. The port is but a part of the socket's name.
const (
	superuser = "postgres"
	port      = "5432"
)

// Server is a private PostgreSQL server: its data and, while it runs, its processes. Its methods are
// safe for concurrent use.
type Server struct {
	home              *Home
	name              string
	dir, data, socket string

	mu       sync.Mutex
	settings map[string]string
	forced   map[string]string // settings of the command line, which win over all others
	life     *life             // the present or last run; nil before the first
}

func newServer(h *Home, name, dir string) *Server {
	s := &Server{home: h, name: name, dir: dir, data: filepath.Join(dir, "data"), socket: filepath.Join(h.sockets, name)}
	s.settings = map[string]string{"timezone": "UTC", "log_timezone": "UTC"}
	s.forced = map[string]string{
		"config_file":             s.settingsFile(),
		"listen_addresses":        "",
		"port":                    port,
		"unix_socket_directories": s.socket,
		"unix_socket_permissions": "0700",
		"external_pid_file":       "",
		"ssl":                     "off",
		// The log is read here, line by line.
		"logging_collector": "off",
		"log_destination":   "stderr",
		"log_line_prefix":   "%m [%p] ",
		"log_min_messages":  "warning",
		"lc_messages":       "C",
		// In files in the home, which are removed with it, after a kill too.
		"dynamic_shared_memory_type": "mmap",
	}
	return s
}

// WithoutChecksums is an argument of initdb, for pages without checksums. Create takes it for every
// version: before checksumsChosen initdb does not know it, as that is what it does by itself.
const WithoutChecksums = "--no-data-checksums"

const checksumsChosen = 18

// Create makes a server with new data, by initdb, to be started. Its superuser is postgres, its databases
// are UTF-8 with the locale C, and its pages have checksums unless the arguments, which initdb gets
// beside ours, hold WithoutChecksums. Errors: a bad name, what initdb says, and ctx's. Then nothing of it is
// left.
func (h *Home) Create(ctx context.Context, name string, initdb ...string) (*Server, error) {
	s, err := h.add(name)
	if err != nil {
		return nil, err
	}
	args := []string{"-D", s.data, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions", "-N"}
	if !slices.Contains(initdb, WithoutChecksums) {
		args = append(args, "--data-checksums")
	} else if h.programs.Major < checksumsChosen {
		initdb = slices.DeleteFunc(slices.Clone(initdb), func(a string) bool { return a == WithoutChecksums })
	}
	o, err := h.Run(ctx, Program("initdb", append(args, initdb...)...))
	if err == nil {
		err = o.Failed()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create server %s: %w", name, err), h.drop(s))
	}
	return s, nil
}

// Adopt makes a server of a folder in the home that a base backup was restored to, to be started. It
// gets the settings without which PostgreSQL refuses a recovery, and does not archive: that would be into
// the archive of the server that the backup is of. Set turns archive_mode on again.
//
// Errors: that the folder is no such data, is of another major version, or reaches outside of the home
// by a symbolic link, and ctx's. The folder is then left as it was, but for its owner.
func (h *Home) Adopt(ctx context.Context, name, data string) (*Server, error) {
	data, err := filepath.Abs(data)
	if err != nil {
		return nil, err
	}
	if err := h.examine(data); err != nil {
		return nil, err
	}
	if err := h.Give(data); err != nil {
		return nil, err
	}
	control, err := h.Run(ctx, Program("pg_controldata", data))
	if err == nil {
		err = control.Failed()
	}
	if err != nil {
		return nil, err
	}
	s, err := h.add(name)
	if err != nil {
		return nil, err
	}
	s.data = data
	s.forced[archiveMode] = "off"
	for setting, value := range recoveryNeeds(control.Out) {
		s.settings[setting] = value
	}
	// A backup of files that was made while the server ran has one, which tells of another process.
	err = os.Remove(filepath.Join(data, pidFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, h.drop(s))
	}
	return s, os.Chmod(data, 0o700)
}

// pidFile is in the data of a server that runs.
const pidFile = "postmaster.pid"

// examine tells whether a folder is data that a server here may have: nil, or why not.
func (h *Home) examine(data string) error {
	if err := h.holds(data); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.servers {
		if s.data == data {
			return fmt.Errorf("%s is the data of server %s", data, s.name)
		}
	}
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil {
		return fmt.Errorf("%s is not the data of a PostgreSQL server: %w", data, err)
	}
	if v := strings.TrimSpace(string(b)); v != strconv.Itoa(h.programs.Major) {
		return fmt.Errorf("%s is of PostgreSQL %s, and the programs in %s are of %s", data, v, h.programs.Dir,
			h.programs.Version)
	}
	return h.staysInside(data)
}

// staysInside tells whether what a server writes by links is in the home: nil, or which link leads out.
func (h *Home) staysInside(data string) error {
	root, err := filepath.EvalSymlinks(h.dir)
	if err != nil {
		return err
	}
	links, err := filepath.Glob(filepath.Join(data, "pg_tblspc", "*"))
	if err != nil {
		return err
	}
	for _, l := range append(links, filepath.Join(data, "pg_wal"), data) {
		to, err := filepath.EvalSymlinks(l)
		if errors.Is(err, fs.ErrNotExist) {
			continue // PostgreSQL says so
		}
		if err != nil {
			return err
		}
		if rel, err := filepath.Rel(root, to); err != nil || !filepath.IsLocal(rel) {
			return fmt.Errorf("%s leads to %s, outside of the private folder, where it might be somebody's data", l, to)
		}
	}
	return nil
}

// needLine is one of pg_controldata's lines about what a standby must have at least as much of.
var needLine = regexp.MustCompile(`(?m)^(max_\w+) setting: +(\d+)$`)

// recoveryNeeds are the settings that a recovery is refused without.
func recoveryNeeds(control string) map[string]string {
	needs := map[string]string{}
	for _, m := range needLine.FindAllStringSubmatch(control, -1) {
		needs[strings.ReplaceAll(m[1], "xact", "transaction")] = m[2]
	}
	return needs
}

// Name is the server's.
func (s *Server) Name() string { return s.name }

// Data is the folder of its data.
func (s *Server) Data() string { return s.data }

// Socket is the folder of its socket, which programs take for a host (PGHOST, -h).
func (s *Server) Socket() string { return s.socket }
