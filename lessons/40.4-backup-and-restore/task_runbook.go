package backupandrestore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/sim"
)

// mostCommands is how long a runbook may be: each takes its time.
const mostCommands = 20

// runbookJudge carries out a runbook at the desk and looks at what the application and the
// controller have in the end. keeps is how many orders can be saved.
func runbookJudge(survivor bool, keeps int) lessons.Judge {
	return lessons.CommandsJudge{
		Usage: []string{"status FILE", "verify FILE", "snapshot MEMBER FILE", "restore FILE BUMP", "force-new-cluster MEMBER",
			"join NEWCOMER"},
		Args: map[string]func(string) error{"MEMBER": isMember("n1", "n2", "n3", "n4", "n5"),
			"NEWCOMER": isMember("n4", "n5"), "FILE": isFile, "BUMP": isBump},
		Most: mostCommands,
		Run: func(ctx context.Context, env *lessons.Env, cs []lessons.Command) ([]lessons.Mark, error) {
			var ms []lessons.Mark
			err := onDesk(ctx, env, survivor, func(ctx context.Context, d *desk) error {
				for _, c := range cs {
					env.Say("%s", c.Text)
					if err := d.carryOut(ctx, c); err != nil {
						return err
					}
				}
				env.Say("the application places orders, and the controller waits for them")
				e, err := d.inspect(ctx)
				ms = e.marks(d, keeps)
				return err
			})
			return ms, err
		},
	}
}

func isMember(names ...string) func(string) error {
	return func(arg string) error {
		if slices.Contains(names, arg) {
			return nil
		}
		return fmt.Errorf("unknown member %q%s", arg, text.DidYouMeanOr(arg, names,
			"members are "+strings.Join(names, ", ")))
	}
}

func memberOf(name string) sim.MemberID {
	n, _ := strconv.Atoi(strings.TrimPrefix(name, "n")) // isMember has looked at it
	return sim.MemberID(n)
}

func isFile(arg string) error {
	name, ok := strings.CutSuffix(arg, ".db")
	if !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("%q is not the name of a backup: use lower-case letters, digits and dashes, then .db", arg)
	}
	return nil
}

func isBump(arg string) error {
	_, err := parseBump(arg)
	return err
}

func parseBump(arg string) (int64, error) {
	n, err := strconv.ParseInt(arg, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) && !strings.HasPrefix(arg, "-") || n > mostBump:
		return 0, fmt.Errorf("%q is too much: a revision has 63 bits, so bump it by at most %d", arg, mostBump)
	case err != nil || n < 0:
		return 0, fmt.Errorf("%q is not a revision bump: use a whole number from 0", arg)
	}
	return n, nil
}

// mostBump leaves as many revisions to the restored cluster.
const mostBump = int64(1) << 62

// evidence is what the clients have in the end.
type evidence struct {
	placed string // how the application's next orders were answered
	voters int
	orders int // of those that were acknowledged before the disaster
	seen   gap // between the store and what the controller knows
}

// More orders are placed in the end, and the controller has so long to hear of them.
const (
	inTheEnd     = 5
	hearingTakes = 3 * time.Second
)

// inspect places orders and compares. The error is ctx's.
func (d *desk) inspect(ctx context.Context) (e evidence, err error) {
	for i := range inTheEnd {
		if e.placed, err = ask(ctx, func(ctx context.Context) error {
			_, err := d.app.Put(ctx, fmt.Sprintf("%snew-%d", orders, i), "paid")
			return err
		}); err != nil || e.placed != answered {
			return e, err
		}
	}
	var keys []string
	if err := insist(ctx, func(ctx context.Context) error {
		r, err := d.app.Get(ctx, orders, clientv3.WithPrefix(), clientv3.WithKeysOnly())
		if err != nil {
			return err
		}
		for _, kv := range r.Kvs {
			keys = append(keys, string(kv.Key))
		}
		ms, err := d.app.MemberList(ctx)
		if err != nil {
			return err
		}
		e.voters = voters(ms.Members)
		return nil
	}); err != nil {
		return e, err
	}
	e.orders = len(keys) - inTheEnd
	hearing, cancel := context.WithTimeout(ctx, hearingTakes)
	defer cancel()
	e.seen = d.ctrl.gap(hearing, keys)
	return e, ctx.Err()
}

// marks judges what the clients have.
func (e evidence) marks(d *desk, keeps int) []lessons.Mark {
	did := strings.Join(d.done, "; ")
	if did == "" {
		did = "nothing was done"
	}
	works := e.placed == answered
	backup := "no snapshot of it was taken"
	if d.after != "" {
		backup = fmt.Sprintf("%s has %d orders", d.after, d.afterHas)
	}
	heard := fmt.Sprintf("the controller knows all %d orders and no other; it listed them %d times", e.orders+inTheEnd,
		e.seen.lists)
	if !e.seen.none() {
		heard = fmt.Sprintf("the controller misses %d of %d orders, keeps %d that do not exist, and got no error",
			e.seen.missing, e.orders+inTheEnd, e.seen.ghosts)
	}
	if !works {
		heard, backup = "there is no cluster that accepts orders", "there is no cluster to save"
	}
	return []lessons.Mark{
		lessons.Marked(works && e.voters >= 3, 3, "three members accept orders again",
			fmt.Sprintf("new orders are %s; voting members: %d (%s)", e.placed, e.voters, did),
			"read the output of each command; a cluster of one is not enough"),
		lessons.Marked(works && e.orders >= keeps, 3, fmt.Sprintf("%d of the %d acknowledged orders are there", keeps,
			atDesk),
			fmt.Sprintf("there are %d", e.orders), "of all that is left, what has the newest orders and can be restored?"),
		lessons.Marked(works && e.seen.none(), 3, "the controller knows every order, and no order that does not exist", heard,
			"it waits for the revision after the last one that it saw: the restored store has to be beyond it, and report it "+
				"as compacted"),
		lessons.Marked(works && d.after != "" && d.afterHas >= e.orders, 1, "there is a backup of the new cluster", backup,
			"the backups that you have belong to a cluster that no longer exists"),
	}
}
