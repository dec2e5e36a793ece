package drill_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"quorumlab/internal/drill"
	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) {
	helper.Main(map[string]helper.Duty{guard.Role: guard.Main})
	goleak.VerifyTestMain(m)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shop is a server that archives, with a base backup and more rows since.
type shop struct {
	home    *postgres.Home
	archive postgres.Archive
	backup  string
	middle  string // a segment with rows
	file    string // of the table
	index   string
	when    string // before the last rows
}

func newShop(t *testing.T) shop {
	t.Helper()
	h := postgrestest.Open(t)
	ctx := t.Context()
	dir, err := h.Folder("archive")
	ok(t, err)
	backups, err := h.Folder("backups")
	ok(t, err)
	s := shop{home: h, archive: postgres.Archive{Dir: dir}, backup: filepath.Join(backups, "monday")}
	live, err := h.Create(ctx, "live", "--wal-segsize=1")
	ok(t, err)
	ok(
		t,
		errors.Join(live.Set("fsync", "off"), live.Set("autovacuum", "off"), live.ArchiveTo(s.archive), live.Start(ctx)),
	)
	ok(t, live.Exec(ctx, "", "create database shop"))
	ok(t, live.Exec(ctx, "shop", "create table orders (id int primary key)",
		"insert into orders select generate_series(1, 1000)", "vacuum freeze"))
	o, err := live.Run(ctx, postgres.Program("pg_basebackup", "-D", s.backup, "-c", "fast", "-X", "none"))
	ok(t, errors.Join(err, o.Failed()))
	for i := range 3 {
		if i == 2 {
			at, err := postgres.Value[time.Time](ctx, live, "", "select clock_timestamp()")
			ok(t, err)
			s.when = at.UTC().Format("2006-01-02 15:04:05.000000+00")
		}
		ok(t, live.Exec(ctx, "shop", "insert into orders select max(id) + 1 from orders",
			"insert into orders select max(id) + i from orders, generate_series(1, 99) i group by i"))
		segment, err := live.SwitchWAL(ctx, s.archive)
		ok(t, err)
		if i == 1 {
			s.middle = segment
		}
	}
	for into, name := range map[*string]string{&s.file: "orders", &s.index: "orders_pkey"} {
		*into, err = postgres.Value[string](ctx, live, "shop", "select pg_relation_filepath($1::text::regclass)", name)
		ok(t, err)
	}
	ok(t, live.Stop(ctx, postgres.Fast))
	return s
}

// flip changes a byte in the middle of the first blocks of a file.
func flip(t *testing.T, path string, block int64) {
	t.Helper()
	b, err := os.ReadFile(path)
	ok(t, err)
	for i := range 64 {
		b[block*8192+4096+int64(i)] ^= 0x55
	}
	ok(t, os.WriteFile(path, b, 0o600))
}

// fingerprint is what is in folders.
func fingerprint(t *testing.T, dirs ...string) string {
	t.Helper()
	var b strings.Builder
	for _, dir := range dirs {
		ok(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			b.WriteString(path + info.Mode().String() + info.ModTime().String() + "\n")
			return nil
		}))
	}
	return b.String()
}

const (
	// hanging is what the sleep of a command that hangs is told by among all processes, in seconds.
	hanging = "86399.75"
	// replayPatience is what a replay may take that has a command which hangs. It includes the server's start.
	replayPatience = 5 * time.Second
)

