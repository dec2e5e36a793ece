package backupandrestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim/etcdsim/cluster"
)

// A snapshot is taken behind the twentieth order, the watch has seen fifty when the store is
// restored, and another fifty follow.
const (
	savedOrders = 20
	seenOrders  = 50
	moreOrders  = 50
)

// bumps are by how much the restores raise the revision, with the names of their facts.
var bumps = []struct {
	name string
	by   int64
}{{"plain", 0}, {"short", 10}, {"bumped", 100}}

// story is what became of a watch across a restore.
type story struct {
	bump     int64
	writes   []int64 // the revision of each order, those before the restore first
	heard    []int64 // the revisions that the watch delivered after the restore
	refusal  string  // what the watch was told; empty: nothing
	restored int64   // the revision that the store began with again
}

// runWatch restores three times and has a client go on with its watch.
func runWatch(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	stories := make([]story, len(bumps))
	env.Say("three clusters, each with a watch, restored with bumps of 0, 10 and 100")
	errs := make([]error, len(bumps))
	var work sync.WaitGroup
	for i, b := range bumps {
		work.Go(func() {
			file := filepath.Join(env.Dir, b.name+".db")
			errs[i] = lessons.WithVirtual(ctx, lessons.Brisk(1), func(ctx context.Context, c *cluster.Real,
				cl *clientv3.Client) (err error) {
				stories[i], err = watchAcross(ctx, c, cl, file, b.by)
				return err
			})
		})
	}
	work.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	o := &lessons.Observations{}
	for i, b := range bumps {
		stories[i].tell(o, b.name)
	}
	return o, o.DrawExact(chartOfWatches(stories))
}

// watchAcross writes, saves, writes on, restores and writes again, with one watch open all
// the time.
func watchAcross(ctx context.Context, c *cluster.Real, cl *clientv3.Client, file string, bump int64) (story, error) {
	s := story{bump: bump}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := cl.Watch(ctx, orders, clientv3.WithPrefix(), clientv3.WithRev(1))
	if err := s.write(ctx, cl, 1, savedOrders); err != nil {
		return s, err
	}
	if _, err := c.Snapshot(ctx, 1, file); err != nil {
		return s, err
	}
	if err := s.write(ctx, cl, savedOrders+1, seenOrders); err != nil {
		return s, err
	}
	if err := hear(ctx, watch, s.last(), nil); err != nil {
		return s, err
	}
	if err := c.Restore(ctx, file, bump); err != nil {
		return s, err
	}
	h, err := look(ctx, cl)
	if err != nil {
		return s, err
	}
	s.restored = h.revision
	if err := s.write(ctx, cl, h.orders+1, h.orders+moreOrders); err != nil {
		return s, err
	}
	err = hear(ctx, watch, s.last(), &s.heard)
	if errors.Is(err, rpctypes.ErrCompacted) {
		s.refusal, err = lessons.InEtcdsWords(err), nil
	}
	return s, err
}

// write writes orders and keeps their revisions.
func (s *story) write(ctx context.Context, cl *clientv3.Client, from, to int) error {
	for n := from; n <= to; n++ {
		r, err := cl.Put(ctx, order(n), "paid")
		if err != nil {
			return fmt.Errorf("order %d: %w", n, err)
		}
		s.writes = append(s.writes, r.Header.Revision)
	}
	return nil
}

func (s *story) last() int64 { return s.writes[len(s.writes)-1] }

// hear takes what a watch delivers, until it has come to a revision. Errors are the watch's
// and ctx's.
func hear(ctx context.Context, watch clientv3.WatchChan, until int64, into *[]int64) error {
	for answer := range watch {
		if err := answer.Err(); err != nil {
			return err
		}
		for _, e := range answer.Events {
			if into != nil {
				*into = append(*into, e.Kv.ModRevision)
			}
			if e.Kv.ModRevision >= until {
				return nil
			}
		}
	}
	return errors.Join(ctx.Err(), errors.New("the watch ended"))
}

// missed is how many of the orders after the restore the watch never delivered.
func (s *story) missed() int { return moreOrders - len(s.heard) }

// position is the revision that the watch waits for.
func (s *story) position() int64 { return s.writes[seenOrders-1] + 1 }

func (s *story) tell(o *lessons.Observations, name string) {
	told := s.refusal
	if told == "" {
		told = "nothing"
	}
	o.Tell(name+".told", told, fmt.Sprintf("the response to the watch after a restore with a bump of %d", s.bump))
	o.Count(name+".revision", float64(s.restored), "the restored store's revision; the watch waits for revision "+
		fmt.Sprint(s.position()))
	if s.refusal == "" {
		o.Count(name+".missed", float64(s.missed()), "orders after the restore that the watch never delivers")
	}
}
