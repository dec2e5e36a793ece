package pgdumpall

import (
	"context"
	"fmt"
	"os"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// customers is how many there are in crm, and visible how many of them the policy shows to reporting.
const (
	customers = 1000
	visible   = 49
)

// What is recognised again in a dump.
const (
	slowQuery = "4711ms"      // a setting by ALTER SYSTEM
	theirHost = "203.0.113.7" // a line of pg_hba.conf; the address is for documentation only (RFC 5737)
	slot      = "standby_slot"
)

// office is a server with two databases and three roles, and a new, empty one beside it. The shells share a folder.
type office struct {
	old, new *postgres.Server
	oldShell *pg.Shell
	newShell *pg.Shell
}

// inOffice makes both servers.
func inOffice(ctx context.Context, env *lessons.Env, do func(ctx context.Context, f *office) error) error {
	return pg.InHome(ctx, func(ctx context.Context, h *postgres.Home) (err error) {
		env.Say("a server with two databases, and a new one")
		f := &office{}
		if f.old, err = pg.Start(ctx, h, "old", furnished); err != nil {
			return err
		}
		if f.new, err = pg.Start(ctx, h, "new", nil); err != nil {
			return err
		}
		if f.oldShell, err = pg.NewShell(h, f.old, "dumps"); err != nil {
			return err
		}
		f.newShell = &pg.Shell{Server: f.new, Dir: f.oldShell.Dir}
		if err := f.allow(ctx, theirHost); err != nil {
			return err
		}
		return do(ctx, f)
	})
}

// furnished is the old server.
var furnished = pg.Prepared(func(ctx context.Context, s *postgres.Server) error {
	for _, in := range []struct {
		database string
		sql      []string
	}{
		{"", []string{"create role app login password 's3cret'", "create role reporting", "create role bob login",
			"grant reporting to bob", "alter role app set search_path = app, public", "create database crm owner app",
			"create database hr owner app", "alter database crm set work_mem = '64MB'",
			"alter system set log_min_duration_statement = '" + slowQuery + "'",
			"select pg_create_physical_replication_slot('" + slot + "')"}},
		{"crm", []string{"create schema app authorization app", "create table app.customers (id int primary key, name text)",
			"alter table app.customers owner to app", "grant usage on schema app to reporting",
			"grant select on app.customers to reporting", "alter table app.customers enable row level security",
			fmt.Sprintf("create policy few on app.customers to reporting using (id <= %d)", visible),
			fmt.Sprintf("insert into app.customers select i, 'customer ' || i from generate_series(1, %d) i", customers),
			"analyze"}},
		{"hr", []string{"create table people (id int primary key, name text)", "alter table people owner to app",
			"insert into people select i, 'person ' || i from generate_series(1, 20) i"}},
	} {
		if err := s.Exec(ctx, in.database, in.sql...); err != nil {
			return err
		}
	}
	return nil
})

// allow adds a line to the old server's pg_hba.conf. It listens on no address, so nobody can come in by it.
func (f *office) allow(ctx context.Context, host string) error {
	path, err := postgres.Value[string](ctx, f.old, "", "show hba_file")
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "host all all %s/32 scram-sha-256\n", host)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// empty takes everything off the new server again.
func (f *office) empty(ctx context.Context) error {
	return f.new.Exec(ctx, "", "drop database if exists crm", "drop database if exists hr", "drop role if exists bob",
		"drop role if exists reporting", "drop role if exists app")
}

// arrived is what has arrived at the new server.
type arrived struct {
	crm, people                   int // rows; -1: there is no table
	tableOwner, databaseOwner     string
	reads, policy, login, setting bool
}

// look looks at the new server.
func (f *office) look(ctx context.Context) (a arrived, err error) {
	a.crm, a.people = -1, -1
	has, err := postgres.Value[[]string](ctx, f.new, "", "select coalesce(array_agg(datname::text), '{}') from "+
		"pg_database")
	if err != nil {
		return a, err
	}
	for _, database := range has {
		switch database {
		case "crm":
			err = f.lookAtCRM(ctx, &a)
		case "hr":
			a.people, err = rowsOf(ctx, f.new, "hr", "people")
		}
		if err != nil {
			return a, err
		}
	}
	hash := func(s *postgres.Server) (string, error) {
		return postgres.Value[string](ctx, s, "", "select coalesce(max(rolpassword), '') from pg_authid where rolname = "+
			"'app' and rolcanlogin")
	}
	before, err := hash(f.old)
	if err != nil {
		return a, err
	}
	after, err := hash(f.new)
	a.login = after != "" && after == before
	return a, err
}

func (f *office) lookAtCRM(ctx context.Context, a *arrived) (err error) {
	if a.crm, err = rowsOf(ctx, f.new, "crm", "app.customers"); err != nil {
		return err
	}
	c, err := f.new.Connect(ctx, "crm", "")
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	return c.QueryRow(ctx, `select coalesce((select tableowner::text from pg_tables where tablename = 'customers'), 'nobody'),
		(select pg_get_userbyid(datdba)::text from pg_database where datname = 'crm'),
		coalesce((select has_table_privilege(oid, to_regclass('app.customers'), 'select') from pg_roles
			where rolname = 'reporting'), false),
		exists (select from pg_policies where policyname = 'few'),
		exists (select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where datname = 'crm'
			and 'work_mem=64MB' = any(setconfig))`).Scan(&a.tableOwner, &a.databaseOwner, &a.reads, &a.policy, &a.setting)
}

// rowsOf counts the rows of a table; -1 if there is none.
func rowsOf(ctx context.Context, s *postgres.Server, database, table string) (int, error) {
	has, err := postgres.Value[bool](ctx, s, database, "select to_regclass($1) is not null", table)
	if err != nil || !has {
		return -1, err
	}
	return postgres.Value[int](ctx, s, database, "select count(*) from "+table)
}
