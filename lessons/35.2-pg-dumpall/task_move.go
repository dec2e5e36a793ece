package pgdumpall

import (
	"context"
	"fmt"
	"strings"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// moveJudge carries the commands out: those that dump on the old server, the others on the new one.
var moveJudge = pg.ShellJudge{Programs: []string{"pg_dump", "pg_dumpall", "psql", "pg_restore", "createdb", "dropdb"},
	Most: 12, Run: runMove}

// moved is what the commands came to.
type moved struct {
	did     []string
	unknown []string // errors but the one that every new server gives
}

func runMove(ctx context.Context, env *lessons.Env, cs []*pg.CommandLine) (ms []lessons.Mark, err error) {
	err = inOffice(ctx, env, func(ctx context.Context, f *office) error {
		var m moved
		for _, c := range cs {
			env.Say("%s", c.Text)
			shell := f.newShell
			if c.Program == "pg_dump" || c.Program == "pg_dumpall" {
				shell = f.oldShell
			}
			t, err := shell.Carry(ctx, c)
			if err != nil {
				return err
			}
			m.note(c, t)
		}
		has, err := f.look(ctx)
		if err != nil {
			return err
		}
		ms = m.marks(has)
		return nil
	})
	return ms, err
}

func (m *moved) note(c *pg.CommandLine, t pg.Typed) {
	errors := t.Errors()
	if strings.Contains(t.Err, expectedError) && errors > 0 {
		errors--
	}
	came := "done"
	switch {
	case t.Code != 0:
		came = fmt.Sprintf("exit code %d, %s", t.Code, t.Says())
	case errors > 0:
		came = fmt.Sprintf("exit code 0, with %d errors", errors)
	}
	if errors > 0 || t.Code != 0 {
		m.unknown = append(m.unknown, c.Text)
	}
	m.did = append(m.did, c.Text+": "+came)
}

func (m *moved) marks(has arrived) []lessons.Mark {
	did := strings.Join(m.did, "; ")
	if did == "" {
		did = "nothing was done"
	}
	const people = 20
	rows := has.crm == customers && has.people == people
	failed := "no command failed, but for the role postgres, which each server has"
	if len(m.unknown) > 0 {
		failed = "with errors: " + strings.Join(m.unknown, "; ")
	}
	if !rows {
		failed = "not judged: rows are missing"
	}
	return []lessons.Mark{
		lessons.Marked(rows, 2, "the rows of both databases are there", fmt.Sprintf("%d of %d customers, %d of %d people "+
			"(%s)",
			max(has.crm, 0), customers, max(has.people, 0), people, did), "each database has a dump of its own, or pg_dumpall"),
		lessons.Marked(rows && has.tableOwner == "app" && has.reads && has.policy, 3, "customers has its owner, its "+
			"privileges "+
			"and its policy", fmt.Sprintf("owner %s, reporting may read: %s, policy: %s", valueOr(has.tableOwner, "nobody"),
			lessons.YesNo(has.reads), lessons.YesNo(has.policy)), "they name roles: what has to be there first?"),
		lessons.Marked(rows && has.login, 2, "app can log in with its password", "the same hash: "+lessons.YesNo(has.login),
			"passwords belong to the server, and a dump can leave them out"),
		lessons.Marked(rows && has.setting && has.databaseOwner == "app", 2, "crm has its owner and its own setting",
			fmt.Sprintf("owner %s, work_mem: %s", valueOr(has.databaseOwner, "nobody"), lessons.YesNo(has.setting)),
			"createdb makes a database like any other; an option of pg_dump makes it as it was"),
		lessons.Marked(rows && len(m.unknown) == 0, 1, "no command had errors", failed,
			"psql says what went wrong even where its exit code does not"),
	}
}
