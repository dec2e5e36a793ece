package pgdump

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// migrationJudge carries the commands out while a dump runs.
var migrationJudge = lessons.CommandsJudge{
	Usage: []string{"alter LOCK_TIMEOUT", "wait-dump", "cancel-dump"},
	Args:  map[string]func(string) error{"LOCK_TIMEOUT": isLockTimeout},
	Most:  10,
	Run:   runMigration,
}

// mayWait is how long a reader of the table may wait, and longestTry how long an ALTER TABLE may at most, or forever.
const (
	mayWait    = time.Second
	longestTry = 10 * time.Second
)

func isLockTimeout(arg string) error {
	_, err := lockTimeout(arg)
	return err
}

// lockTimeout reads a lock_timeout; 0 is none.
func lockTimeout(arg string) (time.Duration, error) {
	if arg == "0" {
		return 0, nil
	}
	d, err := time.ParseDuration(arg)
	if err != nil || d < time.Millisecond || d > longestTry {
		return 0, fmt.Errorf("%q is not a lock_timeout: use 0 for none, or a time like 500ms or 2s, up to %s", arg,
			longestTry)
	}
	return d, nil
}

// migration is the night in which the column is to come.
type migration struct {
	*bank
	dump     *pg.Stopped
	dumpDone bool
	pending  chan error // an ALTER TABLE that waits without a limit; nil: none
	held     string     // the command that readers waited for; empty: none
	done     []string
}

func runMigration(ctx context.Context, env *lessons.Env, cs []lessons.Command) (ms []lessons.Mark, err error) {
	err = inBank(ctx, env, func(ctx context.Context, b *bank) (err error) {
		m := &migration{bank: b}
		env.Say("the nightly dump begins")
		if m.dump, err = b.sh.StopAt(ctx, "pg_dump bank", between); err != nil {
			return err
		}
		defer m.dump.Finish()
		for _, c := range cs {
			env.Say("%s", c.Text)
			said, err := m.do(ctx, c)
			if err != nil {
				return err
			}
			m.done = append(m.done, c.Text+": "+said)
		}
		env.Say("the night ends")
		ms, err = m.marks(ctx)
		return err
	})
	return ms, err
}

func (m *migration) do(ctx context.Context, c lessons.Command) (string, error) {
	switch c.Verb {
	case "wait-dump":
		return m.waitDump(ctx)
	case "cancel-dump":
		if m.dumpDone {
			return "it has ended already", nil
		}
		if err := m.Exec(ctx, "", "select pg_terminate_backend(pid) from pg_stat_activity where application_name = "+
			"'pg_dump'"); err != nil {
			return "", err
		}
		return m.waitDump(ctx)
	}
	limit, err := lockTimeout(c.Args[0])
	if err != nil {
		return "", err
	}
	return m.alter(ctx, c.Text, limit)
}

// alter tries the change. Without a limit it goes on in the background while the dump runs, as it would in another
// session.
func (m *migration) alter(ctx context.Context, text string, limit time.Duration) (string, error) {
	const sql = "alter table savings add note text"
	if m.pending != nil {
		return "another one waits already", nil
	}
	if !m.dumpDone && (limit == 0 || limit > mayWait) {
		m.held = text
	}
	if limit == 0 && !m.dumpDone {
		m.pending = make(chan error, 1)
		go func() { m.pending <- m.Exec(ctx, "bank", sql) }()
		return "it waits", m.queued(ctx)
	}
	err := m.Exec(ctx, "bank", fmt.Sprintf("set lock_timeout = %d", limit.Milliseconds()), sql)
	if err != nil && ctx.Err() == nil {
		_, said, _ := strings.Cut(err.Error(), "ERROR: ")
		return said, nil
	}
	return "done", err
}

// waitDump lets the dump end, and with it an ALTER TABLE that waits for it.
func (m *migration) waitDump(ctx context.Context) (string, error) {
	t, err := m.dump.Finish()
	if err != nil {
		return "", err
	}
	m.dumpDone = true
	if m.pending != nil {
		err = <-m.pending
		m.pending = nil
	}
	if t.Code != 0 {
		return "the dump failed: " + t.Says(), errors.Join(err, ctx.Err())
	}
	return "the dump is complete", errors.Join(err, ctx.Err())
}

func (m *migration) marks(ctx context.Context) ([]lessons.Mark, error) {
	if _, err := m.waitDump(ctx); err != nil {
		return nil, err
	}
	has, err := postgres.Value[bool](ctx, m.Server, "bank", "select exists (select from information_schema.columns where "+
		"table_name = 'savings' and column_name = 'note')")
	if err != nil {
		return nil, err
	}
	t, err := m.dump.Finish()
	if err != nil {
		return nil, err
	}
	did := strings.Join(m.done, "; ")
	if did == "" {
		did = "nothing was done"
	}
	whole := t.Code == 0 && strings.Contains(t.Out, "PostgreSQL database dump complete")
	dumped, readers := "the dump is complete", "no ALTER TABLE waited for the dump for longer than "+mayWait.String()
	if !whole {
		dumped = "the dump failed"
	}
	if m.held != "" {
		readers = "every SELECT waited behind " + m.held
	}
	// A night without a migration disturbs nobody; that counts only for one that brings the column.
	if !has {
		dumped, readers = "not judged: there is no column", "not judged: there is no column"
	}
	return []lessons.Mark{
		lessons.Marked(has, 3, "savings has the column note", map[bool]string{true: "it is there", false: "it is not " +
			"there"}[has]+
			" ("+did+")", "read what each command said: one that gives up can be tried again"),
		lessons.Marked(has && whole, 3, "there is a complete dump of this night", dumped, "the dump needs its locks to the "+
			"end"),
		lessons.Marked(has && m.held == "", 4, "no reader waits for longer than a second", readers,
			"a statement that waits for a lock holds up all that come after it, for as long as it may wait"),
	}, nil
}
