package raftsim

import (
	"cmp"
	"slices"
	"time"

	"quorumlab/sim"
)

// place is where a client stands, of those that the scenario speaks of.
type place struct {
	spec   sim.ClientPlace
	ways   []way // to each member, by its place in the list
	paused bool
	inbox  []event // what arrived while it was paused
	late   []*op   // what it would have given up meanwhile
	idle   bool    // its next operation of the closed loop came due meanwhile
}

// way is a client's connection to a member. As with TCP nothing gets lost or overtakes: what a cut holds back arrives
// when it is over.
type way struct {
	out, in         sim.LinkState
	lastOut, lastIn time.Duration // when the last request and the last answer arrive
	held            []event       // by cuts
	heard, asked    time.Duration // when the last answer came, and when the last request went out
	watched         bool          // by the keep-alive
	dead            bool          // given up by the keep-alive
}

// place is that of an operation's client, or nil.
func (l *load) place(o *op) *place { return l.clients[o.client-1].place }

// placed gives a client a place if it has none.
func (l *load) placed(client int) *place {
	c := &l.clients[client-1]
	if c.place == nil {
		c.place = &place{spec: l.w.Place(client), ways: make([]way, len(l.r.s.Members()))}
		c.place.spec.Timeout = cmp.Or(c.place.spec.Timeout, l.timeout)
		l.patience = max(l.patience, c.place.spec.Timeout)
	}
	return c.place
}

// SetClientLink changes one direction of a client's way to a member.
func (c cluster) SetClientLink(client int, id sim.MemberID, toMember bool, s sim.LinkState) {
	l := &c.r.load
	p := l.placed(client)
	w := &p.ways[id-1]
	state, changes := &w.in, [2]sim.ClientChange{sim.ClientHears, sim.ClientDeaf}
	if toMember {
		state, changes = &w.out, [2]sim.ClientChange{sim.ClientMended, sim.ClientCut}
	}
	was := state.Cut
	*state = s
	if was == s.Cut {
		return
	}
	what := changes[0]
	if s.Cut {
		what = changes[1]
	}
	c.r.record(sim.Event{Kind: sim.KindClient, Client: uint32(client), Member: id, Count: uint32(what)})
	if !s.Cut {
		held := w.held
		w.held = nil
		for _, e := range held {
			l.travel(e)
		}
	}
}

// SetClientPaused stops a client's process or continues it.
func (c cluster) SetClientPaused(client int, paused bool) error {
	l := &c.r.load
	p := l.placed(client)
	if p.paused == paused {
		return nil
	}
	p.paused = paused
	e := sim.Event{Kind: sim.KindClient, Client: uint32(client), Count: uint32(sim.ClientPaused)}
	if !paused {
		e.Count = uint32(sim.ClientResumed)
	}
	c.r.record(e)
	if !paused {
		l.wake(client, p)
	}
	return nil
}

// wake lets a client go on: what has timed out meanwhile is given up before answers are read, since a process looks at
// its clock first.
func (l *load) wake(client int, p *place) {
	late, inbox := p.late, p.inbox
	p.late, p.inbox = nil, nil
	for _, o := range late {
		if !o.done {
			l.giveUp(o)
		}
	}
	for i := range inbox {
		l.r.happen(&inbox[i])
	}
	if p.idle {
		p.idle = false
		l.again(client-1, 0)
	}
}

// travel puts a request, an answer or a broken connection of a client with a place on its way.
func (l *load) travel(e event) {
	o := e.op
	p := l.place(o)
	w := &p.ways[o.asked.id-1]
	state, last := &w.in, &w.lastIn
	if e.kind == doArrive {
		state, last = &w.out, &w.lastOut
	}
	random := l.clients[o.client-1].random
	at := l.r.now + l.transit(o) + p.spec.Farther.Draw(random) + state.Delay.Draw(random)
	if e.kind != doArrive {
		at = max(at, l.r.now+atLeast)
	}
	*last = max(*last, at)
	l.r.queue.push(*last, e)
}

