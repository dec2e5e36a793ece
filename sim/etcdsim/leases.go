package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"

	"quorumlab/sim"
)

var _ sim.LeaseOperator = powers{}

// leases are the leases of a run.
type leases struct {
	r    *run
	look sync.Once // for the ends of leases

	mu     sync.Mutex
	count  uint64
	named  map[string]*lease // the newest of a name
	byID   map[clientv3.LeaseID]*lease
	again  chan struct{}  // closed when the cluster is a new one
	mine   map[int]*lease // of the load, by client
	random *rand.Rand     // what the load does with them
	taken  map[int]uint64 // how many leases of the load a client had
}

// lease is one lease. What changes is under the lock of leases.
type lease struct {
	number uint64
	name   string
	keys   int64
	ttl    sim.TTL
	of     *app
	got    chan struct{} // closed when the cluster has answered the grant
	id     clientv3.LeaseID
	asked  uint64             // requests so far
	heard  time.Time          // when the cluster granted it last
	denied bool               // the cluster has said that there is no such lease
	leave  context.CancelFunc // ends the keeping alive; nil: it is not kept
	ended  bool
}

func newLeases(r *run) *leases {
	return &leases{
		r: r, named: map[string]*lease{}, byID: map[clientv3.LeaseID]*lease{}, again: make(chan struct{}),
		mine: map[int]*lease{}, taken: map[int]uint64{}, random: sim.Stream(r.s.Seed, "leases"),
	}
}

// ask writes that a client asks for something of its lease, and returns what writes the answer.
func (ls *leases) ask(l *lease, what uint32) (answered func(a sim.Event)) {
	ls.mu.Lock()
	l.asked++
	e := sim.Event{Kind: sim.KindLeaseAsked, ID: l.number, Client: uint32(l.of.number), Key: l.name, Count: what,
		Index: l.asked}
	ls.mu.Unlock()
	asked := e
	if what == sim.LeaseGrant {
		asked.Value, asked.Old = uint64(time.Duration(l.ttl).Milliseconds()), uint64(l.keys)
	}
	ls.r.record(asked)
	return func(a sim.Event) {
		e.Kind, e.Result, e.Value, e.Revision, e.Member, e.Note = sim.KindLeaseAnswered, a.Result, a.Value, a.Revision,
			a.Member, a.Note
		ls.r.record(e)
	}
}

// fate writes what became of a lease.
func (ls *leases) fate(l *lease, e sim.Event) {
	e.Kind, e.ID, e.Key, e.Client = sim.KindLease, l.number, l.name, uint32(l.of.number)
	ls.r.record(e)
}

// answer is what a header says of an answer.
func (ls *leases) answer(h *etcdserverpb.ResponseHeader, ttl int64) sim.Event {
	e := sim.Event{Result: sim.OutcomeOK, Value: uint64(max(0, ttl) * 1000)}
	if h != nil {
		e.Revision, e.Member = uint64(h.Revision), ls.r.cluster.Number(h.MemberId)
	}
	return e
}

// failed is what an error says of an answer.
func failed(err error) sim.Event {
	e := sim.Event{Result: sim.OutcomeUnknown, Note: err.Error()}
	if certain(err) {
		e.Result = sim.OutcomeFailed
	}
	if errors.Is(err, context.DeadlineExceeded) {
		e.Note = "timed out"
	}
	return e
}

