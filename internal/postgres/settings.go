package postgres

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var settingName = regexp.MustCompile(`^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$`)

// archiveMode is the only forced setting that Set may change.
const archiveMode = "archive_mode"

// Set changes a setting in postgresql.conf; values and units are PostgreSQL's. It takes effect at the next
// start, or after `select pg_reload_conf()` if PostgreSQL can change it in a running server. ALTER SYSTEM
// overrides it. Errors: not a name, a setting that is fixed here, and those of the system.
func (s *Server) Set(name, value string) error { return s.setAll(map[string]string{name: value}) }

// setAll is Set for several settings. If one of them is refused, none is changed.
func (s *Server) setAll(settings map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !settingName.MatchString(name) {
			return fmt.Errorf("%q is not the name of a setting", name)
		}
		if _, ok := s.forced[name]; ok && name != archiveMode {
			return fmt.Errorf("%s can't be set: it keeps the server private, or its log readable", name)
		}
	}
	for name, value := range settings {
		delete(s.forced, name)
		s.settings[name] = value
	}
	return s.writeSettings()
}

func (s *Server) settingsFile() string { return filepath.Join(s.dir, "postgresql.conf") }
func (s *Server) accessFile() string   { return filepath.Join(s.dir, "pg_hba.conf") }

// writeSettings replaces the settings file atomically, as the server may be reading it.
func (s *Server) writeSettings() error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.settings)) {
		fmt.Fprintf(&b, "%s = %s\n", name, quote(s.settings[name]))
	}
	next := s.settingsFile() + ".new"
	err := os.WriteFile(next, []byte(b.String()), 0o600)
	return errors.Join(err, s.home.account.give(next), os.Rename(next, s.settingsFile()))
}

// quote quotes a value for postgresql.conf.
func quote(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`, "\n", `\n`).Replace(value) + "'"
}

// writeAccess writes pg_hba.conf: everybody who can get into the socket's folder may log in.
func (s *Server) writeAccess() error {
	const all = "local all all trust\nlocal replication all trust\n"
	if err := os.WriteFile(s.accessFile(), []byte(all), 0o600); err != nil {
		return err
	}
	s.settings["hba_file"] = s.accessFile()
	return s.home.account.give(s.accessFile())
}

// arguments are the arguments of the server's command line.
func (s *Server) arguments() []string {
	args := []string{"-D", s.data}
	for _, name := range slices.Sorted(maps.Keys(s.forced)) {
		args = append(args, "-c", name+"="+s.forced[name])
	}
	return args
}
