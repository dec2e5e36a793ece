package pgdumpall

import (
	"context"
	"fmt"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/lessons"
)

// What a role can be given.
var (
	grants = []string{"app", "reporting", "pg_read_all_data", "pg_write_all_data", "pg_monitor",
		"pg_read_all_settings"}
	attributes = []string{"superuser", "bypassrls", "createdb", "createrole", "replication"}
)

// roleJudge gives the role backup what the answer says, and takes dumps with it.
var roleJudge = lessons.CommandsJudge{
	Usage: []string{"grant ROLE", "attribute ATTRIBUTE"},
	Args:  map[string]func(string) error{"ROLE": isIn("role", grants), "ATTRIBUTE": isIn("attribute", attributes)},
	Most:  12,
	Run:   runRole,
}

func isIn(kind string, known []string) func(string) error {
	return func(arg string) error {
		for _, k := range known {
			if k == arg {
				return nil
			}
		}
		return fmt.Errorf("unknown %s %q%s; choose from %s", kind, arg, text.DidYouMean(arg, known), strings.Join(known,
			", "))
	}
}

// powers are what the role should not be able to do: each with a statement that shows that it can.
var powers = []struct{ what, database, sql string }{
	{"change rows", "crm", "update app.customers set name = name"},
	{"delete rows", "hr", "delete from people"},
	{"drop a table", "crm", "drop table app.customers"},
	{"create a table", "crm", "create table app.mine ()"},
	{"create roles", "postgres", "create role mine"},
	{"create databases", "postgres", "create database mine"},
	{"change settings", "postgres", "alter system set work_mem = '5MB'"},
}

func runRole(ctx context.Context, env *lessons.Env, cs []lessons.Command) (ms []lessons.Mark, err error) {
	err = inOffice(ctx, env, func(ctx context.Context, f *office) error {
		give := []string{"create role backup login"}
		for _, c := range cs {
			if c.Verb == "grant" {
				give = append(give, fmt.Sprintf("grant %s to backup", c.Args[0]))
			} else {
				give = append(give, fmt.Sprintf("alter role backup %s", c.Args[0]))
			}
		}
		if err := f.old.Exec(ctx, "", give...); err != nil {
			return err
		}
		env.Say("dumps by the role backup")
		crm, err := f.oldShell.Type(ctx, "pg_dump -U backup crm")
		if err != nil {
			return err
		}
		hr, err := f.oldShell.Type(ctx, "pg_dump -U backup hr")
		if err != nil {
			return err
		}
		globals, err := f.oldShell.Type(ctx, "pg_dumpall -U backup --globals-only --no-role-passwords")
		if err != nil {
			return err
		}
		can, err := f.powersOf(ctx)
		if err != nil {
			return err
		}
		rows := strings.Count(crm.Out, "\tcustomer ")
		if crm.Code != 0 {
			rows = 0
		}
		whole := rows == customers
		others := hr.Code == 0 && strings.Contains(hr.Out, "\tperson 20") && globals.Code == 0
		may := "it can do none of: " + listOfPowers()
		if len(can) > 0 {
			may = "it can " + strings.Join(can, ", ")
		}
		needless := needlessIn(cs)
		spare := "nothing is left over"
		if len(needless) > 0 {
			spare = "a dump does not need: " + strings.Join(needless, ", ")
		}
		ms = []lessons.Mark{
			lessons.Marked(whole, 4, "its dump of crm has all customers", fmt.Sprintf("%d of %d (pg_dump: exit code %d %s)",
				rows,
				customers, crm.Code, crm.Says()), "what it may read is one thing, which rows it sees is another"),
			lessons.Marked(whole && others, 1, "it can dump hr, and the roles without passwords",
				fmt.Sprintf("exit codes %d and %d", hr.Code, globals.Code), "it has to read every database"),
			lessons.Marked(whole && len(can) == 0, 4, "it can change nothing", unlessWhole(whole, may),
				"somebody who steals the backup's password should not be able to do more than read"),
			lessons.Marked(whole && len(needless) == 0, 1, "it has no more than it needs", unlessWhole(whole, spare),
				"leave out one after the other and see whether the dump is still complete"),
		}
		return nil
	})
	return ms, err
}

// unlessWhole is the evidence for a mark that counts only for a role that can take a dump.
func unlessWhole(whole bool, why string) string {
	if !whole {
		return "not judged: a role that can't take the dump is no use"
	}
	return why
}

func listOfPowers() string {
	var all []string
	for _, p := range powers {
		all = append(all, p.what)
	}
	return strings.Join(all, ", ")
}

// needlessIn are what a dump does not need, in the answer.
func needlessIn(cs []lessons.Command) (all []string) {
	given := map[string]bool{}
	for _, c := range cs {
		what := c.Args[0]
		if given[what] || what != "pg_read_all_data" && what != "bypassrls" {
			all = append(all, what)
		}
		given[what] = true
	}
	return all
}

// powersOf tries what the role should not be able to do. Each try is a session of its own; what worked stays done.
func (f *office) powersOf(ctx context.Context) (can []string, err error) {
	for _, p := range powers {
		c, err := f.old.Connect(ctx, p.database, "backup")
		if err != nil {
			return nil, err
		}
		_, refused := c.Exec(ctx, p.sql)
		if err := c.Close(ctx); err != nil || ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if refused == nil {
			can = append(can, p.what)
		}
	}
	return can, nil
}
