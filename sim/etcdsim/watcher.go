package etcdsim

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// watcher is a client that watches a key. It knows the addresses of all members and switches to
// another one if the one that it asked is gone, from the revision after the last that it saw.
type watcher struct {
	r      *run
	key    string
	id     uint64
	client uint32
	ctx    context.Context // ends when the watch is to
}

// Watch begins to follow a key. The watch begins as soon as a member answers, with what is written
// after that.
func (p powers) Watch(key string) (stop func() error, err error) {
	r := p.r
	cl, err := r.cluster.Client()
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.watches++
	w := &watcher{r: r, key: key, id: r.watches, client: uint32(r.s.Workload.Clients) + 1 + uint32(r.watches)}
	r.mu.Unlock()
	var end context.CancelFunc
	w.ctx, end = context.WithCancel(r.ctx)
	over := make(chan struct{})
	r.work.Go(func() {
		defer close(over)
		defer cl.Close()
		defer end()
		if at, ok := w.begin(cl); ok {
			w.follow(cl, at)
		}
	})
	return func() error {
		end()
		<-over
		return nil
	}, nil
}

// begin finds the revision to begin behind.
func (w *watcher) begin(cl *clientv3.Client) (revision int64, ok bool) {
	for w.ctx.Err() == nil {
		ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
		r, err := cl.Get(ctx, w.key)
		cancel()
		if err == nil {
			return r.Header.Revision + 1, true
		}
		select {
		case <-time.After(sim.RetryEvery):
		case <-w.ctx.Done():
		}
	}
	return 0, false
}

// follow writes what arrives into the trace until the watch ends.
func (w *watcher) follow(cl *clientv3.Client, from int64) {
	for answer := range cl.Watch(w.ctx, w.key, clientv3.WithRev(from), clientv3.WithCreatedNotify()) {
		switch {
		case answer.CompactRevision > 0:
			w.record(sim.Event{Kind: sim.KindWatchEnded, Revision: uint64(answer.CompactRevision), Result: sim.OutcomeFailed,
				Note: answer.Err().Error()})
			return
		case answer.Err() != nil:
			if w.ctx.Err() == nil {
				w.record(sim.Event{Kind: sim.KindWatchEnded, Result: sim.OutcomeFailed, Note: answer.Err().Error()})
				return
			}
		case answer.Created:
			w.record(sim.Event{Kind: sim.KindWatchBegun, Revision: uint64(from)})
		}
		for _, e := range answer.Events {
			arrived := sim.Event{Kind: sim.KindWatchEvent, Revision: uint64(e.Kv.ModRevision)}
			if e.Type == clientv3.EventTypePut {
				arrived.Value = numberOf(e.Kv.Value)
			}
			w.record(arrived)
		}
	}
	if w.r.ctx.Err() == nil {
		w.record(sim.Event{Kind: sim.KindWatchEnded, Result: sim.OutcomeOK})
	}
}

func (w *watcher) record(e sim.Event) {
	e.ID, e.Client, e.Key = w.id, w.client, w.key
	w.r.record(e)
}
