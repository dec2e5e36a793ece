package etcdsim

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/status"

	"quorumlab/sim"
)

// watcher is a client that watches a key. It knows the addresses of all members and switches to
// another one if the one that it asked is gone, from the revision after the last that it saw.
type watcher struct {
	r       *run
	key     string
	how     sim.WatchHow
	only    sim.MemberID // that it asks; 0: several
	id      uint64
	client  uint32
	ctx     context.Context // ends when the watch is to
	answers uint32          // with events so far
	open    bool            // it has begun and not ended
}

// Watch begins to follow a key. The watch begins as soon as a member answers, with what is written
// after that unless it says from where.
func (p powers) Watch(key string, how sim.WatchHow, via []sim.MemberID) (stop func() error, err error) {
	r := p.r
	cl, err := r.cluster.Client(via...)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.watches++
	w := &watcher{r: r, key: key, how: how, id: r.watches, client: uint32(r.s.Workload.Clients) + 1 + uint32(r.watches)}
	r.mu.Unlock()
	if len(via) == 1 {
		w.only = via[0]
	}
	var end context.CancelFunc
	w.ctx, end = context.WithCancel(r.ctx)
	if how.RequireLeader {
		w.ctx = clientv3.WithRequireLeader(w.ctx)
	}
	over := make(chan struct{})
	if how.Progress {
		r.work.Go(func() { w.askProgress(cl) })
	}
	r.work.Go(func() {
		defer close(over)
		defer cl.Close()
		defer end()
		at := how.From
		if at == 0 && len(via) == 0 {
			at = w.begin(cl)
		}
		w.follow(cl, at)
	})
	return func() error {
		end()
		<-over
		return nil
	}, nil
}

// begin finds the revision to begin at.
func (w *watcher) begin(cl *clientv3.Client) (revision int64) {
	for w.ctx.Err() == nil {
		ctx, cancel := context.WithTimeout(w.ctx, askTimeout)
		r, err := cl.Get(ctx, w.key)
		cancel()
		if err == nil {
			return r.Header.Revision + 1
		}
		w.rest()
	}
	return 0
}

func (w *watcher) rest() {
	select {
	case <-time.After(sim.RetryEvery):
	case <-w.ctx.Done():
	}
}

// watchProgressEvery is how often a client asks how far its watch is.
const watchProgressEvery = time.Second

func (w *watcher) askProgress(cl *clientv3.Client) {
	tick := time.NewTicker(watchProgressEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = cl.RequestProgress(w.ctx) // one that gets lost is asked for again
		case <-w.ctx.Done():
			return
		}
	}
}

// follow writes what arrives into the trace until the watch ends. When the server ends it for want of a leader, the
// client goes on from the revision after the last that it has.
func (w *watcher) follow(cl *clientv3.Client, from int64) {
	o := []clientv3.OpOption{clientv3.WithCreatedNotify()}
	if w.how.Prefix {
		o = append(o, clientv3.WithPrefix())
	}
	if w.how.Progress {
		o = append(o, clientv3.WithProgressNotify())
	}
	for w.ctx.Err() == nil {
		compacted := false
		ctx, end := context.WithCancel(w.ctx)
		for answer := range cl.Watch(ctx, w.key, append(o, clientv3.WithRev(from))...) {
			from = max(from, w.take(answer, from))
			compacted = compacted || answer.CompactRevision > 0
		}
		end()
		if compacted {
			return
		}
		w.rest()
	}
	if w.r.ctx.Err() == nil {
		w.record(sim.Event{Kind: sim.KindWatchEnded, Result: sim.OutcomeOK})
	}
}

// take writes an answer into the trace. next is the revision to go on from.
func (w *watcher) take(answer clientv3.WatchResponse, from int64) (next int64) {
	switch {
	case answer.CompactRevision > 0:
		w.ended(sim.Event{Revision: uint64(answer.CompactRevision), Note: answer.Err().Error()})
	case answer.Err() != nil:
		if w.ctx.Err() == nil && w.open {
			w.ended(sim.Event{Note: status.Convert(answer.Err()).Message()})
		}
	case answer.Created:
		if from == 0 {
			from = answer.Header.Revision + 1
		}
		e := sim.Event{Kind: sim.KindWatchBegun, Revision: uint64(from), Member: w.only}
		if w.how.Prefix {
			e.Count = 1
		}
		w.open = true
		w.record(e)
		return from
	case answer.IsProgressNotify():
		w.record(sim.Event{Kind: sim.KindWatchProgress, Revision: uint64(answer.Header.Revision)})
		return answer.Header.Revision + 1
	}
	if len(answer.Events) > 0 {
		w.answers++
	}
	for _, e := range answer.Events {
		arrived := sim.Event{Kind: sim.KindWatchEvent, Key: string(e.Kv.Key), Revision: uint64(e.Kv.ModRevision),
			Count: w.answers}
		if e.Type == clientv3.EventTypePut {
			arrived.Value = numberOf(e.Kv.Value)
		}
		w.record(arrived)
		next = e.Kv.ModRevision + 1
	}
	return next
}

// ended writes that the server has ended the watch.
func (w *watcher) ended(e sim.Event) {
	w.open = false
	e.Kind, e.Result = sim.KindWatchEnded, sim.OutcomeFailed
	w.record(e)
}

func (w *watcher) record(e sim.Event) {
	e.ID, e.Client = w.id, w.client
	if e.Key == "" {
		e.Key = w.key
	}
	w.r.record(e)
}
