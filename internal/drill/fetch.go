package drill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"quorumlab/internal/postgres"
)

// Placeholders in commands.
const (
	intoFolder = "%d" // of backup-command: an empty folder
	walName    = "%f" // of archive-command, as in restore_command
	walPath    = "%p"
)

// fetchTime is how long commands may take unless the configuration says something else.
const fetchTime = time.Hour

// patience is how long a command may take.
func (c *RestoreConfig) patience() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return fetchTime
}

// fetch runs a command of the configuration as the servers' user. The error has what it wrote to stderr.
func (d *run) fetch(ctx context.Context, setting, command string) error {
	within, cancel := context.WithTimeout(ctx, d.config.patience())
	defer cancel()
	o, err := d.home.Run(within, postgres.Call{Program: "/bin/sh", Args: []string{"-c", command}})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case within.Err() != nil:
		return fmt.Errorf("%s took longer than %s and was killed%s", setting, d.config.patience(), lastWords(o.Err))
	case err != nil:
		return fmt.Errorf("%s: %w", setting, err)
	case o.Code != 0:
		return fmt.Errorf("%s ended with exit code %d%s", setting, o.Code, lastWords(o.Err))
	}
	return nil
}

// lastWords are the last lines that a command wrote to stderr, to be added to an error.
func lastWords(stderr string) string {
	const most = 5
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return ", and wrote nothing to stderr"
	}
	return ": " + strings.Join(lines[max(0, len(lines)-most):], "; ")
}

// fetchBackup lets backup-command write the base backup, and returns its folder, which the server may use as it is.
func (d *run) fetchBackup(ctx context.Context) (data, start string, err error) {
	dir, err := d.home.Folder("fetched")
	if err != nil {
		return "", "", err
	}
	if err := d.fetch(ctx, "backup-command", strings.ReplaceAll(d.config.BackupCommand, intoFolder, dir)); err != nil {
		return "", "", err
	}
	if data, err = newest(dir); err != nil {
		return "", "", fmt.Errorf("what backup-command wrote to %s: %w", intoFolder, err)
	}
	start, err = examine(data, d.home.Programs().Major)
	return data, start, err
}

// fetchErrors is the file in the home with what archive-command has written to stderr.
func (d *run) fetchErrors() string { return filepath.Join(d.home.Dir(), "archive-command.stderr") }

// useArchiveCommand makes the server recover with archive-command, after a try with the segment that the backup begins
// with.
func (d *run) useArchiveCommand(ctx context.Context, start string) error {
	// Like a server, with a path that begins in the working folder.
	err := d.fetch(ctx, "archive-command", strings.NewReplacer(walName, start, walPath, start).Replace(
		d.config.ArchiveCommand))
	if err != nil {
		return fmt.Errorf("%w (for %s, the segment that the backup begins with)", err, start)
	}
	first := filepath.Join(d.home.Dir(), start)
	if _, err := segmentSize(first); err != nil {
		return fmt.Errorf("archive-command ended with exit code 0, but its %s is no segment: %w", start, err)
	}
	if err := os.Remove(first); err != nil {
		return err
	}
	d.report.Check("archive", true, "its first segment can be fetched; a gap later on ends the replay without an error, "+
		"and only a query or the rpo finds it")
	said, err := filepath.Rel(d.server.Data(), d.fetchErrors()) // has no character that a shell or the server replaces
	if err != nil {
		return err
	}
	return d.recoverWith(fmt.Sprintf("( %s\n) 2>>%s", d.config.ArchiveCommand, said))
}

// replay starts the server. With archive-command it has as long as a command may take.
func (d *run) replay(ctx context.Context) error {
	if d.config.ArchiveCommand == "" {
		return d.server.Start(ctx)
	}
	within, cancel := context.WithTimeout(ctx, d.config.patience())
	defer cancel()
	err := d.server.Start(within)
	if err == nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	if within.Err() != nil {
		err = fmt.Errorf("the replay with archive-command took longer than %s", d.config.patience())
	}
	said, _ := os.ReadFile(d.fetchErrors()) // without it there is less to say
	return fmt.Errorf("%w (archive-command%s)", err, lastWords(string(said)))
}
