package drill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"quorumlab/internal/postgres"
)

// Options are those of Run. The zero value is good.
type Options struct {
	Programs string // the folder of PostgreSQL's programs; empty: postgres.Find looks for one
	Dir      string // the folder to restore in; empty: the system's temporary folder
	// User is the user that root restores as; empty: the owner of the backup, unless that is root.
	User string
	// Keep is a folder that does not exist, for the data of the restored server; empty: they are removed.
	Keep string
	// Say tells a waiting user what is going on; nil: nobody is told.
	Say func(what string)
}

// Run restores a backup of PostgreSQL and verifies it. A backup that can't be restored is a report, too. Errors are
// those of postgres.Open, such as postgres.ErrMissing, and ctx's.
func Run(ctx context.Context, c *RestoreConfig, o Options) (r *Report, err error) {
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Keep != "" {
		if _, err := os.Lstat(o.Keep); !os.IsNotExist(err) {
			return nil, errors.Join(err, fmt.Errorf("%s is there already, and nothing is replaced", o.Keep))
		}
	}
	r = &Report{At: time.Now(), Backup: c.Backup, Checks: []RestoreCheck{}}
	d := &run{config: c, options: o, report: r}
	backup := ""
	if c.BackupCommand != "" {
		r.Backup = "backup-command" // the command may have a password in it
	} else {
		if backup, err = newest(c.Backup); err != nil {
			return d.notRestored(ctx, err)
		}
		r.Backup = backup
	}
	home, err := postgres.Open(ctx, postgres.Options{Programs: o.Programs, Dir: o.Dir, User: o.owner(backup)})
	if err != nil {
		return nil, err
	}
	d.home = home
	r.Version = home.Programs().Version
	defer func() { err = errors.Join(err, home.Close()) }()
	if err := d.restore(ctx, backup); err != nil {
		return d.notRestored(ctx, d.explained(err))
	}
	if err := d.verify(ctx); err != nil {
		return nil, err
	}
	r.Judge(c)
	return r, d.keep()
}

// run is a drill that goes on.
type run struct {
	config  *RestoreConfig
	options Options
	report  *Report
	home    *postgres.Home
	server  *postgres.Server
	begun   string // when the backup was, as its label says
}

// notRestored makes a report of an error, unless ctx has ended.
func (d *run) notRestored(ctx context.Context, err error) (*Report, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	d.report.Outcome, d.report.Why = NotRestored, err.Error()
	return d.report, nil
}

// owner is the user to restore as.
func (o Options) owner(backup string) string {
	if o.User != "" || os.Geteuid() != 0 {
		return o.User
	}
	id, ok := ownerOf(filepath.Join(backup, "PG_VERSION"))
	if !ok || id == "0" {
		return ""
	}
	u, err := user.LookupId(id)
	if err != nil {
		return ""
	}
	return u.Username
}

