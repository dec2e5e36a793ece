package sidebyside

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/sim/etcdsim/cluster"
)

// pairAt is the order after which everything is lost in the task, and bestPair the newest moment at which both stores
// can be.
const (
	pairAt   = 99
	bestPair = pairAt / snapshotEvery * snapshotEvery
	mostBump = 1_000_000_000
)

// pairJudge restores both stores by the commands.
var pairJudge = lessons.CommandsJudge{
	Usage: []string{"restore-etcd ORDER BUMP", "restore-postgresql ORDER"},
	Args:  map[string]func(string) error{"ORDER": within("order", 1, pairAt), "BUMP": within("bump", 0, mostBump)},
	Most:  6,
	Run: func(ctx context.Context, env *lessons.Env, cs []lessons.Command) (ms []lessons.Mark, err error) {
		return ms, pg.OnLedger(ctx, func(ctx context.Context, l *pg.Ledger) error {
			return lessons.WithClient(ctx, lessons.Brisk(1), func(ctx context.Context, c *cluster.Real,
				cl *clientv3.Client) error {
				p := &pair{both: &both{Ledger: l, etcd: c, client: cl, dir: env.Dir}}
				env.Say("%d orders for both, and the disaster", pairAt)
				if err := p.work(ctx, pairAt); err != nil {
					return err
				}
				if err := p.lose(ctx); err != nil {
					return err
				}
				for _, c := range cs {
					env.Say("%s", c.Text)
					if err := p.carryOut(ctx, c); err != nil {
						return err
					}
				}
				ms, err = p.judge(ctx)
				return err
			})
		})
	},
}

// within checks that an argument is a whole number between two others.
func within(what string, least, most int) func(string) error {
	return func(arg string) error {
		if n, err := strconv.Atoi(arg); err != nil || n < least || n > most {
			return fmt.Errorf("%q is no %s: use a number from %d to %d", arg, what, least, most)
		}
		return nil
	}
}

// pair is the two stores after the disaster.
type pair struct {
	*both
	restored bool             // whether etcd was
	server   *postgres.Server // that was restored; nil: none
	tries    int
	did      []string
}

// lose loses both stores, and leaves what there was to restore them from.
func (p *pair) lose(ctx context.Context) error {
	for _, m := range p.etcd.Members() {
		m.Crash()
	}
	p.Archive = p.disasters[len(p.disasters)-1].archive
	return p.Live.Stop(ctx, postgres.Kill)
}

// carryOut does a command and notes what came of it. A command that fails is noted, too.
func (p *pair) carryOut(ctx context.Context, c lessons.Command) error {
	said, err := p.command(ctx, c)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		text, _, _ := strings.Cut(err.Error(), "\n")
		said = "failed: " + strings.NewReplacer(p.Home.Dir()+"/", "", p.dir+"/", "").Replace(text)
	}
	p.did = append(p.did, c.Text+": "+said)
	return nil
}

func (p *pair) command(ctx context.Context, c lessons.Command) (string, error) {
	order, err := strconv.Atoi(c.Args[0])
	if err != nil {
		return "", err
	}
	if c.Verb == "restore-etcd" {
		bump, err := strconv.ParseInt(c.Args[1], 10, 64)
		if err != nil {
			return "", err
		}
		if order%snapshotEvery != 0 {
			return fmt.Sprintf("there is no snapshot after order %d", order), nil
		}
		if err := p.etcd.Restore(ctx, filepath.Join(p.dir, snapshotFile(order)), bump); err != nil {
			return "", err
		}
		p.restored = true
		return "restored", nil
	}
	p.tries++
	f, srv, err := p.Recover(ctx, fmt.Sprint("new-", p.tries), "monday", map[string]string{
		"recovery_target_time": pg.Stamp(p.at[order-1]), "recovery_target_action": "promote"})
	if err != nil {
		return "", err
	}
	if f.Refused != "" {
		return "refused: " + f.Refused, nil
	}
	p.server = srv
	return f.String() + " orders", nil
}

func (p *pair) judge(ctx context.Context) ([]lessons.Mark, error) {
	inEtcd, inServer, missed := 0, 0, 0
	if p.server != nil {
		f, err := pg.Look(ctx, p.server)
		if err != nil {
			return nil, err
		}
		inServer = f.Rows
	}
	if p.restored {
		var err error
		if inEtcd, _, err = p.inEtcd(ctx); err != nil {
			return nil, err
		}
		if missed, err = p.watch(ctx); err != nil {
			return nil, err
		}
	}
	did := strings.Join(p.did, "; ")
	if did == "" {
		did = "nothing was done"
	}
	same := p.restored && p.server != nil && inEtcd == inServer
	heard := fmt.Sprintf("it does not hear of %d orders", missed)
	if !p.restored {
		heard = "not judged: there is no etcd"
	}
	return []lessons.Mark{
		lessons.Marked(same, 4, "both have the same orders", fmt.Sprintf("etcd has %d, PostgreSQL %d (%s)", inEtcd, inServer,
			did), "one of them can be brought to any moment, the other can't"),
		lessons.Marked(same && inEtcd >= bestPair, 3, fmt.Sprintf("they have %d, the most that is possible", bestPair),
			fmt.Sprintf("etcd has %d, PostgreSQL %d", inEtcd, inServer), "which is the newest snapshot?"),
		lessons.Marked(p.restored && missed == 0, 3, "a client that goes on with its watch hears of the next order, or is "+
			"told to start anew", heard, "the revision must be above all that clients have seen"),
	}, nil
}
