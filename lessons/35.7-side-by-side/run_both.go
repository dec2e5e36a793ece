package sidebyside

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/internal/postgres"
	"quorumlab/lessons"
	"quorumlab/lessons/pg"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// The story is told in orders: when each store is saved, when everything is lost, and when somebody deletes all orders.
const (
	snapshotEvery = 25
	archiveEvery  = 10
	baseAt        = 25
	mistakeAt     = 110
	inTheEnd      = 119
)

// disasters are the orders after which everything is lost.
var disasters = []int{34, 64, 74, 99}

// feed is a replication slot, by which somebody follows the changes.
const feed = "feed"

// disaster is a moment at which both stores are lost, what there is then to restore, and what came back.
type disaster struct {
	at       int
	snapshot string           // the newest
	archive  postgres.Archive // a copy of the archive as it is then

	etcd, pg         int           // orders restored
	etcdTook, pgTook time.Duration // from the loss until it answers
}

// both are an etcd cluster and a PostgreSQL server that get the same orders.
type both struct {
	*pg.Ledger
	etcd   *cluster.Real
	client *clientv3.Client
	dir    string // for snapshots
	newest string // snapshot

	disasters []*disaster
	before    time.Time   // of the mistake
	saved     string      // the newest snapshot then
	revision  int64       // of etcd at the last disaster
	at        []time.Time // when PostgreSQL had each order
}

const orders = "orders/"

// runBoth writes to both, saves both, loses both at several moments, and undoes a mistake in both.
func runBoth(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, pg.OnLedger(ctx, func(ctx context.Context, l *pg.Ledger) error {
		return lessons.WithClient(ctx, lessons.Brisk(3), func(ctx context.Context, c *cluster.Real,
			cl *clientv3.Client) error {
			b := &both{Ledger: l, etcd: c, client: cl, dir: env.Dir}
			env.Say("%d orders for both; a snapshot every %d, WAL archived every %d", inTheEnd, snapshotEvery, archiveEvery)
			if err := b.work(ctx, inTheEnd); err != nil {
				return err
			}
			for _, d := range b.disasters {
				env.Say("everything is lost after order %d", d.at)
				if err := b.restore(ctx, d); err != nil {
					return err
				}
				o.Count(fmt.Sprintf("etcd.lost.%d", d.at), float64(d.at-d.etcd), fmt.Sprintf("orders that etcd lacks after a "+
					"loss at order %d", d.at))
				o.Count(fmt.Sprintf("pg.lost.%d", d.at), float64(d.at-d.pg), "and PostgreSQL")
			}
			return b.finish(ctx, env, o)
		})
	})
}

// finish looks at what clients see, and undoes the mistake.
func (b *both) finish(ctx context.Context, env *lessons.Env, o *lessons.Observations) error {
	env.Say("what clients see")
	last := b.disasters[len(b.disasters)-1]
	o.Measure("etcd.took", sim.MillisOf(last.etcdTook), sim.Millis, "time from the last loss until all members of etcd "+
		"answer")
	o.Measure("pg.took", sim.MillisOf(last.pgTook), sim.Millis, "and until PostgreSQL does")
	missed, err := b.watch(ctx)
	if err != nil {
		return err
	}
	o.Tell("etcd.heard", lessons.YesNo(missed == 0), "whether a watch that goes on hears of the first order after the "+
		"restore")
	// It is one client, which has asked after each restore.
	o.Tell("etcd.connection", "good", "a client of etcd from before the loss, which asks again")
	o.Count("etcd.missed", float64(missed), "orders that it does not hear of")
	if err := b.lookAtSession(ctx, o); err != nil {
		return err
	}
	env.Say("all orders were deleted after order %d: back to before that", mistakeAt)
	m, err := b.undo(ctx)
	if err != nil {
		return err
	}
	o.Count("etcd.mistake", float64(m.etcd), "orders in the newest snapshot from before the mistake")
	o.Count("pg.mistake", float64(m.pg), "orders after a recovery to just before it")
	o.Count("pg.no-target", float64(m.noTarget), "orders after a recovery without a target")
	o.Tables = append(o.Tables, b.Commands())
	return o.Draw(chartOfBoth(b.disasters, m, missed))
}

