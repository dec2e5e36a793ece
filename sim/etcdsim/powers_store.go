package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

var _ sim.StoreOperator = powers{}

// storeTimeout is how long one compaction or one deletion may take before it is asked for again.
const storeTimeout = 10 * time.Second

// Compact drops the store's old revisions, as soon as there is a leader.
func (p powers) Compact(rev int64) error {
	p.r.stores.inTurn(func() error {
		to := rev
		err := p.r.askLeader(storeTimeout, func(ctx context.Context, c *clientv3.Client) (err error) {
			to, err = cluster.CompactAs(ctx, c, rev)
			return err
		}, func(err error) bool {
			return errors.Is(err, rpctypes.ErrCompacted) || errors.Is(err, rpctypes.ErrFutureRev)
		})
		if err == nil {
			p.r.awaitCompaction(uint64(to))
		}
		return err
	})
	return nil
}

// awaitCompaction waits until the members that follow have compacted too, each in its own time, so
// that what comes next in the script finds their space free. It gives up after askTimeout.
func (r *run) awaitCompaction(to uint64) {
	ctx, cancel := context.WithTimeout(r.ctx, askTimeout)
	defer cancel()
	for !r.compacted(to) {
		select {
		case <-time.After(sim.RetryEvery):
		case <-ctx.Done():
			return
		}
	}
}

// compacted reports whether every member that can has dropped the revisions up to there.
func (r *run) compacted(to uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.views {
		if v.up && !v.paused && !v.disk.Stalled && v.lead != 0 && v.compacted < to {
			return false
		}
	}
	return true
}

// Fill writes many keys.
func (p powers) Fill(n int64, size sim.Size) error {
	p.r.stores.inTurn(func() error { return p.r.load.fill(n, size) })
	return nil
}

// Delete deletes the first of them.
func (p powers) Delete(n int64) error {
	p.r.stores.inTurn(func() error {
		return p.r.askLeader(storeTimeout, func(ctx context.Context, c *clientv3.Client) error {
			_, err := c.Delete(ctx, sim.FillKey(0), clientv3.WithRange(sim.FillKey(n)))
			return err
		})
	})
	return nil
}

// Defrag rewrites database files.
func (p powers) Defrag(ms []sim.MemberID) error {
	p.r.stores.inTurn(func() error {
		var errs []error
		for _, id := range cluster.LeaderLast(ms, p.Leader()) {
			if err := p.r.stores.defrag(id); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", p.r.scenario().MemberName(id), err))
			}
		}
		if err := errors.Join(errs...); len(errs) < len(ms) && err != nil {
			return sim.InPart(err)
		}
		return errors.Join(errs...)
	})
	return nil
}

// SetQuota limits the database files from the next starts on.
func (p powers) SetQuota(q sim.Size) error {
	p.r.cluster.SetQuota(q)
	return nil
}

// Disarm clears all alarms.
func (p powers) Disarm() error {
	p.r.stores.inTurn(p.r.stores.disarm)
	return nil
}

// fillers is how many keys fill writes at the same time: enough that the members' disks are not
// waited for with every key.
const fillers = 8

// fill writes n keys.
func (l *load) fill(n int64, size sim.Size) error {
	if !l.wait(l.first) {
		return sim.Unfinished(sim.ErrRunEnded)
	}
	done, err := l.writeAll(l.r.ctx, filler, n, fillers, func(i int64) *op {
		return &op{key: sim.FillKey(i), size: size, brief: true}
	})
	if err != nil {
		return fmt.Errorf("stopped at %d of %d keys: %w", done, n, err)
	}
	return nil
}

// writeAll writes n operations of the client who, so many at the same time, and each until it is
// acknowledged. It tells how many were. Errors: the store is full, or the time is over.
func (l *load) writeAll(ctx context.Context, who int, n, atOnce int64, draft func(i int64) *op) (int64, error) {
	var next, done atomic.Int64
	var full atomic.Bool
	var work sync.WaitGroup
	for range min(atOnce, n) {
		work.Go(func() {
			for !full.Load() {
				i := next.Add(1) - 1
				if i >= n {
					return
				}
				switch err := l.insist(ctx, who, func() *op { return draft(i) }); {
				case errors.Is(err, rpctypes.ErrNoSpace):
					full.Store(true)
				case err != nil:
					return
				default:
					done.Add(1)
				}
			}
		})
	}
	work.Wait()
	switch {
	case full.Load():
		return done.Load(), rpctypes.ErrNoSpace
	case done.Load() < n:
		return done.Load(), sim.Unfinished(sim.ErrRunEnded)
	}
	return n, nil
}

// insist writes until it is acknowledged, the store is full, or the time is over.
func (l *load) insist(ctx context.Context, who int, draft func() *op) error {
	for {
		o := draft()
		if ctx.Err() != nil || !l.write(who, o) {
			return sim.Unfinished(sim.ErrRunEnded)
		}
		switch a := l.carryOut(o); {
		case a.result == sim.OutcomeOK:
			return nil
		case a.alarm == sim.AlarmNoSpace:
			return rpctypes.ErrNoSpace
		}
		select {
		case <-time.After(sim.RetryEvery):
		case <-l.last:
		case <-ctx.Done():
		}
	}
}

// snapshotBuffers is how much of a snapshot may be on its way between a member and a client that does
// not read: the streams' windows of 64 KiB, what the member sends ahead, and what lies in pipes.
const snapshotBuffers = 512 << 10

// HoldSnapshot begins to read a snapshot on a connection of its own, with the least window, and stops
// after the first piece.
func (p powers) HoldSnapshot(id sim.MemberID) (release func() error, err error) {
	m := p.r.cluster.Member(id)
	if !p.r.serves(id) {
		return nil, refused("%s is down or paused", m.Name)
	}
	c, err := m.Dial(grpc.WithInitialWindowSize(64<<10), grpc.WithInitialConnWindowSize(64<<10))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(p.r.ctx)
	let := func() error {
		cancel()
		_ = c.Close() // it says that the context is done
		return nil
	}
	defer func() {
		if err != nil {
			_ = let()
		}
	}()
	late := time.AfterFunc(askTimeout, cancel)
	defer late.Stop()
	left, err := firstPiece(ctx, c)
	switch {
	case err != nil:
		return nil, said(id, err)
	case left < snapshotBuffers:
		return nil, refused("the database of less than %v of %s is sent before anything can hold it up",
			sim.Size(snapshotBuffers), m.Name)
	}
	context.AfterFunc(ctx, func() { _ = c.Close() }) // at the end of the run at the latest
	e := p.r.errand
	p.r.work.Go(func() {
		c.ActiveConnection().WaitForStateChange(ctx, connectivity.Ready)
		if ctx.Err() == nil && !p.r.isOver() {
			p.r.undone(e, fmt.Errorf("the connection to %s was lost, and the snapshot with it", m.Name))
		}
	})
	return let, nil
}

// firstPiece begins to read a snapshot and returns how many bytes are still to come.
func firstPiece(ctx context.Context, cl *clientv3.Client) (left uint64, err error) {
	stream, err := etcdserverpb.NewMaintenanceClient(cl.ActiveConnection()).Snapshot(ctx, &etcdserverpb.SnapshotRequest{})
	if err != nil {
		return 0, err
	}
	r, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return 0, io.ErrUnexpectedEOF
	}
	return r.GetRemainingBytes(), err
}
