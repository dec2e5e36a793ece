package compactionanddefragmentation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// members are n of them in this process, with a quota.
func members(n int, quota sim.Size) cluster.Options {
	o := lessons.Brisk(n)
	o.Store.Quota, o.Seed = quota, 1
	return o
}

// overwrite puts keys over and over, numbered from 0 to keys, until so many puts are done or
// the store is full. It tells how many were.
func overwrite(ctx context.Context, cl *clientv3.Client, puts, keys int, size sim.Size) (done int, err error) {
	value := strings.Repeat(".", int(size))
	for done < puts {
		if _, err := cl.Put(ctx, fmt.Sprintf("load/%04d", done%keys), value); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// word is how a request was answered: "ok" or etcd's words, without who says them.
func word(err error) string {
	if err == nil {
		return "ok"
	}
	return lessons.InEtcdsWords(err)
}

// noSpace is etcd's refusal of a write when the store is full.
var noSpace = word(rpctypes.ErrNoSpace)

// counting is how long the freed pages of a member may take until they are counted as free.
const counting = 5 * time.Second

// compactAll compacts up to the newest revision and waits until every member has freed what
// it could, each in its own time.
func compactAll(ctx context.Context, c *cluster.Real) error {
	if err := c.Compact(ctx, 0); err != nil {
		return err
	}
	cl, err := c.Client()
	if err != nil {
		return err
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(ctx, counting)
	defer cancel()
	for _, m := range c.Members() {
		if err := lessons.Until(ctx, func() (bool, error) {
			s, err := c.StoreStatus(ctx, m.ID)
			if err != nil || s.InUse < s.Size/2 {
				return true, err
			}
			// What one commit of the database has freed is free from the next one on, and there is
			// none while nothing is asked for. A full store takes deletes.
			_, err = cl.Delete(ctx, "nothing")
			return false, err
		}); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil // a member that counts later has compacted all the same
}