func TestRun(t *testing.T) {
	s := newShop(t)
	const count = "select count(*) from orders"
	good := func() *drill.RestoreConfig {
		return &drill.RestoreConfig{Backup: s.backup, Archive: s.archive.Dir, Queries: []drill.Query{{Database: "shop",
			SQL:    count,
			Answer: "1300"}}}
	}
	// commands is a config by commands; empty: none.
	commands := func(backup, archive string) *drill.RestoreConfig {
		c := good()
		c.Backup, c.Archive, c.BackupCommand, c.ArchiveCommand = "", "", backup, archive
		return c
	}
	// damaged is a config whose backup and archive are copies that may be changed.
	damaged := func(t *testing.T) *drill.RestoreConfig {
		c := good()
		dir, err := os.MkdirTemp(s.home.Dir(), "copy-")
		ok(t, err)
		for _, path := range []*string{&c.Backup, &c.Archive} {
			to := filepath.Join(dir, filepath.Base(*path))
			ok(t, os.CopyFS(to, os.DirFS(*path)))
			*path = to
		}
		ok(t, s.home.Give(dir))
		return c
	}
	for _, v := range []struct {
		name    string
		config  func(t *testing.T) *drill.RestoreConfig
		outcome drill.RestoreOutcome
		why     string   // part of it
		failed  []string // checks, NAME: part of what it says
	}{
		{"good", func(*testing.T) *drill.RestoreConfig { return good() }, drill.Right, "", nil},
		{"the newest of a folder", func(*testing.T) *drill.RestoreConfig {
			c := good()
			c.Backup = filepath.Dir(c.Backup)
			return c
		}, drill.Right, "", nil},
		{"relative paths", func(t *testing.T) *drill.RestoreConfig {
			c := good()
			t.Chdir(s.home.Dir())
			c.Backup, c.Archive = filepath.Join("backups", "monday"), "archive"
			return c
		}, drill.Right, "", nil},
		{"to a target", func(*testing.T) *drill.RestoreConfig {
			c := good()
			c.Target, c.Queries[0].Answer = s.when, "1200"
			return c
		}, drill.Right, "", nil},
		{"to a target before the backup", func(*testing.T) *drill.RestoreConfig {
			c := good()
			c.Target = "2001-01-01 00:00:00+00"
			return c
		}, drill.Wrong, "", []string{"target: the backup began at ", "shop: " + count + ": 1000, want 1300"}},
		{"by commands", func(*testing.T) *drill.RestoreConfig {
			return commands("tar -cf - -C "+s.backup+" . | tar -xf - -C %d", "cp "+s.archive.Dir+"/%f %p")
		}, drill.Right, "", nil},
		{"by a command into a folder of its own", func(*testing.T) *drill.RestoreConfig {
			c := commands("cp -R "+s.backup+" %d/monday", "")
			c.Archive = s.archive.Dir
			return c
		}, drill.Right, "", nil},
		{"a command that fails", func(*testing.T) *drill.RestoreConfig {
			return commands("echo one >&2; echo 'gpg: decryption failed: Bad session key' >&2; exit 2", "")
		}, drill.NotRestored, "backup-command ended with exit code 2: one; gpg: decryption failed: Bad session key", nil},
		{"a command that fails and is silent", func(*testing.T) *drill.RestoreConfig { return commands(": %d; exit 3", "") },
			drill.NotRestored, "backup-command ended with exit code 3, and wrote nothing to stderr", nil},
		{"a wrong password", func(t *testing.T) *drill.RestoreConfig {
			openssl, err := exec.LookPath("openssl")
			if err != nil {
				t.Skip(err)
			}
			crypt := openssl + " enc -aes-256-cbc -pbkdf2 -pass pass:"
			file := filepath.Join(s.home.Dir(), "monday.tar.enc")
			o, err := s.home.Run(t.Context(), postgres.Call{Program: "/bin/sh", Args: []string{"-c", "tar -cf - -C " +
				s.backup + " PG_VERSION backup_label | " + crypt + "right -out " + file}})
			ok(t, errors.Join(err, o.Failed()))
			return commands(crypt+"wrong -d -in "+file+" | tar -xf - -C %d", "")
		}, drill.NotRestored, "bad decrypt", nil},
		{"a command without an end", func(*testing.T) *drill.RestoreConfig {
			c := commands("echo connecting >&2; sleep 1000; : %d", "")
			c.Timeout = 100 * time.Millisecond
			return c
		}, drill.NotRestored, "backup-command took longer than 100ms and was killed", nil},
		{"a command that writes a tar archive", func(*testing.T) *drill.RestoreConfig {
			return commands("tar -cf %d/base.tar -C "+s.backup+" .", "")
		}, drill.NotRestored, "it is a tar archive: unpack it", nil},
		{"a command that writes nothing", func(*testing.T) *drill.RestoreConfig { return commands(": %d", "") },
			drill.NotRestored, "what backup-command wrote to %d: ", nil},
		{"an archive command that fails", func(*testing.T) *drill.RestoreConfig {
			c := commands("", "echo 'AccessDenied: %f' >&2; exit 1")
			c.Backup = s.backup
			return c
		}, drill.NotRestored, "archive-command ended with exit code 1: AccessDenied: 0000000100000000000000", nil},
		{"an archive command that lies", func(*testing.T) *drill.RestoreConfig {
			c := commands("", "echo oops > %p")
			c.Backup = s.backup
			return c
		}, drill.NotRestored, "is no segment: ", nil},
		{"an archive command that fails later on", func(*testing.T) *drill.RestoreConfig {
			c := commands("", "test %f != "+s.middle+" && cp "+s.archive.Dir+"/%f %p")
			c.Backup = s.backup
			return c
		}, drill.Wrong, "", []string{"shop: " + count + ": 1100, want 1300"}},
		{"an archive command that hangs later on", func(*testing.T) *drill.RestoreConfig {
			c := commands("", "test %f != "+s.middle+" || { echo waiting for tape 7 >&2; exec sleep "+hanging+"; }; cp "+
				s.archive.Dir+"/%f %p")
			c.Backup, c.Timeout = s.backup, replayPatience
			return c
		}, drill.NotRestored, "the replay with archive-command took longer than 5s (archive-command", nil},
		{"an archive command that hangs at once", func(*testing.T) *drill.RestoreConfig {
			c := commands("", "echo waiting for tape 1 >&2; exec sleep "+hanging+"; : %f %p")
			c.Backup, c.Timeout = s.backup, 100*time.Millisecond
			return c
		}, drill.NotRestored, "archive-command took longer than 100ms and was killed", nil},
		{"an archive command that ends before the target", func(*testing.T) *drill.RestoreConfig {
			c := commands("", "cp "+s.archive.Dir+"/%f %p || { echo no such file: %f >&2; exit 1; }")
			c.Backup, c.Target = s.backup, "2200-01-01 00:00:00+00"
			return c
		}, drill.NotRestored, "no such file: 0000000", nil},
		{"after the end", func(*testing.T) *drill.RestoreConfig {
			c := good()
			c.Target = "2200-01-01 00:00:00+00"
			return c
		}, drill.NotRestored, "the archive ends before 2200-01-01", nil},
		{"a wrong answer", func(*testing.T) *drill.RestoreConfig {
			c := good()
			c.Queries = append(c.Queries, drill.Query{Database: "shop", SQL: "select 1", Answer: "2"},
				drill.Query{Database: "shop", SQL: "select nonsense", Answer: "2"},
				drill.Query{Database: "nowhere", SQL: "select 1", Answer: "1"})
			return c
		}, drill.Wrong, "", []string{"shop: select 1: 1, want 2", "shop: select nonsense: ERROR:",
			`nowhere: select 1: connection to server`}},
		{"missed goals", func(*testing.T) *drill.RestoreConfig {
			c := good()
			c.RTO, c.RPO = time.Nanosecond, time.Nanosecond
			return c
		}, drill.Wrong, "", []string{"rto: ", "rpo: the newest commit is "}},
		{"a missing segment", func(t *testing.T) *drill.RestoreConfig {
			c := damaged(t)
			ok(t, os.Remove(filepath.Join(c.Archive, s.middle)))
			return c
		}, drill.Wrong, "", []string{"archive: " + s.middle + " is missing", "shop: " + count + ": 1100, want 1300"}},
		{"a damaged segment", func(t *testing.T) *drill.RestoreConfig {
			c := damaged(t)
			flip(t, filepath.Join(c.Archive, s.middle), 0)
			return c
		}, drill.Wrong, "", []string{"shop: " + count}},
		{"a damaged table", func(t *testing.T) *drill.RestoreConfig {
			c := damaged(t)
			flip(t, filepath.Join(c.Backup, s.file), 0)
			return c
		}, drill.Wrong, "", []string{"pg_verifybackup: ", "shop: " + count, "pg_amcheck: ", "pg_checksums: "}},
		{"a damaged index", func(t *testing.T) *drill.RestoreConfig {
			c := damaged(t)
			flip(t, filepath.Join(c.Backup, s.index), 1)
			return c
		}, drill.Wrong, "", []string{"pg_verifybackup: ", "pg_amcheck: ", "pg_checksums: "}},
		{"the archive of another server", func(t *testing.T) *drill.RestoreConfig {
			c := damaged(t)
			ok(t, os.RemoveAll(c.Archive))
			ok(t, os.Mkdir(c.Archive, 0o755))
			return c
		}, drill.NotRestored, "is it the archive of another server?", nil},
		{"no archive", func(*testing.T) *drill.RestoreConfig {
			c := good()
			c.Archive = ""
			return c
		}, drill.NotRestored, "neither in it nor in the archive", nil},
		{"another version", func(t *testing.T) *drill.RestoreConfig {
			c := damaged(t)
			ok(t, os.WriteFile(filepath.Join(c.Backup, "PG_VERSION"), []byte("9.6\n"), 0o600))
			return c
		}, drill.NotRestored, "it is of PostgreSQL 9.6, and the programs here are of ", nil},
		{"no label", func(t *testing.T) *drill.RestoreConfig {
			c := damaged(t)
			ok(t, os.Remove(filepath.Join(c.Backup, "backup_label")))
			return c
		}, drill.NotRestored, "no backup_label", nil},
		{"nothing there", func(*testing.T) *drill.RestoreConfig { return &drill.RestoreConfig{Backup: "/nowhere/at/all"} },
			drill.NotRestored, "no such file or directory", nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := v.config(t)
			var before string
			if v.name != "nothing there" {
				before = fingerprint(t, s.backup, s.archive.Dir)
			}
			dir, err := os.MkdirTemp(s.home.Dir(), "drills-")
			ok(t, err)
			ok(t, errors.Join(os.Chmod(dir, 0o755), s.home.Give(dir)))
			r, err := drill.Run(t.Context(), c, drill.Options{Dir: dir})
			ok(t, err)
			if r.Outcome != v.outcome || !strings.Contains(r.Why, v.why) || r.Why != "" && v.why == "" {
				t.Errorf("it is %s, want %s: %s, want %s", r.Outcome, v.outcome, r.Why, v.why)
			}
			var failed []string
			for _, k := range r.Checks {
				if !k.OK {
					failed = append(failed, k.Name+": "+k.Says)
				}
			}
			if v.outcome != drill.NotRestored && len(failed) != len(v.failed) {
				t.Errorf("failed: %q, want %q", failed, v.failed)
			}
			for _, want := range v.failed {
				if !strings.Contains(strings.Join(failed, "\n"), want) {
					t.Errorf("failed: %q, want %s", failed, want)
				}
			}
			if before != "" && fingerprint(t, s.backup, s.archive.Dir) != before {
				t.Error("the source was changed")
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) > 0 {
				t.Errorf("it leaves %v, %v", left, err)
			}
			if pids := running(t, "sleep "+hanging); len(pids) > 0 {
				t.Errorf("commands go on: %v", pids)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := drill.Run(ctx, good(), drill.Options{Say: func(what string) {
			if what == "replaying WAL" {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("kept", func(t *testing.T) {
		keep := filepath.Join(s.home.Dir(), "kept")
		_, err := drill.Run(t.Context(), good(), drill.Options{Keep: keep, Dir: s.home.Dir()})
		ok(t, err)
		if _, err := os.Stat(filepath.Join(keep, "PG_VERSION")); err != nil {
			t.Error(err)
		}
		if _, err := drill.Run(t.Context(), good(), drill.Options{Keep: keep}); err == nil ||
			!strings.Contains(err.Error(),
				"nothing is replaced") {
			t.Errorf("the error is %v", err)
		}
	})
}

// Files that people take for base backups are told apart.
func TestNotABackup(t *testing.T) {
	postgrestest.Programs(t)
	for content, want := range map[string]string{
		"": "an empty file", "PGDMP\x01": "a dump by pg_dump", "\x1f\x8b\x08": "compressed", "\x28\xb5\x2f\xfd": "zstd",
		"age-encryption.org/v1\n": "encrypted with age", "-----BEGIN PGP MESSAGE-----": "OpenPGP", "Salted__x": "openssl",
		strings.Repeat("\x00", 257) + "ustar\x0000": "a tar archive", "hello": "a base backup is a folder",
	} {
		path := filepath.Join(t.TempDir(), "backup")
		ok(t, os.WriteFile(path, []byte(content), 0o600))
		r, err := drill.Run(t.Context(), &drill.RestoreConfig{Backup: path}, drill.Options{})
		ok(t, err)
		if r.Outcome != drill.NotRestored || !strings.Contains(r.Why, want) {
			t.Errorf("%q: %s, want %s", content, r.Why, want)
		}
	}
	dir := t.TempDir()
	for _, file := range []string{"", "base.tar.gz"} {
		if file != "" {
			ok(t, os.WriteFile(filepath.Join(dir, file), []byte("\x1f\x8b"), 0o600))
		}
		r, err := drill.Run(t.Context(), &drill.RestoreConfig{Backup: dir}, drill.Options{})
		ok(t, err)
		if want := map[string]string{"": "no PG_VERSION", "base.tar.gz": "unpack it"}[file]; !strings.Contains(
			r.Why,
			want,
		) {
			t.Errorf("%q: %s, want %s", file, r.Why, want)
		}
	}
}

func TestParse(t *testing.T) {
	c, err := drill.Parse("/etc/drill.conf", []byte("# nightly\nbackup = monday\narchive=/wal\n rto = 10m\nrpo = 90s\n"+
		"target = 2026-11-29 09:30:00+01\nquery = shop: select count(*) from o where a => b => 12 \r\n"))
	ok(t, err)
	if c.Backup != "/etc/monday" || c.Archive != "/wal" || c.RTO != 10*time.Minute || c.RPO != 90*time.Second ||
		c.Target != "2026-11-29 08:30:00+00" || len(c.Queries) != 1 || c.Queries[0] != (drill.Query{Database: "shop",
		SQL: "select count(*) from o where a => b", Answer: "12"}) {
		t.Errorf("it is %+v", c)
	}
	c, err = drill.Parse(
		"/etc/drill.conf",
		[]byte("etcd = s.db\nrevision = 7\nkey = /a => b\nkey = /c =>\nkeys = / => 2"),
	)
	ok(t, err)
	if c.Etcd != "/etc/s.db" || c.Revision != 7 || len(c.Keys) != 2 || c.Keys[0] != (drill.KnownKey{Key: "/a",
		Value: "b"}) ||
		c.Keys[1].Value != "" || c.Counts[0] != (drill.KnownCount{Prefix: "/", Keys: 2}) {
		t.Errorf("it is %+v", c)
	}
	c, err = drill.Parse(
		"/etc/drill.conf",
		[]byte("backup-command = fetch --to=%d\narchive-command = wal-fetch %f %p\n"+
			"timeout = 5m"),
	)
	ok(t, err)
	if c.BackupCommand != "fetch --to=%d" || c.ArchiveCommand != "wal-fetch %f %p" || c.Timeout != 5*time.Minute ||
		c.Backup != "" || c.Archive != "" {
		t.Errorf("it is %+v", c)
	}
	for content, want := range map[string]string{
		"":                        "d.conf:1:1: there is no backup",
		"bakup = x":               `d.conf:1:1: unknown setting "bakup" (did you mean "backup"?)`,
		"backup = x\n  rto : 5m":  "d.conf:2:3: this is not a setting",
		"backup = x\nbackup = y":  "d.conf:2:1: backup is set twice",
		"backup =":                "d.conf:1:9: this must be a path",
		"backup-command = tar -x": "d.conf:1:18: this must be a command with %d",
		"backup = x\narchive-command = wal-fetch %f": "d.conf:2:19: this must be a command with %f and %p",
		"backup = x\nbackup-command = y %d":          "d.conf:2:1: backup and backup-command do not go together",
		"backup = x\narchive-command = y %f %p\narchive = z": "d.conf:3:1: archive and archive-command do not go " +
			"together",
		"etcd = s.db\ntimeout = 5m":      "d.conf:2:1: timeout does not go with etcd",
		"archive = x":                    "d.conf:1:1: there is no backup",
		"backup = x\nrto = soon":         `d.conf:2:7: "soon" is not a duration`,
		"backup = x\nrpo = -5m":          `d.conf:2:7: "-5m" is not a duration`,
		"backup = x\ntarget = yesterday": `d.conf:2:10: "yesterday" is not a time with a time zone`,
		"backup = x\nquery = select 1":   "d.conf:2:9: a query is written DATABASE: SQL => ANSWER",
		"etcd = s.db\nquery = a: b => c": "d.conf:2:1: query does not go with etcd",
		"backup = x\nkeys = /a => 1":     "d.conf:2:1: keys does not go with backup",
		"etcd = s.db\nkeys = /a => some": `d.conf:2:8: "some" is not a whole number`,
		"etcd = s.db\nkey = /a":          "d.conf:2:7: this is written KEY => VALUE",
		"etcd = s.db\nrevision = -1":     `d.conf:2:12: "-1" is not a whole number`,
		strings.Repeat("#", 65<<10):      "the most is 65536",
	} {
		_, err := drill.Parse("d.conf", []byte(content))
		var place *drill.ParseError
		if !errors.As(err, &place) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", content, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("backup = /b\narchive = a\nrto = 1h\ntarget = 2026-01-01T00:00:00Z\nquery = a: b => c"))
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := drill.Parse("d.conf", content)
		var place *drill.ParseError
		if err != nil && !errors.As(err, &place) {
			t.Fatal(err)
		}
		if err == nil && ((c.Backup == "" && c.BackupCommand == "") == (c.Etcd == "") || c.RTO < 0 || c.RPO < 0) {
			t.Errorf("%q: %+v", content, c)
		}
	})
}

func TestMetrics(t *testing.T) {
	age := 1500.0
	r := &drill.Report{At: time.Unix(1000, 0), Outcome: drill.Wrong, RTOMS: 2500, RPOMS: &age,
		Checks: []drill.RestoreCheck{{Name: `shop: select "a\b"`, OK: false}, {Name: "rto", OK: true}}}
	for _, want := range []string{"# TYPE quorumlab_drill_restored gauge\nquorumlab_drill_restored 1\n",
		"quorumlab_drill_right 0\n", "quorumlab_drill_rto_seconds 2.5\n", "quorumlab_drill_rpo_seconds 1.5\n",
		"quorumlab_drill_timestamp_seconds 1000\n", `quorumlab_drill_check{check="shop: select \"a\\b\""} 0` + "\n",
		`quorumlab_drill_check{check="rto"} 1`} {
		if !strings.Contains(r.Metrics(), want) {
			t.Errorf("%s lacks %s", r.Metrics(), want)
		}
	}
	if n := strings.Count(r.Metrics(), "TYPE quorumlab_drill_check "); n != 1 {
		t.Errorf("%d types of one metric", n)
	}
}