// lap is the time since a moment, in milliseconds.
func lap(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

// obtain copies or fetches the backup, and returns the copy and the segment that its WAL begins with.
func (d *run) obtain(ctx context.Context, backup string) (data, start string, err error) {
	if backup == "" {
		d.options.Say("fetching the backup")
		return d.fetchBackup(ctx)
	}
	if start, err = examine(backup, d.home.Programs().Major); err != nil {
		return "", "", err
	}
	d.options.Say("copying " + backup)
	data = filepath.Join(d.home.Dir(), "restored")
	return data, start, copyTree(ctx, backup, data)
}

// restore obtains the backup, and recovers.
func (d *run) restore(ctx context.Context, backup string) error {
	began := time.Now()
	data, start, err := d.obtain(ctx, backup)
	if err != nil {
		return err
	}
	d.begun = startTime(data)
	if d.server, err = d.home.Adopt(ctx, "drill", data); err != nil {
		return err
	}
	d.report.CopyMS = lap(began)
	began = time.Now()
	if err := d.manifest(ctx, data); err != nil {
		return err
	}
	d.report.VerifyMS = lap(began)
	switch {
	case d.config.Archive != "":
		err = d.useArchive(ctx, start)
	case d.config.ArchiveCommand != "":
		err = d.useArchiveCommand(ctx, start)
	}
	if err != nil {
		return err
	}
	if err := d.server.Set("fsync", "off"); err != nil { // nobody needs the copy after a crash
		return err
	}
	d.options.Say("replaying WAL")
	began = time.Now()
	if err := d.replay(ctx); err != nil {
		return err
	}
	d.report.ReplayMS = lap(began)
	return nil
}

// explained adds what helps to a reason of PostgreSQL or of a program.
func (d *run) explained(err error) error {
	for said, help := range map[string]string{
		"recovery ended before configured recovery target": "the archive ends before " + d.config.Target,
		"could not locate required checkpoint record": "the WAL that the backup begins with is neither in it nor in " +
			"the archive",
		"requested timeline":                   "the archive is of another server, or lacks a history file",
		"WAL ends before end of online backup": "the archive ends before the backup was complete",
		"o space left on device":               "the disk is full: --dir names a folder on another one",
	} {
		if strings.Contains(err.Error(), said) {
			return fmt.Errorf("%w (%s)", err, help)
		}
	}
	return err
}

// manifest compares the copied files with the backup's manifest.
func (d *run) manifest(ctx context.Context, data string) error {
	const name = "pg_verifybackup"
	if _, err := os.Stat(filepath.Join(data, "backup_manifest")); err != nil {
		d.report.Check(name, true, "not possible: the backup has no manifest")
		return nil
	}
	d.options.Say(name)
	o, err := d.home.Run(ctx, postgres.Program(name, "-n", data))
	if err != nil {
		return err
	}
	d.report.Check(name, o.Code == 0, "%s", says(o, "every file is as it was when the backup was taken"))
	return nil
}

// says is what a program has found, in a line.
func says(o postgres.Output, good string) string {
	if o.Code == 0 {
		return good
	}
	for _, t := range []string{o.Err, o.Out} {
		if line, _, _ := strings.Cut(strings.TrimSpace(t), "\n"); line != "" {
			return strings.TrimPrefix(line, o.Program+": error: ")
		}
	}
	return fmt.Sprintf("exit code %d", o.Code)
}

// useArchive makes the server recover from the archive.
func (d *run) useArchive(ctx context.Context, start string) error {
	dir, err := filepath.Abs(d.config.Archive) // restore_command runs in another folder
	if err != nil {
		return err
	}
	archive := postgres.Archive{Dir: dir}
	missing, err := gap(archive, start)
	if err != nil {
		return err
	}
	if missing == start {
		return fmt.Errorf("%s lacks %s, the segment that the backup begins with: is it the archive of another server?",
			archive.Dir, missing)
	}
	if missing != "" {
		d.report.Check("archive", false, "%s is missing in the middle: what was committed later is not restored", missing)
	} else {
		d.report.Check("archive", true, "no segment is missing in the middle")
	}
	o, err := d.home.Run(ctx, postgres.Call{Program: "/bin/sh", Args: []string{"-c", "test -r \"$0\"", filepath.Join(
		archive.Dir, start)}})
	if err != nil {
		return err
	}
	if o.Code != 0 {
		return fmt.Errorf("the server's user can't read %s: --user names one that can", archive.Dir)
	}
	return d.recoverWith(archive.RestoreCommand())
}

// recoverWith makes the server recover with a restore_command, to the target.
func (d *run) recoverWith(command string) error {
	settings := map[string]string{"restore_command": command}
	if d.config.Target != "" {
		settings["recovery_target_time"], settings["recovery_target_action"] = d.config.Target, "promote"
	}
	for name, value := range settings {
		if err := d.server.Set(name, value); err != nil {
			return err
		}
	}
	signal := filepath.Join(d.server.Data(), "recovery.signal")
	return errors.Join(os.WriteFile(signal, nil, 0o600), d.home.Give(signal))
}

// verify looks at the restored server. Its errors are those of the machine.
func (d *run) verify(ctx context.Context) error {
	began := time.Now()
	newest, err := postgres.Value[*time.Time](ctx, d.server, "", "select pg_last_xact_replay_timestamp()")
	if err != nil {
		return err
	}
	if d.report.Newest = newest; newest != nil {
		age := float64(d.report.At.Sub(*newest).Milliseconds())
		d.report.RPOMS = &age
	}
	if err := d.target(ctx); err != nil {
		return err
	}
	for _, q := range d.config.Queries {
		d.options.Say(q.Name())
		if err := d.ask(ctx, q); err != nil {
			return err
		}
	}
	if err := d.amcheck(ctx); err != nil {
		return err
	}
	if err := d.checksums(ctx); err != nil {
		return err
	}
	d.report.VerifyMS += lap(began)
	return nil
}

// target checks that the backup is older than the target: PostgreSQL would restore the backup's end without a word.
func (d *run) target(ctx context.Context) error {
	if d.config.Target == "" {
		return nil
	}
	// The time zone of backup_label is an abbreviation, which PostgreSQL knows.
	const older = "select $1::text::timestamptz < $2::text::timestamptz"
	reaches, err := postgres.Value[bool](ctx, d.server, "", older, d.begun, d.config.Target)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		d.report.Check("target", true, "not possible: the backup began at %q, and nobody knows when that is", d.begun)
	case !reaches:
		d.report.Check("target", false, "the backup began at %s, after the target: an older one is needed", d.begun)
	default:
		d.report.Check("target", true, "the backup began before it, at %s", d.begun)
	}
	return nil
}