// holds keeps back what arrives where it can't: behind a cut, or at a client that is paused.
func (l *load) holds(e *event) bool {
	o := e.op
	p := l.place(o)
	if p == nil || o.done || o.attempt != e.id {
		return false
	}
	w := &p.ways[o.asked.id-1]
	switch {
	case e.kind == doArrive && w.out.Cut, e.kind != doArrive && w.in.Cut:
		w.held = append(w.held, *e)
	case e.kind != doArrive && p.paused:
		p.inbox = append(p.inbox, *e)
	default:
		if e.kind != doArrive {
			w.heard = l.r.now
		}
		return false
	}
	return true
}

// pickPlaced is the next of the endpoints in turn whose connection stands.
func (l *load) pickPlaced(c *client) *member {
	ms := l.r.members
	for range ms {
		m := ms[c.turn%len(ms)]
		c.turn++
		if !m.up || !c.place.knows(l.r, m) {
			continue
		}
		w := &c.place.ways[m.id-1]
		if w.dead = w.dead && !w.stands(m); !w.dead {
			return m
		}
	}
	return nil
}

// stands reports whether a question about a connection would be answered now.
func (w *way) stands(m *member) bool { return m.up && !m.paused && !w.out.Cut && !w.in.Cut }

// knows reports whether a member is one of the client's endpoints: those of the start that vote, or those by name.
func (p *place) knows(r *run, m *member) bool {
	founder := int(m.id) <= len(r.s.Cluster.Members) && r.s.Cluster.Members[m.id-1].Role == sim.Follower
	return len(p.spec.Via) == 0 && founder || slices.ContainsFunc(p.spec.Via, func(s sim.Selector) bool {
		return s.By == sim.ByAll && founder || s.By == sim.ByName && s.Name == m.name
	})
}

// chosen notes the balancer's choice, and watches the connection if the client has a keep-alive.
func (l *load) chosen(o *op, p *place) {
	l.r.record(sim.Event{Kind: sim.KindClient, Client: uint32(o.client), Member: o.asked.id, ID: o.id,
		Count: uint32(sim.ClientAsks)})
	w := &p.ways[o.asked.id-1]
	if w.asked = l.r.now; p.spec.KeepAlive > 0 && !w.watched {
		w.watched = true
		l.watchOver(o.client, p, o.asked, l.r.now)
	}
}

// watchOver gives a connection up, with all that waits for an answer there, when nothing was heard for so long that the
// keep-alive's question has had no answer. As gRPC it does not ask while nothing is asked of the member.
func (l *load) watchOver(client int, p *place, m *member, since time.Duration) {
	w := &p.ways[m.id-1]
	l.r.at(since+p.spec.KeepAlive+p.spec.Answers(), func() {
		switch {
		case l.r.over:
		case w.heard > since:
			since = w.heard
			w.watched = w.asked > since
		case w.stands(m), p.paused: // the question was answered, or not asked
			since = l.r.now
			w.watched = w.asked+p.spec.KeepAlive > since
		default:
			w.dead, w.watched, w.held = true, false, nil
			for _, o := range l.openAt(client, m) {
				l.broken(o, o.attempt)
			}
		}
		if w.watched && !l.r.over {
			l.watchOver(client, p, m, since)
		}
	})
}

// openAt lists a client's operations that wait for a member, in order.
func (l *load) openAt(client int, m *member) (os []*op) {
	for _, o := range l.open {
		if o.client == client && o.asked == m {
			os = append(os, o)
		}
	}
	sortOps(os)
	return os
}

// expires reports whether a client that gives up an operation is there to notice.
func (l *load) expires(o *op) bool {
	p := l.place(o)
	if p == nil || !p.paused {
		return true
	}
	p.late = append(p.late, o)
	return false
}

// awaitOwn queues the timeout of a client that has one of its own.
func (l *load) awaitOwn(o *op, timeout time.Duration) {
	o.expires = l.r.now + timeout
	l.r.at(o.expires, func() {
		if !o.done && l.expires(o) {
			l.giveUp(o)
		}
	})
}
