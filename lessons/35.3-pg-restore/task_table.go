package pgrestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// accident is what stands around order_lines in the shop of the task, and what happens to it. The view goes with the
// table.
var (
	around = []string{"create view order_values as select order_id, sum(pieces * price) as value from order_lines join " +
		"products on id = product group by order_id", "create role reporting", "grant select on order_lines to reporting"}
	accident = []string{"insert into orders (customer, status, placed) select 1, 'open', now() from generate_series(1, 7)",
		"drop table order_lines cascade"}
)

// The dump is always of the same shop, so answers can be checked against these entries before anything runs. The
// number that -L wants is only known when there is a dump.
var shopEntries = []string{
	"EXTENSION - pgcrypto", "TYPE public status", "FUNCTION public note_it()", "TABLE public customers",
	"TABLE public journal", "TABLE public orders", "TABLE public order_lines", "TABLE public products",
	"TABLE public scans", "VIEW public open_orders", "VIEW public order_values", "SEQUENCE public orders_id_seq",
	"TABLE DATA public customers", "TABLE DATA public journal", "TABLE DATA public order_lines",
	"TABLE DATA public orders", "TABLE DATA public products", "TABLE DATA public scans",
	"SEQUENCE SET public orders_id_seq", "CONSTRAINT public customers customers_email_key",
	"CONSTRAINT public customers customers_pkey", "CONSTRAINT public order_lines order_lines_pkey",
	"CONSTRAINT public orders orders_pkey", "CONSTRAINT public products products_pkey",
	"CONSTRAINT public scans scans_pkey", "INDEX public order_lines_product", "INDEX public orders_customer",
	"INDEX public orders_placed", "TRIGGER public orders note_it",
	"FK CONSTRAINT public order_lines order_lines_order_id_fkey",
	"FK CONSTRAINT public order_lines order_lines_product_fkey", "FK CONSTRAINT public orders orders_customer_fkey",
	"ACL public TABLE order_lines",
}

// listed is a line of the answer.
type listed struct {
	line int
	what string
}

// readTable reads the answer: entries of the list, without their numbers and owners. The error is a
// *lessons.BadAnswer with the place.
func readTable(name string, answer []byte) (all []listed, err error) {
	for i, line := range strings.Split(string(answer), "\n") {
		code, _, _ := strings.Cut(line, ";") // as in a list for -L
		what := strings.Join(strings.Fields(code), " ")
		if what == "" {
			continue
		}
		column := len([]rune(line[:strings.Index(line, strings.Fields(code)[0])])) + 1
		refuse := func(err error) error {
			return &lessons.BadAnswer{Err: fmt.Errorf("%s:%d:%d: %w\n    %s", name, i+1, column, err, what)}
		}
		if !slices.Contains(shopEntries, what) {
			return nil, refuse(fmt.Errorf("the list has no entry %q%s; write it as pg_restore --list does, without number "+
				"and owner", what, text.DidYouMean(what, shopEntries)))
		}
		if slices.ContainsFunc(all, func(l listed) bool { return l.what == what }) {
			return nil, refuse(errors.New("this entry is there twice"))
		}
		all = append(all, listed{i + 1, what})
	}
	return all, nil
}

// judgeTable restores the entries of the answer to the shop, in one transaction.
func judgeTable(ctx context.Context, env *lessons.Env, name string, answer []byte) (ms []lessons.Mark, err error) {
	all, err := readTable(name, answer)
	if err != nil {
		return nil, err
	}
	err = withDump(ctx, env, shop, around, func(ctx context.Context, b *bench) error {
		if err := b.Exec(ctx, "shop", accident...); err != nil {
			return err
		}
		before, err := pg.Inside(ctx, b.Server, "shop")
		if err != nil {
			return err
		}
		if err := b.writeList(ctx, all); err != nil {
			return err
		}
		env.Say("restoring %d entries", len(all))
		t, err := b.sh.Type(ctx, "pg_restore -d shop -1 -L table.list shop.dump")
		if err != nil {
			return err
		}
		ms, err = b.tableMarks(ctx, before, t)
		return err
	})
	return ms, err
}

// writeList writes the list with the numbers that the entries have in the dump, in the order of the answer.
func (b *bench) writeList(ctx context.Context, all []listed) error {
	list, err := b.sh.Must(ctx, "pg_restore -l shop.dump")
	if err != nil {
		return err
	}
	entries := entriesIn(list.Out)
	var lines strings.Builder
	for _, l := range all {
		i := slices.IndexFunc(entries, func(e entry) bool { return e.what == l.what })
		if i < 0 {
			return fmt.Errorf("the dump has no entry %s", l.what)
		}
		lines.WriteString(entries[i].line + "\n")
	}
	return os.WriteFile(b.sh.Path("table.list"), []byte(lines.String()), 0o644)
}

func (b *bench) tableMarks(ctx context.Context, before pg.Content, t pg.Typed) ([]lessons.Mark, error) {
	after, err := pg.Inside(ctx, b.Server, "shop")
	if err != nil {
		return nil, err
	}
	reads, err := postgres.Value[bool](ctx, b.Server, "shop", "select coalesce(has_table_privilege('reporting', "+
		"to_regclass('order_lines'), 'select'), false)")
	if err != nil {
		return nil, err
	}
	const table = "order_lines"
	back := after.Sums[table] == b.dumped.Sums[table]
	said := "pg_restore: exit code 0"
	if t.Code != 0 {
		said = fmt.Sprintf("pg_restore: exit code %d, %s", t.Code, t.Says())
	}
	rows := fmt.Sprintf("%d rows, as before (%s)", after.Rows[table], said)
	if !back {
		rows = fmt.Sprintf("%d of %d rows are there (%s)", after.Rows[table], b.dumped.Rows[table], said)
	}
	delete(after.Sums, table)
	others := before.SameData(after)
	same := "all other tables are as they were, with the orders since the dump"
	if len(others) > 0 {
		same = "changed: " + strings.Join(others, ", ")
	}
	// The rest counts only for a shop that is not worse than before.
	whole := back && len(others) == 0
	of := func(n, of int, noun string) string { return fmt.Sprintf("%d of %d %s are there", n, of, noun) }
	return []lessons.Mark{
		lessons.Marked(whole, 3, "the rows of order_lines are back, and no other row has changed",
			rows+"; "+same, "the table must be there before its rows; and what is there already can't be created again"),
		lessons.Marked(whole && after.Indexes == b.dumped.Indexes, 2, "its primary key and its index are back",
			of(after.Indexes, b.dumped.Indexes, "indexes"), "keys and indexes are entries of their own"),
		lessons.Marked(whole && after.ForeignKeys == b.dumped.ForeignKeys, 2, "its foreign keys are back",
			of(after.ForeignKeys, b.dumped.ForeignKeys, "foreign keys"), "so are foreign keys"),
		lessons.Marked(whole && after.Views == b.dumped.Views, 1, "the view that went with it is back",
			of(after.Views, b.dumped.Views, "views"), "DROP TABLE ... CASCADE takes with it what depends on the table"),
		lessons.Marked(whole && reads, 1, "reporting may read it again", "reporting may read order_lines: "+
			""+lessons.YesNo(reads),
			"privileges are entries of the type ACL"),
	}, nil
}
