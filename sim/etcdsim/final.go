package etcdsim

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// page is how many keys a read of all of them takes at a time.
const page = 1000

// finalReads reads each key that the clients used, linearizably, after the last operation. A cluster
// that does not answer within the clients' timeout has no such events.
func (r *run) finalReads() {
	r.load.mu.Lock()
	keys := slices.Sorted(maps.Keys(r.load.used))
	r.load.mu.Unlock()
	if len(keys) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.load.timeout)
	defer cancel()
	for ctx.Err() == nil {
		for _, id := range r.serving() {
			if all, err := readAll(ctx, r.load.conn(id), keys[0], keys[len(keys)-1]); err == nil {
				for _, key := range keys {
					e := all[key]
					r.record(sim.Event{Kind: sim.KindFinal, Member: id, Key: key, Value: e.Value, Revision: e.Revision})
				}
				return
			}
		}
		select {
		case <-time.After(sim.RetryEvery):
		case <-ctx.Done():
		}
	}
}

// readAll reads all keys between two, these included, at one revision, as that of a linearizable read.
func readAll(ctx context.Context, c conn, from, to string) (map[string]sim.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	all := map[string]sim.Event{}
	rev := int64(0)
	for {
		r, err := c.Get(ctx, from, clientv3.WithRange(to+"\x00"), clientv3.WithLimit(page), clientv3.WithRev(rev))
		if err != nil {
			return nil, err
		}
		for _, kv := range r.Kvs {
			all[string(kv.Key)] = sim.Event{Value: numberOf(kv.Value), Revision: uint64(kv.ModRevision)}
			from = string(kv.Key) + "\x00"
		}
		if !r.More {
			return all, nil
		}
		if rev == 0 {
			rev = r.Header.Revision
		}
	}
}

// settleTime is how long the members may take to catch up with each other at the end of a run.
const settleTime = 2 * time.Second

// hashes writes what each member that is up and not paused holds, once all of them hold as much or
// have had their time.
func (r *run) hashes() {
	ctx, cancel := context.WithTimeout(r.ctx, settleTime)
	defer cancel()
	up := slices.DeleteFunc(r.cluster.Members(), func(m *cluster.Member) bool {
		r.mu.Lock()
		v := *r.view(m.ID)
		r.mu.Unlock()
		if !v.up || v.paused || v.disk.Stalled {
			return true
		}
		_, started := m.Status()
		return !started
	})
	for !level(up) && ctx.Err() == nil {
		select {
		case <-time.After(sim.RetryEvery):
		case <-ctx.Done():
		}
	}
	for _, m := range up {
		r.hash(m)
	}
}

// level reports whether the members have applied the same entries.
func level(ms []*cluster.Member) bool {
	var first uint64
	for i, m := range ms {
		s, up := m.Status()
		if !up {
			continue
		}
		if i == 0 {
			first = s.Applied
		}
		if s.Applied != first {
			return false
		}
	}
	return true
}

func (r *run) hash(m *cluster.Member) {
	ctx, cancel := context.WithTimeout(r.ctx, askTimeout)
	defer cancel()
	h, err := m.Hash(ctx)
	if errors.Is(err, cluster.ErrDown) { // which the trace says already
		return
	}
	if err != nil {
		r.note(m.ID, "hash: "+err.Error())
		return
	}
	r.record(sim.Event{Kind: sim.KindHash, Member: m.ID, Index: h.Applied, Revision: uint64(h.Revision),
		Value: uint64(h.Hash)})
}
