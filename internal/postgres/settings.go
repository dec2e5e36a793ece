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

// archiveMode is the one forced setting that Set may change: the others keep the server private.
const archiveMode = "archive_mode"

// Set gives a setting of postgresql.conf a value, in the units that PostgreSQL gives it, from the next
// start on, or from `select pg_reload_conf()` on if it is one of those that a running server takes.
// ALTER SYSTEM wins over it. Errors: no such name, one that keeps the server private, and the system's.
func (s *Server) Set(name, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !settingName.MatchString(name) {
		return fmt.Errorf("%q is no name of a setting", name)
	}
	if _, ok := s.forced[name]; ok && name != archiveMode {
		return fmt.Errorf("%s is not to be set: it keeps the server private, or its log readable", name)
	}
	delete(s.forced, name)
	s.settings[name] = value
	return s.writeSettings()
}

func (s *Server) settingsFile() string { return filepath.Join(s.dir, "postgresql.conf") }
func (s *Server) accessFile() string   { return filepath.Join(s.dir, "pg_hba.conf") }

// writeSettings replaces the file of the settings, so that a server never reads half of it.
func (s *Server) writeSettings() error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.settings)) {
		fmt.Fprintf(&b, "%s = %s\n", name, quote(s.settings[name]))
	}
	next := s.settingsFile() + ".new"
	err := os.WriteFile(next, []byte(b.String()), 0o600)
	return errors.Join(err, s.home.account.give(next), os.Rename(next, s.settingsFile()))
}

// quote is a value as postgresql.conf has it.
func quote(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`, "\n", `\n`).Replace(value) + "'"
}

// writeAccess writes who may log in: everybody who gets into the socket's folder.
func (s *Server) writeAccess() error {
	const all = "local all all trust\nlocal replication all trust\n"
	if err := os.WriteFile(s.accessFile(), []byte(all), 0o600); err != nil {
		return err
	}
	s.settings["hba_file"] = s.accessFile()
	return s.home.account.give(s.accessFile())
}

// arguments are those of the command line.
func (s *Server) arguments() []string {
	args := []string{"-D", s.data}
	for _, name := range slices.Sorted(maps.Keys(s.forced)) {
		args = append(args, "-c", name+"="+s.forced[name])
	}
	return args
}