// begin makes a lease of that name, which nobody has granted yet.
func (ls *leases) begin(name string, ttl sim.TTL, keys int64, client int) (*lease, error) {
	ls.look.Do(ls.observe)
	of, err := ls.r.apps.get(client)
	if err != nil {
		return nil, err
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.count++
	l := &lease{number: ls.count, name: name, keys: keys, ttl: ttl, of: of, got: make(chan struct{})}
	ls.named[name] = l
	return l, nil
}

// grant asks for the lease and writes its keys. The error is that of the cluster.
func (ls *leases) grant(ctx context.Context, l *lease) error {
	ctx, cancel := context.WithTimeout(ctx, ls.r.load.timeout)
	defer cancel()
	answered := ls.ask(l, sim.LeaseGrant)
	r, err := l.of.Grant(ctx, l.ttl.Seconds())
	if err != nil {
		answered(failed(err))
		close(l.got)
		return err
	}
	ls.mu.Lock()
	l.id, l.heard = r.ID, time.Now()
	ls.byID[l.id] = l
	ls.mu.Unlock()
	answered(ls.answer(r.ResponseHeader, r.TTL))
	close(l.got)
	var puts []clientv3.Op
	for i := range l.keys {
		puts = append(puts, clientv3.OpPut(sim.LeaseKey(l.name, i, l.keys), l.name, clientv3.WithLease(l.id)))
	}
	put, err := l.of.Txn(ctx).Then(puts...).Commit()
	if err != nil {
		return fmt.Errorf("the keys on the lease: %w", err)
	}
	ls.fate(l, sim.Event{Count: sim.LeaseKeyed, Revision: uint64(put.Header.Revision)})
	return nil
}

// keep has etcd's client keep a lease alive until ctx ends, or until it gives up.
func (ls *leases) keep(ctx context.Context, l *lease) {
	select {
	case <-l.got:
	case <-ctx.Done():
		return
	}
	if l.id == 0 {
		return // it was not granted, which the trace says
	}
	answers, err := l.of.KeepAlive(ctx, l.id)
	if err != nil {
		ls.fate(l, sim.Event{Count: sim.LeaseLeft, Result: sim.OutcomeFailed, Note: err.Error()})
		return
	}
	ls.fate(l, sim.Event{Count: sim.LeaseKept})
	for range answers {
		// The stream that they come from has them written into the trace.
	}
	switch {
	case ls.r.ctx.Err() != nil:
	case ctx.Err() != nil:
		ls.fate(l, sim.Event{Count: sim.LeaseLeft, Result: sim.OutcomeOK})
	default:
		ls.fate(l, sim.Event{Count: sim.LeaseLeft, Result: sim.OutcomeFailed, Note: ls.why(l)})
	}
}

// why is why a client's library gave up its lease.
func (ls *leases) why(l *lease) string {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l.denied {
		return rpctypes.ErrLeaseNotFound.Error()
	}
	return "no answer for " + sim.RoundedTime(time.Since(l.heard))
}

// renewed notes what the cluster answered to a renewal.
func (ls *leases) renewed(id clientv3.LeaseID, ttl int64) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	switch l := ls.byID[id]; {
	case l == nil:
	case ttl > 0:
		l.heard = time.Now()
	default:
		l.denied = true
	}
}

// revoke ends a lease.
func (ls *leases) revoke(ctx context.Context, l *lease) error {
	ctx, cancel := context.WithTimeout(ctx, ls.r.load.timeout)
	defer cancel()
	answered := ls.ask(l, sim.LeaseRevoke)
	r, err := l.of.Revoke(ctx, l.id)
	if err != nil {
		answered(failed(err))
		return err
	}
	answered(ls.answer(r.Header, 0))
	return nil
}

// find is the lease of a name.
func (ls *leases) find(name string) (*lease, error) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if l := ls.named[name]; l != nil {
		return l, nil
	}
	return nil, refused("there is no lease %s: grant it first", name)
}

// Grant begins a lease.
func (p powers) Grant(name string, ttl sim.TTL, keys int64, client int) error {
	l, err := p.r.leases.begin(name, ttl, keys, client)
	if err != nil {
		return err
	}
	done := p.r.errand.begin()
	p.r.work.Go(func() { done(said(0, p.r.leases.grant(p.r.ctx, l))) })
	return nil
}

// KeepAlive begins to keep a lease alive as soon as it is granted.
func (p powers) KeepAlive(name string) (stop func() error, err error) {
	l, err := p.r.leases.find(name)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(p.r.ctx)
	over := make(chan struct{})
	p.r.work.Go(func() {
		defer close(over)
		p.r.leases.keep(ctx, l)
	})
	return func() error {
		end()
		return nil
	}, nil
}

// Revoke ends a lease.
func (p powers) Revoke(name string) error {
	l, err := p.r.leases.find(name)
	if err != nil {
		return err
	}
	done := p.r.errand.begin()
	p.r.work.Go(func() {
		select {
		case <-l.got:
		case <-p.r.ctx.Done():
		}
		if l.id == 0 {
			done(refused("the lease %s was not granted", name))
			return
		}
		done(said(0, p.r.leases.revoke(p.r.ctx, l)))
	})
	return nil
}

// carryOut is the next step of a client of the load: it gets a lease and keeps it alive, or it revokes the one that
// it has, or leaves that to expire.
func (ls *leases) carryOut(o *op) answer {
	ls.mu.Lock()
	l := ls.mine[o.client]
	name := sim.ClientName(o.client)
	var err error
	switch {
	case l == nil:
		ls.taken[o.client]++
		name = fmt.Sprintf("%s.%d", name, ls.taken[o.client])
		ls.mine[o.client] = &lease{} // one step at a time
		ls.mu.Unlock()
		err = ls.take(name, o.client)
	case l.leave == nil: // a step of it is under way
		ls.mu.Unlock()
	default:
		revokes := sim.Below(ls.random, 2) == 0
		delete(ls.mine, o.client)
		ls.mu.Unlock()
		l.leave()
		if revokes {
			err = ls.revoke(ls.r.ctx, l)
		}
	}
	if err != nil {
		return answer{result: sim.OutcomeFailed, note: err.Error()}
	}
	return answer{result: sim.OutcomeOK}
}

