package backupandrestore

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// Orders are written, a snapshot is taken behind every twenty-fifth of the first hundred,
// and then all members die.
const (
	snapshotEvery = 25
	snapshots     = 4
	written       = 125
)

// backup is one of them.
type backup struct {
	file   string
	at     time.Duration // when it was taken, since the first order
	orders int           // in it
}

// runLost loses a whole cluster and restores the newest snapshot.
func runLost(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, lessons.WithClient(ctx, members(3), func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
		env.Say("%d orders, a snapshot every %d", written, snapshotEvery)
		backups, end, err := writeAndSave(ctx, env, c, cl)
		if err != nil {
			return err
		}
		before, err := look(ctx, cl)
		if err != nil {
			return err
		}
		env.Say("kill -9 of all three, then a restore of the newest snapshot")
		for _, m := range c.Members() {
			m.Crash()
		}
		begin := time.Now()
		if err := c.Restore(ctx, backups[len(backups)-1].file, 0); err != nil {
			return err
		}
		took := time.Since(begin)
		after, err := look(ctx, cl)
		if err != nil {
			return err
		}
		if err := tellLost(ctx, cl, before, after, o); err != nil {
			return err
		}
		o.Measure("recovery", sim.MillisOf(took), sim.Millis, "time from the kill until all three members answer")
		return o.Draw(chartOfLoss(backups, end))
	})
}

// writeAndSave tells also when the last order was acknowledged.
func writeAndSave(ctx context.Context, env *lessons.Env, c *cluster.Real, cl *clientv3.Client) (bs []backup,
	end time.Duration, err error) {
	begin := time.Now()
	for i := range snapshots {
		n := (i + 1) * snapshotEvery
		if err := write(ctx, cl, n-snapshotEvery+1, n); err != nil {
			return nil, 0, err
		}
		if err := arrived(ctx, c, 1); err != nil {
			return nil, 0, err
		}
		b := backup{file: filepath.Join(env.Dir, fmt.Sprintf("backup-%d.db", n)), at: time.Since(begin)}
		if _, err := c.Snapshot(ctx, 1, b.file); err != nil {
			return nil, 0, err
		}
		values, err := valuesIn(b.file)
		if err != nil {
			return nil, 0, err
		}
		b.orders = len(values)
		bs = append(bs, b)
	}
	err = write(ctx, cl, snapshots*snapshotEvery+1, written)
	return bs, time.Since(begin), err
}

// arrived waits until a member has what was acknowledged: another one may have done so.
func arrived(ctx context.Context, c *cluster.Real, id sim.MemberID) error {
	cl, err := c.Client(id)
	if err != nil {
		return err
	}
	defer cl.Close()
	_, err = look(ctx, cl) // a linearizable read: what was acknowledged is there
	return err
}

func tellLost(ctx context.Context, cl *clientv3.Client, before, after held, o *lessons.Observations) error {
	o.Count("lost", float64(before.orders-after.orders), "acknowledged orders that are gone")
	o.Count("revision.before", float64(before.revision), "the store's revision when it died")
	o.Count("revision.after", float64(after.revision), "the restored store's revision")
	same := "another"
	if before.cluster == after.cluster {
		same = "the same"
	}
	o.Tell("cluster.id", same, "the cluster ID after the restore, compared with the one before")
	r, err := cl.Put(ctx, "returned", "after the restore")
	if err != nil {
		return err
	}
	o.Count("revision.again", float64(r.Header.Revision), "the revision of the first write after the restore: a lost "+
		"order had it before")
	return nil
}
