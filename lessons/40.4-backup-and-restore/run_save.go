package backupandrestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// sizes are how many orders of 1 KiB the store holds when it is saved.
var sizes = []int{1000, 3000, 9000}

// saved is what saving and restoring a store of so many orders took.
type saved struct {
	orders        int
	bytes         int64
	save, restore time.Duration
}

// runSave saves a store of three sizes and restores each file beside it.
func runSave(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	var rows []saved
	err := lessons.WithClient(ctx, members(3), func(ctx context.Context, c *cluster.Real,
		cl *clientv3.Client) (err error) {
		if rows, err = saveSizes(ctx, env, c, cl); err != nil {
			return err
		}
		env.Say("a write in the middle of a snapshot")
		if err := saveWhileWriting(ctx, env, c, o); err != nil {
			return err
		}
		env.Say("a snapshot of the only surviving member")
		return saveWithoutQuorum(ctx, env, c, o)
	})
	if err != nil {
		return nil, err
	}
	last := rows[len(rows)-1]
	o.Measure("size", float64(last.bytes), sim.Bytes, fmt.Sprintf("size of the snapshot of %d orders of 1 KiB",
		last.orders))
	o.Measure("save", sim.MillisOf(last.save), sim.Millis, "time to save it")
	o.Measure("restore", sim.MillisOf(last.restore), sim.Millis, "time to restore it to one member's data")
	o.Tables = append(o.Tables, tableOfSizes(rows))
	return o, o.Draw(chartOfSizes(rows))
}

func saveSizes(ctx context.Context, env *lessons.Env, c *cluster.Real, cl *clientv3.Client) (rows []saved, err error) {
	value, have := strings.Repeat(".", 1<<10), 0
	for _, n := range sizes {
		env.Say("%d orders of 1 KiB", n)
		if err := fill(ctx, cl, have+1, n, value); err != nil {
			return nil, err
		}
		have = n
		file := filepath.Join(env.Dir, fmt.Sprintf("%d.db", n))
		begin := time.Now()
		s, err := c.Snapshot(ctx, 1, file)
		if err != nil {
			return nil, err
		}
		row := saved{orders: n, bytes: s.Size, save: time.Since(begin)}
		begin = time.Now()
		a, err := cluster.SnapshotTool{}.Restore(ctx, file, filepath.Join(env.Dir, fmt.Sprint(n)))
		if err != nil || !a.OK() {
			return nil, errors.Join(err, fmt.Errorf("a whole snapshot is rejected: %+v", a))
		}
		row.restore = time.Since(begin)
		rows = append(rows, row)
	}
	return rows, nil
}

// saveWhileWriting reads the first piece of a snapshot, writes an order, and reads the rest.
func saveWhileWriting(ctx context.Context, env *lessons.Env, c *cluster.Real, o *lessons.Observations) (err error) {
	cl, err := c.Client(1)
	if err != nil {
		return err
	}
	defer cl.Close()
	before, err := look(ctx, cl)
	if err != nil {
		return err
	}
	file := filepath.Join(env.Dir, "while-writing.db")
	during, err := saveAround(ctx, cl, file, func() (string, error) {
		return askFor(ctx, lessons.Enough, func(ctx context.Context) error {
			_, err := cl.Put(ctx, order(before.orders+1), "paid")
			return err
		})
	})
	if err != nil {
		return err
	}
	s, err := cluster.ReadSnapshot(file)
	if err != nil {
		return err
	}
	o.Tell("write.during", during, "a write while a snapshot is being read")
	o.Count("behind", float64(before.revision+1-s.Revision),
		"how many revisions the finished snapshot is behind the store")
	return nil
}

// saveAround saves a snapshot and does something when its first piece has come.
func saveAround(ctx context.Context, cl *clientv3.Client, file string, do func() (string, error)) (did string,
	err error) {
	r, err := cl.Snapshot(ctx)
	if err != nil {
		return "", err
	}
	defer r.Close()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.CopyN(f, r, 1); err != nil {
		return "", err
	}
	if did, err = do(); err != nil {
		return "", err
	}
	_, err = io.Copy(f, r)
	return did, err
}

// saveWithoutQuorum kills two members of three and saves what the third has.
func saveWithoutQuorum(ctx context.Context, env *lessons.Env, c *cluster.Real, o *lessons.Observations) error {
	c.Member(2).Crash()
	c.Member(3).Crash()
	file := filepath.Join(env.Dir, "without-quorum.db")
	how, err := askFor(ctx, lessons.Enough, func(ctx context.Context) error {
		_, err := c.Snapshot(ctx, 1, file)
		return err
	})
	if err != nil {
		return err
	}
	o.Tell("without.quorum", how, "a snapshot of the one surviving member of three")
	a, err := cluster.SnapshotTool{}.Status(ctx, file)
	if err != nil {
		return err
	}
	o.Count("without.quorum.orders", float64(a.Keys), "orders in it")
	return nil
}
