package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Archive is a folder in a home that WAL is archived to.
type Archive struct{ Dir string }

// shellWord quotes a path for a command of a server. Servers replace what follows a percent sign.
func shellWord(path string) string {
	return "'" + strings.NewReplacer("'", `'\''`, "%", "%%").Replace(path) + "'"
}

// Command is an archive_command that copies to another name first, and never replaces a file.
func (a Archive) Command() string {
	dir := shellWord(a.Dir)
	return fmt.Sprintf("test ! -f %[1]s/%%f && cp %%p %[1]s/.%%f.part && mv %[1]s/.%%f.part %[1]s/%%f", dir)
}

// RestoreCommand is a restore_command that takes files from the archive. It fails for a file that is not there, as
// servers expect.
func (a Archive) RestoreCommand() string { return "cp " + shellWord(a.Dir) + "/%f %p" }

var segmentName = regexp.MustCompile(`^[0-9A-F]{24}$`)

// Segments are the names of the WAL segments in the archive, in order. Errors are the system's.
func (a Archive) Segments() (names []string, err error) {
	entries, err := os.ReadDir(a.Dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if segmentName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Has reports whether a file is in the archive.
func (a Archive) Has(name string) bool {
	_, err := os.Stat(filepath.Join(a.Dir, name))
	return err == nil
}

// ArchiveTo makes the server archive its WAL there from its next start on. Errors are those of Set.
func (s *Server) ArchiveTo(a Archive) error {
	return errors.Join(s.Set(archiveMode, "on"), s.Set("archive_command", a.Command()))
}

// archiveLook is how often SwitchWAL looks into the archive.
const archiveLook = 10 * time.Millisecond

// SwitchWAL ends the current WAL segment and waits until the archive has it: everything that was committed before
// is then in the archive. It returns the segment's name. Errors are the server's and ctx's.
func (s *Server) SwitchWAL(ctx context.Context, a Archive) (segment string, err error) {
	// A position at the very end of a segment belongs to the next one since version 17.
	segment, err = Value[string](ctx, s, "", "select pg_walfile_name(pg_switch_wal() - 1)")
	if err != nil {
		return "", err
	}
	look := time.NewTicker(archiveLook)
	defer look.Stop()
	for !a.Has(segment) {
		select {
		case <-look.C:
		case <-s.Done():
			return "", fmt.Errorf("server %s ended before %s was archived", s.name, segment)
		case <-ctx.Done():
			return "", fmt.Errorf("archive %s: %w", segment, ctx.Err())
		}
	}
	return segment, nil
}

// Restore copies a base backup in the home and makes a server of the copy that recovers from an archive, with more
// settings, such as a recovery target. The server is not started. Errors are those of the copy and of Adopt.
func (h *Home) Restore(ctx context.Context, name, backup string, a Archive, settings map[string]string) (*Server,
	error) {
	s, err := h.Copy(ctx, name, backup)
	if err != nil {
		return nil, err
	}
	signal := filepath.Join(s.data, "recovery.signal")
	if err := errors.Join(os.WriteFile(signal, nil, 0o600), h.Give(signal)); err != nil {
		return nil, err
	}
	if err := s.Set("restore_command", a.RestoreCommand()); err != nil {
		return nil, err
	}
	return s, s.setAll(settings)
}

// Copy copies a base backup in the home, or the data of a server that does not run, and makes a server of the copy.
// The server is not started. Errors are those of the copy and of Adopt.
func (h *Home) Copy(ctx context.Context, name, backup string) (*Server, error) {
	data := filepath.Join(h.dir, "data-of-"+name)
	if err := h.duplicate(ctx, backup, data); err != nil {
		return nil, err
	}
	return h.Adopt(ctx, name, data)
}

// duplicate copies a folder into the home. Owners and times are not copied: nobody asks for them, and they would be two
// more changes of each of a thousand files.
func (h *Home) duplicate(ctx context.Context, from, to string) error {
	o, err := h.Run(ctx, Call{Program: "/bin/cp", Args: []string{"-R", from, to}})
	return errors.Join(err, o.Failed())
}
