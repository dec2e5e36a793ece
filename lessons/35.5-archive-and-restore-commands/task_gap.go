package archivecommand

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"quorumlab/internal/postgres"
	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// Entries of the task: in the second base backup, in the archive, and when the server died.
const (
	atWednesday = 200
	atLast      = 230
	atDeath     = 250
)

var backups = []string{"monday", "wednesday"}

// gapJudge carries out a restore from an archive with a gap.
var gapJudge = lessons.CommandsJudge{
	Usage: []string{"gaps", "rescue", "restore BACKUP", "start", "count", "switch-over"},
	Args: map[string]func(string) error{"BACKUP": func(arg string) error {
		for _, b := range backups {
			if arg == b {
				return nil
			}
		}
		return fmt.Errorf("unknown base backup %q%s; use %s", arg, text.DidYouMean(arg, backups),
			strings.Join(backups, " or "))
	}},
	Most: 16,
	Run: func(ctx context.Context, env *lessons.Env, cs []lessons.Command) (ms []lessons.Mark, err error) {
		return ms, inStore(ctx, roomForWAL, func(ctx context.Context, s *store) error {
			env.Say("a week with a gap")
			if err := s.week(ctx); err != nil {
				return err
			}
			n := &night{store: s}
			for _, c := range cs {
				env.Say("%s", c.Text)
				said, err := n.carryOut(ctx, c)
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err != nil {
					said = "failed: " + strings.ReplaceAll(firstLine(err.Error()), s.Home.Dir()+"/", "")
				}
				n.did = append(n.did, c.Text+": "+said)
			}
			ms, err = n.judge(ctx)
			return err
		})
	},
}

// week books and archives, for a while with a command that lies, and ends with the death of the server.
func (s *store) week(ctx context.Context) error {
	if _, err := pg.Book(ctx, s.Live, 1, atBackup); err != nil {
		return err
	}
	if err := s.BackUp(ctx, "monday"); err != nil {
		return err
	}
	if err := bookLot(ctx, s.Live, atBackup, lot); err != nil {
		return err
	}
	if err := s.useCommand(ctx, "/bin/true"); err != nil {
		return err
	}
	if err := bookLot(ctx, s.Live, atBackup+lot, atWednesday-atBackup-lot); err != nil {
		return err
	}
	if err := s.useCommand(ctx, s.Archive.Command()); err != nil {
		return err
	}
	if err := s.BackUp(ctx, "wednesday"); err != nil {
		return err
	}
	if err := bookLot(ctx, s.Live, atWednesday, atLast-atWednesday); err != nil {
		return err
	}
	// Nothing of the gap is left on the server.
	if err := s.Live.Exec(ctx, "", "checkpoint"); err != nil {
		return err
	}
	if _, err := pg.Book(ctx, s.Live, atLast+1, atDeath); err != nil {
		return err
	}
	return s.Live.Stop(ctx, postgres.Kill)
}

// night is the night after the week.
type night struct {
	*store
	next, serving *postgres.Server
	tries         int
	did           []string
}

func (n *night) carryOut(ctx context.Context, c lessons.Command) (said string, err error) {
	switch c.Verb {
	case "gaps":
		names, err := n.Archive.Segments()
		if err != nil {
			return "", err
		}
		missing, err := gaps(names, smallPerLog)
		if len(missing) == 0 {
			missing = []string{"none"}
		}
		return fmt.Sprintf("from %s to %s, missing: %s", names[0], names[len(names)-1], strings.Join(missing, ", ")), err
	case "rescue":
		return n.rescue()
	case "restore":
		if n.next != nil && n.next != n.serving {
			if err := n.next.Stop(ctx, postgres.Immediate); err != nil {
				return "", err
			}
		}
		n.tries++
		n.next, err = n.Restore(ctx, fmt.Sprint("new-", n.tries), c.Args[0], nil)
		return "a copy with recovery.signal", err
	}
	if n.next == nil {
		return "", errors.New("there is no new server: restore comes first")
	}
	switch c.Verb {
	case "start":
		f, err := pg.Begin(ctx, n.next)
		if f.Refused != "" {
			return "refused: " + f.Refused, err
		}
		return f.String() + " entries", err
	case "count":
		f, err := pg.Look(ctx, n.next)
		return f.String() + " entries", err
	}
	if !n.next.Running() {
		return "", errors.New("the new server does not run")
	}
	n.serving = n.next
	return "the application uses the new server", nil
}

// rescue copies what the archive lacks from the pg_wal of the dead server.
func (n *night) rescue() (string, error) {
	names, err := postgres.Archive{Dir: walFolder(n.Live)}.Segments()
	if err != nil {
		return "", err
	}
	copied := 0
	for _, name := range names {
		if n.Archive.Has(name) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(walFolder(n.Live), name))
		if err != nil {
			return "", err
		}
		to := filepath.Join(n.Archive.Dir, name)
		if err := errors.Join(os.WriteFile(to, b, 0o600), n.Home.Give(to)); err != nil {
			return "", err
		}
		copied++
	}
	return fmt.Sprintf("%d segments of the dead server's pg_wal are in the archive now", copied), nil
}

func (n *night) judge(ctx context.Context) ([]lessons.Mark, error) {
	entries, writes := 0, "there is no server"
	if n.serving != nil {
		const count = "select count(*) from ledger where amount = 10 * id and id <= $1"
		var err error
		if entries, err = postgres.Value[int](ctx, n.serving, "", count, atDeath); err != nil {
			return nil, err
		}
		writes = "ok"
		if err := n.serving.Exec(ctx, "", "insert into ledger (id, amount) values (5000, 50000)"); err != nil {
			writes = firstLine(err.Error())
		}
	}
	did := strings.Join(n.did, "; ")
	if did == "" {
		did = "nothing was done"
	}
	why := fmt.Sprintf("the application finds %d (%s)", entries, did)
	whole := entries >= atLast
	return []lessons.Mark{
		lessons.Marked(whole, 4, fmt.Sprintf("the %d entries that were archived are there", atLast), why,
			"a recovery ends at a gap without an error: is there a base backup behind it?"),
		lessons.Marked(entries == atDeath, 3, fmt.Sprintf("and the last %d", atDeath-atLast), fmt.Sprintf("%d of %d", entries,
			atDeath), "their segment was not full: it is where the server kept it, and only a recovery that begins later "+
			"reads it"),
		lessons.Marked(whole && writes == "ok", 2, "the application can book entries", "a new entry: "+writes,
			"switch-over gives it the new server"),
	}, nil
}
