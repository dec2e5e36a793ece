package etcdsim

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/etcdsim/cluster/clientport"

	"google.golang.org/grpc"
)

// place is where a client of the workload stands, of those that the scenario speaks of. It has etcd's own client, with
// its balancer, over ways that can be cut.
type place struct {
	number int // of the client, from 1
	spec   sim.ClientPlace
	conn   conn
	at     cluster.Standpoint
	ways   []*clientport.Way // to each member, by its place in the list

	mu      sync.Mutex
	states  map[wayEnd]sim.LinkState
	paused  bool
	resumed chan struct{} // closed when it is not paused; nil: it is not
}

// wayEnd is one direction of the way to a member.
type wayEnd struct {
	to  sim.MemberID
	out bool
}

// newPlace opens the client. Those who hold it use it from then on.
func (l *load) newPlace(client int) (*place, error) {
	p := &place{number: client, spec: l.w.Place(client), states: map[wayEnd]sim.LinkState{}}
	p.spec.Timeout = cmp.Or(p.spec.Timeout, l.timeout)
	at := cluster.Standpoint{KeepAlive: p.spec.KeepAlive, KeepAliveTimeout: p.spec.Answers(),
		Way: func(id sim.MemberID) *clientport.Way { return p.ways[id-1] }}
	s := l.r.scenario()
	for i, m := range s.Members() {
		p.ways = append(p.ways, clientport.NewWay(client, i+1))
		if p.knows(s, i, m) {
			at.Members = append(at.Members, sim.MemberID(i+1))
		}
	}
	p.at = at
	cl, err := l.r.cluster.ClientAt(at, grpc.WithStatsHandler(sendWatch{}))
	if err != nil {
		return nil, err
	}
	p.conn = conn{Client: cl}
	for _, id := range at.Members {
		for _, out := range []bool{true, false} {
			p.set(l.r, wayEnd{id, out}, sim.LinkState{})
		}
	}
	return p, nil
}

// knows reports whether a member is one of the endpoints: those of the start that vote, or those by name.
func (p *place) knows(s *sim.Scenario, i int, m sim.MemberSpec) bool {
	founder := i < len(s.Cluster.Members) && m.Role == sim.Follower
	if len(p.spec.Via) == 0 {
		return founder
	}
	return slices.ContainsFunc(p.spec.Via, func(x sim.Selector) bool {
		return x.By == sim.ByAll && founder || x.By == sim.ByName && x.Name == m.Name
	})
}

// set changes one direction of a way. A process that is paused neither sends nor hears.
func (p *place) set(r *run, end wayEnd, s sim.LinkState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.states[end] = s
	p.apply(r, end)
}

// apply has a way as it is to be, under the lock.
func (p *place) apply(r *run, end wayEnd) {
	s := p.states[end]
	which := map[bool]string{true: " out"}[end.out]
	draw := sim.Stream(r.s.Seed, "way ", sim.ClientName(p.number), " ", end.to.String(), which)
	var mu sync.Mutex
	p.ways[end.to-1].Set(end.out, s.Cut || p.paused, func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return p.spec.Farther.Draw(draw) + s.Delay.Draw(draw)
	})
}

// close ends the client.
func (p *place) close() {
	_ = p.conn.Close() // it says that the context is done
	for _, w := range p.ways {
		w.End()
	}
}

// place is that of a client from 1, made when it is first asked for.
func (l *load) placed(client int) (*place, error) {
	l.mu.Lock()
	p := l.places[client]
	l.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := l.newPlace(client)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.places[client] = p
	l.mu.Unlock()
	return p, nil
}

// placeOf is that of a client, or nil.
func (l *load) placeOf(client int) *place {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.places[client]
}

// go on waits until the client is not paused. False: the load is over, or the run.
func (p *place) goesOn(l *load) bool {
	for {
		p.mu.Lock()
		resumed := p.resumed
		p.mu.Unlock()
		if resumed == nil {
			return true
		}
		if !l.wait(resumed) {
			return false
		}
	}
}

// isPaused reports whether the client stands still.
func (p *place) isPaused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused
}

// SetClientLink changes one direction of a client's way to a member.
func (p powers) SetClientLink(client int, m sim.MemberID, toMember bool, s sim.LinkState) {
	at, err := p.r.load.placed(client)
	if err != nil {
		p.r.errand.begin()(err)
		return
	}
	end := wayEnd{m, toMember}
	at.mu.Lock()
	was := at.states[end].Cut
	at.mu.Unlock()
	if int(m) > len(at.ways) {
		return // it came after the client, which does not know it
	}
	at.set(p.r, end, s)
	if was == s.Cut {
		return
	}
	what := map[[2]bool]sim.ClientChange{{true, true}: sim.ClientCut, {true, false}: sim.ClientMended,
		{false, true}: sim.ClientDeaf, {false, false}: sim.ClientHears}[[2]bool{toMember, s.Cut}]
	p.r.record(sim.Event{Kind: sim.KindClient, Client: uint32(client), Member: m, Count: uint32(what)})
}

// SetClientPaused stops a client's process or continues it.
func (p powers) SetClientPaused(client int, paused bool) error {
	at, err := p.r.load.placed(client)
	if err != nil {
		return err
	}
	at.mu.Lock()
	defer at.mu.Unlock()
	if at.paused == paused {
		return nil
	}
	at.paused = paused
	for end := range at.states {
		at.apply(p.r, end)
	}
	e := sim.Event{Kind: sim.KindClient, Client: uint32(client), Count: uint32(sim.ClientPaused)}
	if paused {
		at.resumed = make(chan struct{})
	} else {
		e.Count = uint32(sim.ClientResumed)
	}
	p.r.record(e)
	if !paused {
		close(at.resumed)
		at.resumed = nil
	}
	return nil
}

// sending is what is known of a request on its way out.
type sending struct {
	begun atomic.Bool
	to    atomic.Uint32      // the member, if the connection says it
	chose func(sim.MemberID) // hears of it, once; may be nil
}

// went notes that a request goes out to an address.
func (s *sending) went(to any) {
	s.begun.Store(true)
	if a, ok := to.(cluster.Away); ok {
		s.to.Store(uint32(a))
		if s.chose != nil {
			s.chose(sim.MemberID(a))
		}
	}
}

// askPlaced asks by the client's own balancer.
func (l *load) askPlaced(ctx context.Context, p *place, o *op) answer {
	chose := func(m sim.MemberID) {
		l.r.record(sim.Event{Kind: sim.KindClient, Client: uint32(o.client), Member: m, ID: o.id,
			Count: uint32(sim.ClientAsks)})
	}
	for refusals := 0; ; {
		if !p.goesOn(l) {
			return answer{result: sim.OutcomeFailed, note: "the client was paused until the end", refused: true}
		}
		a := p.conn.perform(ctx, o, l.w.Reads, chose)
		switch {
		case a.refused && ctx.Err() == nil:
			if refusals++; refusals >= len(p.ways) {
				return answer{result: sim.OutcomeFailed, note: errAlone.Error(), refused: true}
			}
		case a.broken && !o.kind.IsWrite():
			refusals = 0
			select {
			case <-time.After(sim.RetryEvery):
			case <-ctx.Done():
			}
		default:
			a.refused = false
			return a
		}
	}
}

var errAlone = errors.New("no member can be reached")