// amcheck looks at the tables and indexes of all databases.
func (d *run) amcheck(ctx context.Context) error {
	const name = "pg_amcheck"
	has, err := postgres.Value[bool](ctx, d.server, "", "select exists (select from pg_available_extensions where name = "+
		"'amcheck')")
	if err != nil {
		return err
	}
	if !has {
		d.report.Check(name, true, "not possible: the extension amcheck is not installed on this machine")
		return nil
	}
	d.options.Say(name)
	o, err := d.server.Run(ctx, postgres.Program(name, "--all", "--install-missing", "--heapallindexed"))
	if err != nil {
		return err
	}
	d.report.Check(name, o.Code == 0, "%s", says(o, "tables and indexes are whole, and agree"))
	return nil
}

// ask asks a query. An error of the query is a wrong answer.
func (d *run) ask(ctx context.Context, q Query) error {
	o, err := d.server.Run(ctx, postgres.Program("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", q.Database,
		"-c", q.SQL))
	if err != nil {
		return err
	}
	got := strings.TrimSpace(o.Out)
	switch {
	case o.Code != 0:
		d.report.Check(q.Name(), false, "%s", says(o, ""))
	case got != q.Answer:
		d.report.Check(q.Name(), false, "%s, want %s", got, q.Answer)
	default:
		d.report.Check(q.Name(), true, "%s", got)
	}
	return nil
}

// checksums stops the server and looks at all pages, if they have checksums.
func (d *run) checksums(ctx context.Context) error {
	has, err := postgres.Value[string](ctx, d.server, "", "select current_setting('data_checksums')")
	if err != nil {
		return err
	}
	if err := d.server.Stop(ctx, postgres.Fast); err != nil {
		return err
	}
	const name = "pg_checksums"
	if has != "on" {
		d.report.Check(name, true, "not possible: the pages have no checksums")
		return nil
	}
	d.options.Say(name)
	o, err := d.home.Run(ctx, postgres.Program(name, "--check", "-D", d.server.Data()))
	if err != nil {
		return err
	}
	said := says(o, "every page has its checksum")
	d.report.Check(name, o.Code == 0, "%s", strings.ReplaceAll(said, d.server.Data()+"/", ""))
	return nil
}

// keep moves the data out of the home.
func (d *run) keep() error {
	if d.options.Keep == "" {
		return nil
	}
	return os.Rename(d.server.Data(), d.options.Keep)
}