// work writes so many orders, saves both stores, and keeps what there is at each disaster.
func (b *both) work(ctx context.Context, most int) error {
	if err := b.Live.Exec(ctx, "", "select pg_create_physical_replication_slot('"+feed+"')"); err != nil {
		return err
	}
	for n := 1; n <= most; n++ {
		if err := b.order(ctx, n); err != nil {
			return err
		}
		if n%snapshotEvery == 0 {
			if err := b.snapshot(ctx, n); err != nil {
				return err
			}
			b.Note("etcdctl snapshot save "+filepath.Base(b.newest), fmt.Sprintf("%d orders", n))
		}
		if n == baseAt {
			if err := b.BackUp(ctx, "monday"); err != nil {
				return err
			}
		}
		if n%archiveEvery == 0 || n == baseAt || n == inTheEnd {
			segment, err := b.Live.SwitchWAL(ctx, b.Archive)
			if err != nil {
				return err
			}
			b.Note("archive_command of "+segment, fmt.Sprintf("%d orders", n))
		}
		if slices.Contains(disasters, n) {
			if err := b.keep(ctx, n); err != nil {
				return err
			}
		}
		if n == mistakeAt {
			if err := b.mistake(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// snapshotFile is the name of the snapshot after an order.
func snapshotFile(n int) string { return fmt.Sprintf("after-%d.db", n) }

// snapshot saves etcd by its first member, when that has all orders: others may have acknowledged them.
func (b *both) snapshot(ctx context.Context, n int) error {
	first, err := b.etcd.Client(1)
	if err != nil {
		return err
	}
	defer first.Close()
	if _, err := first.Get(ctx, orders, clientv3.WithPrefix(), clientv3.WithCountOnly()); err != nil { // linearizable
		return err
	}
	b.newest = filepath.Join(b.dir, snapshotFile(n))
	_, err = b.etcd.Snapshot(ctx, 1, b.newest)
	return err
}

// oneTry is how long one request may take before it is sent again.
const oneTry = 3 * time.Second

// order writes an order to both stores.
func (b *both) order(ctx context.Context, n int) error {
	at, err := pg.Book(ctx, b.Live, n, n)
	if err != nil {
		return err
	}
	b.at = append(b.at, at...)
	return b.put(ctx, n)
}

func (b *both) put(ctx context.Context, n int) error {
	_, err := b.client.Put(ctx, fmt.Sprintf("%s%06d", orders, n), "paid")
	return err
}

// inEtcd is how many orders etcd has, and its revision.
func (b *both) inEtcd(ctx context.Context) (n int, revision int64, err error) {
	err = lessons.Insist(ctx, oneTry, func(ctx context.Context) error {
		r, err := b.client.Get(ctx, orders, clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err == nil {
			n, revision = int(r.Count), r.Header.Revision
		}
		return err
	})
	return n, revision, err
}

// keep keeps what there is to restore at a moment.
func (b *both) keep(ctx context.Context, n int) (err error) {
	d := &disaster{at: n, snapshot: b.newest}
	if d.archive.Dir, err = b.Home.Folder(fmt.Sprintf("archive-at-%d", n)); err != nil {
		return err
	}
	names, err := b.Archive.Segments()
	if err != nil {
		return err
	}
	for _, name := range names { // nobody writes into them
		if err := os.Link(filepath.Join(b.Archive.Dir, name), filepath.Join(d.archive.Dir, name)); err != nil {
			return err
		}
	}
	b.disasters = append(b.disasters, d)
	_, b.revision, err = b.inEtcd(ctx)
	return err
}

// mistake deletes all orders from both.
func (b *both) mistake(ctx context.Context) (err error) {
	b.saved = b.newest
	if b.before, err = pg.Now(ctx, b.Live); err != nil {
		return err
	}
	b.Note("etcdctl del --prefix orders/; psql -c 'delete from ledger'", "somebody's mistake")
	if err := b.Live.Exec(ctx, "", "delete from ledger"); err != nil {
		return err
	}
	_, err = b.client.Delete(ctx, orders, clientv3.WithPrefix())
	return err
}

// restore restores both from what there was at a disaster.
func (b *both) restore(ctx context.Context, d *disaster) (err error) {
	began := time.Now()
	if err := b.etcd.Restore(ctx, d.snapshot, 0); err != nil { // it kills all members first
		return err
	}
	if d.etcd, _, err = b.inEtcd(ctx); err != nil {
		return err
	}
	d.etcdTook = time.Since(began)
	b.Note("etcdutl snapshot restore "+filepath.Base(d.snapshot), fmt.Sprintf("%d orders", d.etcd))
	archive := b.Archive
	b.Archive = d.archive
	defer func() { b.Archive = archive }()
	began = time.Now()
	f, err := b.Try(ctx, fmt.Sprintf("after-%d", d.at), "monday", nil)
	if err != nil {
		return err
	}
	d.pg, d.pgTook = f.Rows, time.Since(began)
	b.Note("postgres on a copy of monday, with the archive as of order "+fmt.Sprint(d.at), f.String()+" orders")
	return nil
}

// watch has a client go on with its watch on the restored etcd, places orders, and tells how many it does not hear of.
// A client that is told to start anew misses none.
func (b *both) watch(ctx context.Context) (missed int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, restored, err := b.inEtcd(ctx)
	if err != nil {
		return 0, err
	}
	heard := b.client.Watch(ctx, orders, clientv3.WithPrefix(), clientv3.WithRev(b.revision+1))
	for revision := restored; revision <= max(restored, b.revision); revision++ {
		if err := b.put(ctx, inTheEnd+int(revision)); err != nil {
			return 0, err
		}
	}
	for r := range heard {
		if err := r.Err(); errors.Is(err, rpctypes.ErrCompacted) {
			return 0, nil
		} else if err != nil {
			return 0, err
		}
		if len(r.Events) > 0 {
			return int(r.Events[0].Kv.ModRevision - (restored + 1)), nil
		}
	}
	return 0, errors.Join(ctx.Err(), errors.New("the watch has ended"))
}

// lookAtSession loses the server under a session, and looks at the restored one.
func (b *both) lookAtSession(ctx context.Context, o *lessons.Observations) error {
	session, err := b.Live.Connect(ctx, "", "")
	if err != nil {
		return err
	}
	defer session.Close(ctx)
	if err := b.Live.Stop(ctx, postgres.Kill); err != nil {
		return err
	}
	f, srv, err := b.Recover(ctx, "session", "monday", nil)
	if err != nil {
		return err
	}
	o.Tell("pg.connection", map[bool]string{true: "broken", false: "good"}[isBroken(ctx, session)],
		"a session of PostgreSQL from before the loss")
	o.Count("pg.timeline", float64(f.Timeline), "the timeline of the restored server; it was 1")
	slots, err := postgres.Value[int](ctx, srv, "", "select count(*) from pg_replication_slots")
	if err != nil {
		return err
	}
	o.Count("pg.slots", float64(slots), "replication slots on it; there was 1, of somebody who follows the changes")
	return srv.Stop(ctx, postgres.Immediate)
}

// isBroken asks on a session.
func isBroken(ctx context.Context, session *pgx.Conn) bool {
	_, err := session.Exec(ctx, "select 1")
	return err != nil
}

// undone is what there is after the mistake was undone.
type undone struct{ etcd, pg, noTarget int }

// undo goes back to before the mistake.
func (b *both) undo(ctx context.Context) (u undone, err error) {
	if err := b.etcd.Restore(ctx, b.saved, 0); err != nil {
		return u, err
	}
	if u.etcd, _, err = b.inEtcd(ctx); err != nil {
		return u, err
	}
	b.Note("etcdutl snapshot restore "+filepath.Base(b.saved), fmt.Sprintf("%d orders", u.etcd))
	f, err := b.Try(ctx, "undone", "monday", map[string]string{"recovery_target_time": pg.Stamp(b.before),
		"recovery_target_action": "promote"})
	if err != nil {
		return u, err
	}
	b.Note("recovery_target_time = just before the mistake", f.String()+" orders")
	latest, err := b.Try(ctx, "latest", "monday", nil)
	u.pg, u.noTarget = f.Rows, latest.Rows
	b.Note("no target", latest.String()+" orders")
	return u, err
}
