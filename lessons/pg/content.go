package pg

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"quorumlab/internal/postgres"
)

// Content is what is in a database, outside of PostgreSQL's own schemas and of extensions.
type Content struct {
	Tables, Indexes, ForeignKeys, Types, Views, Functions, Triggers, Extensions, LargeObjects int

	Rows map[string]int    // of each table
	Sums map[string]string // of each table, over its rows in an order of their own
}

const countObjects = `
with mine as (
  select c.oid, c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
      and d.deptype = 'e'))
select (select count(*) from mine where relkind = 'r'), (select count(*) from mine where relkind = 'i'),
  (select count(*) from pg_constraint where contype = 'f'),
  (select count(*) from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'e' and n.nspname <> 'pg_catalog'),
  (select count(*) from mine where relkind = 'v'),
  (select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
      and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid
        and d.deptype = 'e')),
  (select count(*) from pg_trigger where not tgisinternal), (select count(*) from pg_extension where extname <> 'plpgsql'),
  (select count(*) from pg_largeobject_metadata)`

// Inside looks into a database. Errors are the server's and ctx's.
func Inside(ctx context.Context, s *postgres.Server, database string) (c Content, err error) {
	c.Rows, c.Sums = map[string]int{}, map[string]string{}
	conn, err := s.Connect(ctx, database, "")
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if err := conn.QueryRow(ctx, countObjects).Scan(&c.Tables, &c.Indexes, &c.ForeignKeys, &c.Types, &c.Views,
		&c.Functions, &c.Triggers, &c.Extensions, &c.LargeObjects); err != nil {
		return c, err
	}
	rows, err := conn.Query(ctx, "select schemaname, tablename from pg_tables where schemaname not like 'pg\\_%' and "+
		"schemaname <> 'information_schema'")
	if err != nil {
		return c, err
	}
	names, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (n pgx.Identifier, err error) {
		n = pgx.Identifier{"", ""}
		return n, r.Scan(&n[0], &n[1])
	})
	if err != nil {
		return c, err
	}
	for _, n := range names {
		name, n1, sum := strings.TrimPrefix(n[0]+"."+n[1], "public."), 0, ""
		if err := conn.QueryRow(ctx, fmt.Sprintf("select count(*), coalesce(md5(string_agg(md5(t::text), '' order by "+
			"t::text)), '') from %s t", n.Sanitize())).Scan(&n1, &sum); err != nil {
			return c, err
		}
		c.Rows[name], c.Sums[name] = n1, sum
	}
	return c, nil
}

// SameData tells in which tables two databases differ: those that one of them lacks, or whose rows are not the
// same. Empty: in none.
func (c Content) SameData(other Content) (differ []string) {
	tables := map[string]bool{}
	for name := range c.Sums {
		tables[name] = true
	}
	for name := range other.Sums {
		tables[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		a, inA := c.Sums[name]
		b, inB := other.Sums[name]
		if a != b || inA != inB {
			differ = append(differ, name)
		}
	}
	return differ
}

// Total is how many rows all tables have together.
func (c Content) Total() int {
	n := 0
	for _, rows := range c.Rows {
		n += rows
	}
	return n
}

// Objects is what of the database is not data, in a sentence.
func (c Content) Objects() string {
	return fmt.Sprintf("tables %d, indexes %d, foreign keys %d, types %d, views %d, functions %d, triggers %d, "+
		"extensions %d", c.Tables, c.Indexes, c.ForeignKeys, c.Types, c.Views, c.Functions, c.Triggers, c.Extensions)
}
