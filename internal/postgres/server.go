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

// All servers have this superuser and port. The port is only part of the socket's name.
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
	forced   map[string]string // settings on the command line, which override all others
	life     *life             // the current or last run; nil before the first
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
		// The logbook reads the log, and expects it like this.
		"logging_collector": "off",
		"log_destination":   "stderr",
		"log_line_prefix":   "%m [%p] ",
		"log_min_messages":  "warning",
		"lc_messages":       "C",
		// The default would leave files in /dev/shm after a kill.
		"dynamic_shared_memory_type": "mmap",
	}
	return s
}

// WithoutChecksums is an argument for Create: data pages get no checksums. It is initdb's option from version
// checksumsChosen on; Create accepts it for all versions.
const WithoutChecksums = "--no-data-checksums"

const checksumsChosen = 18

// Create makes a server with new data, which initdb writes. The server is not started. Its superuser is
// postgres, its databases have encoding UTF-8 and locale C, and its data pages have checksums. The arguments
// are added to initdb's. Errors: a bad name, initdb's, and ctx's; nothing is left then.
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

// Adopt makes a server of data in the home that a base backup was restored to. The server is not started. It
// gets the max_* settings of the backed-up server, as PostgreSQL refuses to recover with smaller ones.
// Its archive_mode is off, because its archive_command might write to the archive of the backed-up server; Set
// can turn it on.
//
// Errors: the folder is not the data of a server, is of another major version, or has a symbolic link out of
// the home; and ctx's. The folder then keeps its content, but may have changed its owner.
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
	// A copy of the files of a running server has a pid file, with the process of that server.
	err = os.Remove(filepath.Join(data, pidFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, h.drop(s))
	}
	return s, os.Chmod(data, 0o700)
}

// pidFile is a file in the data of a running server.
const pidFile = "postmaster.pid"

// examine checks that a folder can be the data of a server here.
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

// staysInside checks that no symbolic link in the data leads out of the home.
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
			return fmt.Errorf("%s links to %s, outside of %s: the server would write there", l, to, h.dir)
		}
	}
	return nil
}

// needLine is a line of pg_controldata about a setting of the primary that a standby must not go below.
var needLine = regexp.MustCompile(`(?m)^(max_\w+) setting: +(\d+)$`)

// recoveryNeeds are the settings that PostgreSQL needs to recover, with their values.
func recoveryNeeds(control string) map[string]string {
	needs := map[string]string{}
	for _, m := range needLine.FindAllStringSubmatch(control, -1) {
		needs[strings.ReplaceAll(m[1], "xact", "transaction")] = m[2]
	}
	return needs
}

// Name is the name that the server was created or adopted with.
func (s *Server) Name() string { return s.name }

// Data is the folder of the server's data.
func (s *Server) Data() string { return s.data }

// Socket is the folder of the server's socket. Programs take it as the host (PGHOST, -h).
func (s *Server) Socket() string { return s.socket }
