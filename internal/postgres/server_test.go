package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"quorumlab/internal/postgres"
	"quorumlab/internal/postgres/postgrestest"
)

func value[T any](t *testing.T, s *postgres.Server, query string, args ...any) T {
	t.Helper()
	v, err := postgres.Value[T](t.Context(), s, "", query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func run(t *testing.T, s *postgres.Server, name string, args ...string) postgres.Output {
	t.Helper()
	o, err := s.Run(t.Context(), postgres.Program(name, args...))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What people have in their environment leads to their own databases, or to nowhere.
func foreignEnvironment(t *testing.T) {
	t.Helper()
	for name, v := range map[string]string{
		"PGHOST": "203.0.113.1", "PGPORT": "none", "PGUSER": "somebody", "PGDATABASE": "mine", "PGPASSWORD": "secret",
		"PGSERVICE": "mine", "PGSERVICEFILE": "/nowhere", "PGPASSFILE": "/nowhere", "PGSSLMODE": "verify-full",
		"PGOPTIONS": "-c work_mem=none", "PGCONNECT_TIMEOUT": "none", "PGTARGETSESSIONATTRS": "none", "PGTZ": "none",
		"PGREQUIREAUTH": "none", "PGCHANNELBINDING": "none", "PGMINPROTOCOLVERSION": "none", "PGDATA": "/nowhere",
		"PGMAXPROTOCOLVERSION": "none", "PGSSLCERTMODE": "none", "PGSSLROOTCERT": "/nowhere", "PGAPPNAME": "mine",
		"LC_ALL": "none", "LANG": "none",
	} {
		t.Setenv(name, v)
	}
}

func TestServer(t *testing.T) {
	foreignEnvironment(t)
	h := postgrestest.Open(t)
	s := postgrestest.Start(t, h, "shop")
	ctx := t.Context()

	t.Run("is private", func(t *testing.T) {
		for setting, want := range map[string]string{
			"listen_addresses": "", "unix_socket_directories": s.Socket(), "unix_socket_permissions": "0700",
			"data_directory": s.Data(), "application_name": "quorumlab", "timezone": "UTC", "lc_messages": "C",
			"data_checksums": "on",
		} {
			if got := value[string](t, s, "select current_setting($1)", setting); got != want {
				t.Errorf("%s is %q, want %q", setting, got, want)
			}
		}
		if s.Name() != "shop" || !strings.HasPrefix(s.Data(), h.Dir()) {
			t.Errorf("%s is in %s", s.Name(), s.Data())
		}
		for _, name := range []string{"listen_addresses", "unix_socket_directories", "port", "log_destination"} {
			want := name + " can't be set: it keeps the server private, or its log readable"
			if err := s.Set(name, "x"); err == nil || err.Error() != want {
				t.Errorf("the error is %v", err)
			}
		}
	})

	t.Run("is asked", func(t *testing.T) {
		ok(t, s.Exec(ctx, "", "create role app login", "create database crm owner app", "create table t (i int)",
			"insert into t select generate_series(1, 1000)"))
		if n := value[int](t, s, "select count(*) from t where i > $1", 10); n != 990 {
			t.Errorf("%d rows", n)
		}
		c, err := s.Connect(ctx, "crm", "app")
		ok(t, err)
		defer c.Close(ctx)
		var who string
		ok(t, c.QueryRow(ctx, "select current_user || '@' || current_database()").Scan(&who))
		if who != "app@crm" {
			t.Errorf("it is %s", who)
		}
		const wrong = "select nonsense"
		if err := s.Exec(ctx, "", wrong); err == nil || !strings.HasPrefix(err.Error(), wrong+": ERROR: ") {
			t.Errorf("the error is %v", err)
		}
		if _, err := postgres.Value[int](ctx, s, "", "select 1 where false"); !errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("the error is %v", err)
		}
	})

	t.Run("programs", func(t *testing.T) {
		if o := run(t, s, "psql", "-Atc", "select count(*) from t"); o.Out != "1000\n" || o.Failed() != nil {
			t.Errorf("psql: %+v", o)
		}
		o := run(t, s, "psql", "-d", "nowhere")
		want := `psql ended with exit code 2: psql: error: connection to server on socket "` + s.Socket() +
			`/.s.PGSQL.5432" failed: FATAL:  database "nowhere" does not exist`
		if err := o.Failed(); err == nil || err.Error() != want {
			t.Errorf("psql: %v", err)
		}
		var dump bytes.Buffer
		o, err := s.Run(ctx, postgres.Call{Program: "pg_dump", Args: []string{"--schema-only"}, Out: &dump})
		ok(t, errors.Join(err, o.Failed()))
		if !strings.Contains(dump.String(), "CREATE TABLE public.t") || o.Out != "" {
			t.Errorf("pg_dump: %s", dump.String())
		}
		o, err = s.Run(ctx, postgres.Call{Program: "psql", Args: []string{"-At"}, In: strings.NewReader(`\conninfo`),
			Env: []string{"PGDATABASE=crm", "PGUSER=app"}, Dir: "/"})
		ok(t, errors.Join(err, o.Failed()))
		if !strings.Contains(o.Out, `database "crm" as user "app"`) && !strings.Contains(o.Out, "crm") {
			t.Errorf("psql says %q", o.Out)
		}
		o, err = h.Run(ctx, postgres.Call{Program: "/bin/sh", Args: []string{"-c", "env; exit 7"}})
		ok(t, err)
		private := strings.Contains(o.Out, "HOME="+h.Dir()) && !strings.Contains(o.Out, "PGHOST")
		if o.Code != 7 || o.Program != "sh" || !private {
			t.Errorf("the shell: %+v", o)
		}
		if _, err := h.Run(ctx, postgres.Program("pg_nonsense")); !errors.Is(err, postgres.ErrMissing) {
			t.Errorf("the error is %v", err)
		}
		o, err = h.Run(ctx, postgres.Call{Program: "/bin/sh", Args: []string{"-c", "kill -9 $$"}})
		if err == nil || err.Error() != "sh: signal: killed" {
			t.Errorf("the shell: %+v, %v", o, err)
		}
	})

	t.Run("settings", func(t *testing.T) {
		const odd = `it's \x; "y"`
		ok(t, s.Set("my.setting", odd))
		ok(t, s.Set("max_connections", "17"))
		ok(t, s.Exec(ctx, "", "select pg_reload_conf()"))
		eventually(t, "the setting is in force", func() bool {
			return value[string](t, s, "select coalesce(current_setting('my.setting', true), '')") == odd
		})
		ok(t, s.Restart(ctx))
		if n := value[int](t, s, "select current_setting('max_connections')::int"); n != 17 {
			t.Errorf("max_connections is %d", n)
		}
		if err := s.Set("two words", "x"); err == nil || err.Error() != `"two words" is not the name of a setting` {
			t.Errorf("the error is %v", err)
		}
	})

	t.Run("stops and starts", func(t *testing.T) {
		for _, test := range []struct {
			name      string
			mode      postgres.StopMode
			recovered bool
		}{{"fast", postgres.Fast, false}, {"immediate", postgres.Immediate, true}, {"kill", postgres.Kill, true}} {
			t.Run(test.name, func(t *testing.T) {
				pid, done := s.PID(), s.Done()
				ok(t, s.Exec(ctx, "", "insert into t values (0)"))
				ok(t, s.Stop(ctx, test.mode))
				<-done
				if s.Running() || s.PID() != 0 || pid == 0 || len(livingIn(h.Dir())) > 0 {
					t.Errorf("after the stop: %v, process %d, %q", s.Running(), s.PID(), livingIn(h.Dir()))
				}
				ok(t, s.Stop(ctx, test.mode))
				ok(t, s.Start(ctx))
				if err := s.Start(ctx); err == nil || err.Error() != "start server shop: it runs already" {
					t.Errorf("a second start: %v", err)
				}
				if got := strings.Contains(s.Log(), "database system was not properly shut down"); got != test.recovered {
					t.Errorf("recovered: %v\n%s", got, s.Log())
				}
			})
		}
		if n := value[int](t, s, "select count(*) from t where i = 0"); n != 3 {
			t.Errorf("%d of three rows are there", n)
		}
	})

	t.Run("dies", func(t *testing.T) {
		p, err := os.FindProcess(s.PID())
		ok(t, errors.Join(err, p.Kill()))
		<-s.Done()
		ok(t, s.Start(ctx))
	})

	t.Run("does not start", func(t *testing.T) {
		ok(t, s.Set("shared_preload_libraries", "nonesuch"))
		const want = `server shop did not start (exit status 1): could not access file "nonesuch": No such file or directory`
		if err := s.Restart(ctx); err == nil || err.Error() != want {
			t.Errorf("the error is %v", err)
		}
		whole, err := os.ReadFile(s.LogFile())
		ok(t, err)
		if !strings.Contains(string(whole), "ready to accept connections") || !strings.HasSuffix(string(whole), s.Log()) {
			t.Errorf("the file of the log is\n%s", whole)
		}
	})

	ok(t, h.Close())
	nothingLeft(t, h.Dir())
	if !strings.Contains(s.Log(), "nonesuch") {
		t.Errorf("the log can't be read any more: %q", s.Log())
	}
	if _, err := h.Create(ctx, "b"); err == nil || err.Error() != "the home is closed" {
		t.Errorf("the error is %v", err)
	}
	if err := s.Start(ctx); err == nil || err.Error() != "start server shop: the home is closed" {
		t.Errorf("the error is %v", err)
	}
}

func TestSeveralAtOnce(t *testing.T) {
	homes := []*postgres.Home{postgrestest.Open(t), postgrestest.Open(t)}
	servers := make([]*postgres.Server, 3)
	var all sync.WaitGroup
	for i, name := range []string{"a", "b", "a"} {
		all.Go(func() {
			s, err := homes[i/2].Create(t.Context(), name, postgres.WithoutChecksums)
			if err == nil {
				err = errors.Join(s.Start(t.Context()), s.Exec(t.Context(), "", "create table own (name text)"))
			}
			if err != nil {
				t.Error(err)
			}
			servers[i] = s
		})
	}
	if all.Wait(); t.Failed() {
		return
	}
	for _, s := range servers {
		if on := value[string](t, s, "show data_checksums"); on != "off" {
			t.Errorf("data_checksums is %s", on)
		}
	}
	if _, err := homes[0].Create(t.Context(), "a"); err == nil || err.Error() != "there is a server a already" {
		t.Errorf("the error is %v", err)
	}
	ok(t, homes[0].Close())
	nothingLeft(t, homes[0].Dir())
	if n := value[int](t, servers[2], "select count(*) from own"); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// A base backup is restored beside its server.
func TestAdopt(t *testing.T) {
	h := postgrestest.Open(t)
	s := postgrestest.Start(t, h, "source")
	ctx := t.Context()
	ok(t, s.Set("max_connections", "123"))
	ok(t, s.Set("archive_mode", "on"))
	ok(t, s.Restart(ctx))
	ok(t, s.Exec(ctx, "", "create table t as select generate_series(1, 1000) i"))
	data := filepath.Join(h.Dir(), "restored")
	ok(t, run(t, s, "pg_basebackup", "-D", data, "-c", "fast").Failed())
	copied, err := h.Adopt(ctx, "copy", data)
	ok(t, err)
	ok(t, copied.Start(ctx))
	if n := value[int](t, copied, "select count(*) from t"); n != 1000 {
		t.Errorf("%d rows", n)
	}
	for setting, want := range map[string]string{"archive_mode": "off", "max_connections": "123"} {
		if got := value[string](t, copied, "select current_setting($1)", setting); got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
	ok(t, copied.Set("archive_mode", "on"))
	ok(t, copied.Restart(ctx))
	if got := value[string](t, copied, "show archive_mode"); got != "on" {
		t.Errorf("archive_mode is %s", got)
	}

	foreign := func(version string) string {
		dir, err := h.Folder("foreign" + version)
		ok(t, err)
		ok(t, os.WriteFile(filepath.Join(dir, "PG_VERSION"), []byte(version+"\n"), 0o600))
		return dir
	}
	p := h.Programs()
	linked := foreign(strings.Split(p.Version, ".")[0])
	outside := t.TempDir()
	ok(t, os.Symlink(outside, filepath.Join(linked, "pg_wal")))
	empty, err := h.Folder("empty")
	ok(t, err)
	for _, test := range []struct{ name, data, want string }{
		{"no data", empty, empty + " is not the data of a PostgreSQL server: "},
		{"another version", foreign("9"), "is of PostgreSQL 9, and the programs in " + p.Dir + " are of " + p.Version},
		{"somewhere else", outside, outside + " is not in " + h.Dir() + ", and nothing is written elsewhere"},
		{"a link out", linked,
			linked + "/pg_wal links to " + outside + ", outside of " + h.Dir() + ": the server would write there"},
		{"one that has a server", data, data + " is the data of server copy"},
		{"damaged", foreign(strings.Split(p.Version, ".")[0] + "\n"), "pg_controldata ended with exit code 1: "},
	} {
		if _, err := h.Adopt(ctx, "another", test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, want %s", test.name, err, test.want)
		}
	}
}

// A standby is ready when it can be read.
func TestStandby(t *testing.T) {
	h := postgrestest.Open(t)
	s := postgrestest.Start(t, h, "primary")
	ctx := t.Context()
	data := filepath.Join(h.Dir(), "standby")
	ok(t, run(t, s, "pg_basebackup", "-D", data, "-c", "fast", "-R").Failed())
	standby, err := h.Adopt(ctx, "follower", data)
	ok(t, err)
	ok(t, standby.Start(ctx))
	if !value[bool](t, standby, "select pg_is_in_recovery()") {
		t.Error("it is no standby")
	}
	ok(t, s.Exec(ctx, "", "create table t (i int)"))
	eventually(t, "the table is there", func() bool {
		return value[bool](t, standby, "select exists (select from pg_class where relname = 't')")
	})
}

// A recovery that pauses at its target is ready when it has paused.
func TestRecoveryPauses(t *testing.T) {
	h := postgrestest.Open(t)
	s := postgrestest.Start(t, h, "source")
	data := filepath.Join(h.Dir(), "restored")
	ok(t, run(t, s, "pg_basebackup", "-D", data, "-c", "fast").Failed())
	ok(t, os.WriteFile(filepath.Join(data, "recovery.signal"), nil, 0o600)) // Adopt gives it to the servers' user
	restored, err := h.Adopt(t.Context(), "pitr", data)
	ok(t, err)
	for name, v := range map[string]string{"restore_command": "false", "recovery_target": "immediate"} {
		ok(t, restored.Set(name, v))
	}
	ok(t, restored.Start(t.Context()))
	if !value[bool](t, restored, "select pg_is_wal_replay_paused()") {
		t.Error("the recovery has not paused")
	}
	ok(t, restored.Exec(t.Context(), "", "select pg_wal_replay_resume()"))
	eventually(t, "it accepts writes", func() bool { return !value[bool](t, restored, "select pg_is_in_recovery()") })
}

func TestBadHomes(t *testing.T) {
	postgrestest.Programs(t)
	_, err := postgres.Open(t.Context(), postgres.Options{Programs: t.TempDir()})
	if !errors.Is(err, postgres.ErrMissing) {
		t.Errorf("the error is %v", err)
	}
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	if _, err := postgres.Open(t.Context(), postgres.Options{Dir: nowhere}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
	if _, err := postgres.Open(t.Context(), postgres.Options{User: "no-such-user"}); err == nil {
		t.Error("there is a user no-such-user")
	}
	if _, err := postgres.Open(t.Context(), postgres.Options{User: "root"}); err == nil {
		t.Error("root may be the user")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := postgres.Open(ctx, postgres.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// A folder with a long name has no room for a socket's name.
func TestHomeInAFolderWithALongName(t *testing.T) {
	dir := filepath.Join(openFolder(t), strings.Repeat("long", 20))
	ok(t, os.Mkdir(dir, 0o755))
	h, err := postgres.Open(t.Context(), postgres.Options{Dir: dir, Programs: postgrestest.Programs(t).Dir})
	ok(t, err)
	defer h.Close()
	s := postgrestest.Start(t, h, "a")
	if !strings.HasPrefix(value[string](t, s, "show data_directory"), dir) {
		t.Errorf("the data are in %s", s.Data())
	}
	ok(t, h.Close())
	nothingLeft(t, h.Dir())
	nothingLeft(t, filepath.Dir(s.Socket()))
}

func TestNames(t *testing.T) {
	h := postgrestest.Open(t)
	for _, name := range []string{"", "A", "1", "a/b", "..", strings.Repeat("a", 17)} {
		if _, err := h.Create(t.Context(), name); err == nil || !strings.Contains(err.Error(), "is no name for a server") {
			t.Errorf("%q: the error is %v", name, err)
		}
	}
	for _, name := range []string{"", ".", "..", "../x", "x/../.."} {
		if _, err := h.Folder(name); err == nil {
			t.Errorf("there is a folder %q", name)
		}
	}
	_, err := h.Create(t.Context(), "a", "--nonsense")
	if err == nil || !strings.HasPrefix(err.Error(), "create server a: initdb ended with exit code 1: ") {
		t.Errorf("the error is %v", err)
	}
	if exists(filepath.Join(h.Dir(), "a")) {
		t.Error("something is left of it")
	}
}
