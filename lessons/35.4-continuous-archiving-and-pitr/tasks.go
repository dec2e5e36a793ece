package continuousarchiving

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/internal/postgres"
	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

// mostCommands is how long a runbook may be: each command takes its time.
const mostCommands = 24

// usage are the commands of the tasks. Those with an equals sign are lines of postgresql.conf.
var usage = []string{"waldump", "restore BACKUP", "recovery_target = IMMEDIATE", "recovery_target_time = TIME",
	"recovery_target_name = NAME", "recovery_target_xid = XID", "recovery_target_inclusive = SWITCH",
	"recovery_target_timeline = TIMELINE", "recovery_target_action = ACTION", "start", "count TABLE", "promote",
	"copy TABLE", "fetch TABLE", "switch-over"}

// runbookJudge carries out a runbook after an accident, and judges what the application has in the end.
func runbookJudge(ruin func(ctx context.Context, d *desk) error,
	judge func(ctx context.Context, d *desk) ([]lessons.Mark, error)) lessons.Judge {
	return lessons.CommandsJudge{
		Usage: usage,
		Args: map[string]func(string) error{
			"=": oneOf("separator", "="), "BACKUP": oneOf("base backup", "monday"),
			"IMMEDIATE": oneOf("target", "immediate"), "TIME": isTime,
			"NAME": oneOf("restore point", "before_release"), "XID": oneOf("transaction", "found"),
			"SWITCH": oneOf("value", "on", "off"), "TIMELINE": oneOf("timeline", "latest", "current", "1", "2"),
			"ACTION": oneOf("action", "pause", "promote"), "TABLE": oneOf("table", "ledger", "invoices"),
		},
		Most: mostCommands,
		Run: func(ctx context.Context, env *lessons.Env, cs []lessons.Command) (ms []lessons.Mark, err error) {
			err = onBooks(ctx, func(ctx context.Context, b *books) error {
				d := &desk{books: b}
				env.Say("the accident")
				if err := ruin(ctx, d); err != nil {
					return err
				}
				for _, c := range cs {
					env.Say("%s", c.Text)
					if err := d.carryOut(ctx, c); err != nil {
						return err
					}
				}
				ms, err = judge(ctx, d)
				return err
			})
			return ms, err
		},
	}
}

// oneOf checks that an argument is one of some words.
func oneOf(what string, words ...string) func(string) error {
	return func(arg string) error {
		if slices.Contains(words, arg) {
			return nil
		}
		return fmt.Errorf("unknown %s %q%s; use %s", what, arg, text.DidYouMean(arg, words), strings.Join(words, ", "))
	}
}

func isTime(arg string) error {
	_, err := timeOfDay(arg)
	return err
}

// timeOfDay reads a time of a task's story.
func timeOfDay(arg string) (time.Duration, error) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, arg); err == nil && len(arg) == len(layout) {
			return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
				time.Duration(t.Second())*time.Second, nil
		}
	}
	return 0, fmt.Errorf("%q is not a time of that day: use HH:MM or HH:MM:SS, like 09:25", arg)
}

// kept is what the application finds in the end.
type kept struct {
	entries, others int  // of the ledger: those of the story, and any other
	right           bool // whether their amounts are right
	invoices        int
	writes          string // "ok", or why not
}

// inspect looks at the server that the application uses. Errors are those of the machine.
func (d *desk) inspect(ctx context.Context) (k kept, err error) {
	f, err := pg.Look(ctx, d.serving)
	if err != nil {
		return k, err
	}
	k.writes = f.String()
	if f.Table && !f.Locked {
		if err := d.inspectLedger(ctx, &k); err != nil {
			return k, err
		}
	}
	there, err := postgres.Value[bool](ctx, d.serving, "", "select to_regclass('invoices') is not null")
	if err != nil || !there {
		return k, err
	}
	k.invoices, err = postgres.Value[int](ctx, d.serving, "", "select count(*) from invoices")
	return k, err
}

// inspectLedger counts entries, and books one.
func (d *desk) inspectLedger(ctx context.Context, k *kept) (err error) {
	const count = "select count(*) from ledger where id between $1 and $2"
	if k.entries, err = postgres.Value[int](ctx, d.serving, "", count, 1, colleagueID-1); err != nil {
		return err
	}
	if k.others, err = postgres.Value[int](ctx, d.serving, "", count, colleagueID, colleagueID+colleagues-1); err != nil {
		return err
	}
	const right = "select coalesce(bool_and(amount = 10 * id), false) from ledger"
	if k.right, err = postgres.Value[bool](ctx, d.serving, "", right); err != nil {
		return err
	}
	k.writes = "ok"
	const entry = "insert into ledger (id, amount) values (5000, 50000)"
	if err := d.serving.Exec(ctx, "", entry); err != nil {
		k.writes = strings.TrimPrefix(err.Error(), entry+": ")
	}
	return ctx.Err()
}

// did is what the commands did.
func (d *desk) did() string {
	if len(d.done) == 0 {
		return "nothing was done"
	}
	return strings.Join(d.done, "; ")
}

// judgeDrop judges the first task.
func judgeDrop(ctx context.Context, d *desk) ([]lessons.Mark, error) {
	k, err := d.inspect(ctx)
	if err != nil {
		return nil, err
	}
	whole := k.entries == keptEntries && k.right
	unharmed := lessons.Mark{What: "the invoices written since are still there", Of: 3,
		Why:  fmt.Sprintf("there are %d of %d", k.invoices, invoices),
		Hint: "they were written after the target: what serves the application must not go back in time"}
	if k.entries == 0 {
		unharmed.Why, unharmed.Hint = "not judged: there is no ledger", "first bring the ledger back"
	} else {
		unharmed = lessons.Marked(k.invoices == invoices, 3, unharmed.What, unharmed.Why, unharmed.Hint)
	}
	return []lessons.Mark{
		lessons.Marked(whole, 4, fmt.Sprintf("the ledger has all %d entries", keptEntries),
			fmt.Sprintf("the application finds %d (%s)", k.entries, d.did()),
			"the last moment before the DROP is later than the restore point; is the target itself applied, and who holds "+
				"the lock of a DROP that the recovery stopped in?"),
		unharmed,
		lessons.Marked(k.writes == "ok" && k.entries > 0, 2, "the application can book entries", "a new entry: "+k.writes,
			"a recovery that is paused can be read only"),
	}, nil
}

// judgeSecond judges the second task.
func judgeSecond(ctx context.Context, d *desk) ([]lessons.Mark, error) {
	k, err := d.inspect(ctx)
	if err != nil {
		return nil, err
	}
	whole := k.entries == atArchive && k.right
	others := lessons.Marked(k.others == colleagues && whole, 3, fmt.Sprintf("and the %d that were booked since the "+
		"first recovery", colleagues),
		fmt.Sprintf("there are %d", k.others), "fetch takes them from the server that has them")
	if !whole {
		others.Why, others.Hint = "not judged: the ledger is not whole", "first find the timeline that has the other entries"
	}
	return []lessons.Mark{
		lessons.Marked(whole, 4, fmt.Sprintf("the ledger has all %d entries from before the DROP", atArchive),
			fmt.Sprintf("the application finds %d (%s)", k.entries, d.did()),
			"on which timeline were they booked, and which one does a recovery follow by default?"),
		others,
		lessons.Marked(k.writes == "ok" && whole, 2, "the application can book entries", "a new entry: "+k.writes,
			"a recovery that is paused can be read only"),
	}, nil
}