// take gets a lease for a client of the load, and has it kept alive as soon as it is granted.
func (ls *leases) take(name string, client int) error {
	l, err := ls.begin(name, ls.r.s.Workload.LeaseTime(), 1, client)
	ctx, leave := context.WithCancel(ls.r.ctx)
	if err == nil {
		ls.r.work.Go(func() { ls.keep(ctx, l) })
		err = ls.grant(ls.r.ctx, l)
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	delete(ls.mine, client)
	if err != nil {
		leave() // without its key it is of no use
		return err
	}
	l.leave, ls.mine[client] = leave, l
	return nil
}

// observed has what a client's library sends and gets to keep leases alive written into the trace.
func (ls *leases) observed() grpc.DialOption {
	return grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn,
		method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		s, err := open(ctx, desc, cc, method, opts...)
		if err != nil || method != etcdserverpb.Lease_LeaseKeepAlive_FullMethodName {
			return s, err
		}
		return &keepAliveStream{ClientStream: s, ls: ls, open: map[int64][]func(sim.Event){}}, nil
	})
}

// keepAliveStream is a stream of requests to keep leases alive. The answers of one lease come in order.
type keepAliveStream struct {
	grpc.ClientStream
	ls *leases

	mu   sync.Mutex
	open map[int64][]func(sim.Event) // what writes the answers, by lease
}

func (s *keepAliveStream) SendMsg(m any) error {
	if q, ok := m.(*etcdserverpb.LeaseKeepAliveRequest); ok {
		s.ls.mu.Lock()
		l := s.ls.byID[clientv3.LeaseID(q.ID)]
		s.ls.mu.Unlock()
		if l != nil {
			answered := s.ls.ask(l, sim.LeaseKeepAlive)
			s.mu.Lock()
			s.open[q.ID] = append(s.open[q.ID], answered)
			s.mu.Unlock()
		}
	}
	return s.ClientStream.SendMsg(m)
}

func (s *keepAliveStream) RecvMsg(m any) error {
	if err := s.ClientStream.RecvMsg(m); err != nil {
		return err
	}
	if a, ok := m.(*etcdserverpb.LeaseKeepAliveResponse); ok {
		s.mu.Lock()
		var answered func(sim.Event)
		if open := s.open[a.ID]; len(open) > 0 {
			answered, s.open[a.ID] = open[0], open[1:]
		}
		s.mu.Unlock()
		s.ls.renewed(clientv3.LeaseID(a.ID), a.TTL)
		if answered != nil {
			e := s.ls.answer(a.Header, a.TTL)
			if a.TTL <= 0 {
				e.Result, e.Note = sim.OutcomeFailed, rpctypes.ErrLeaseNotFound.Error()
			}
			answered(e)
		}
	}
	return nil
}

// observe watches the keys on leases at each member, so that their end is seen where it is seen first.
func (ls *leases) observe() {
	for _, m := range ls.r.cluster.Members() {
		ls.r.work.Go(func() {
			for ls.r.ctx.Err() == nil {
				ls.mu.Lock()
				again := ls.again
				ls.mu.Unlock()
				ls.observeAt(m.ID, again)
			}
		})
	}
}

// restored tells that the cluster is a new one, whose revisions begin anew.
func (ls *leases) restored() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	close(ls.again)
	ls.again = make(chan struct{})
}

// observeAt watches at one member until the cluster is a new one.
func (ls *leases) observeAt(m sim.MemberID, again <-chan struct{}) {
	ctx, cancel := context.WithCancel(clientv3.WithRequireLeader(ls.r.ctx))
	defer cancel()
	ls.r.work.Go(func() {
		select {
		case <-again:
			cancel()
		case <-ctx.Done():
		}
	})
	revision := int64(0)
	for ctx.Err() == nil {
		once, end := context.WithCancel(ctx)
		for a := range ls.r.load.conn(m).Watch(once, sim.LeaseKeys, clientv3.WithPrefix(), clientv3.WithRev(revision),
			clientv3.WithPrevKV(), clientv3.WithCreatedNotify()) {
			if a.Header.Revision > 0 {
				revision = a.Header.Revision + 1
			}
			for _, e := range a.Events {
				if e.Type == clientv3.EventTypeDelete && e.PrevKv != nil {
					ls.gone(clientv3.LeaseID(e.PrevKv.Lease), e.Kv.ModRevision, m)
				}
			}
			if a.CompactRevision > 0 {
				revision = a.CompactRevision
			}
		}
		end()
		select {
		case <-time.After(sim.RetryEvery):
		case <-ctx.Done():
		}
	}
}

// gone is called for each key on a lease that is seen to be gone.
func (ls *leases) gone(id clientv3.LeaseID, revision int64, by sim.MemberID) {
	ls.mu.Lock()
	l := ls.byID[id]
	first := l != nil && !l.ended
	if first {
		l.ended = true
	}
	ls.mu.Unlock()
	if first {
		ls.fate(l, sim.Event{Count: sim.LeaseEnded, Revision: uint64(revision), Member: by})
	}
}
