package raftsim

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"quorumlab/sim"
)

// op is a client's operation on its way.
type op struct {
	id     uint64
	client int // from 1
	kind   sim.OpKind
	key    int
	old    uint64

	asked    *member
	life     uint32 // of the process that was asked
	attempt  uint64 // how often it was sent: what belongs to an earlier attempt is void
	answered bool   // an answer to this attempt is on its way
	answer   answer
	expires  time.Duration
	done     bool
	final    bool        // the run's own read at its end
	told     func(error) // hears how a statement's put ended; nil: nobody asked
}

// client is one client: what it has seen, and whom it asks next.
type client struct {
	random *rand.Rand // of its link
	seen   map[int]uint64
	turn   int
	open   int    // operations under way
	rests  bool   // before the next one of the closed loop
	place  *place // nil: as all others
}

// load is the clients of the workload, and one more, who puts by statement.
type load struct {
	r        *run
	w        *sim.Workload
	random   *rand.Rand // kinds and keys
	clients  []client
	timeout  time.Duration
	meanSize sim.Size       // of values
	patience time.Duration  // the longest timeout of a client
	drawn    uint64         // how many the workload has had
	ops      uint64         // how many have begun, with those of statements
	open     map[uint64]*op // those under way
	expiry   []*op          // in the order in which they time out, some done already
	used     []bool         // keys that were used, by number

	began bool
	pace  sim.Pace
	keys  sim.KeyDraw
	since time.Duration // when this rate began
	sent  int64         // how many operations began since
	epoch int           // counts changes of the rate; what belongs to an earlier one is void
}

func newLoad(r *run) load {
	w := &r.s.Workload
	l := load{r: r, w: w, random: r.stream("workload"), open: map[uint64]*op{}, timeout: w.Timeout,
		pace: w.Pace(), keys: w.KeyDraw()}
	if l.timeout == 0 {
		l.timeout = 5*time.Second + 2*r.s.Cluster.Election.Hi // etcd's
	}
	l.patience, l.meanSize = l.timeout, w.MeanSize()
	l.clients = make([]client, w.Clients+1)
	for i := range l.clients {
		l.clients[i] = client{random: r.stream("client ", strconv.Itoa(i+1)), seen: map[int]uint64{}, turn: i}
	}
	for _, c := range r.s.Placed() {
		l.placed(c)
	}
	return l
}

// begin starts the load: the cluster has its first leader.
func (l *load) begin() {
	if !l.began {
		l.began = true
		l.setPace(l.pace)
	}
}

// setPace changes the load from now on.
func (l *load) setPace(p sim.Pace) {
	l.pace = p
	l.epoch++
	if !l.began || l.w.Clients == 0 {
		return
	}
	l.since, l.sent = l.r.now, 0
	switch {
	case p.Most() > 0:
		l.schedule()
	case p.Rate == sim.ClosedLoop:
		for i := range l.w.Clients {
			l.again(i, 0)
		}
	}
}

// schedule queues the next operation of the open loop.
func (l *load) schedule() {
	epoch := l.epoch
	due, more := l.pace.Due(l.sent)
	if !more {
		return
	}
	l.r.at(l.since+due, func() {
		if epoch != l.epoch || l.r.over {
			return
		}
		l.sent++
		l.next(int(l.drawn % uint64(l.w.Clients)))
		l.schedule()
	})
}

// again lets a client of the closed loop begin its next operation after a rest.
func (l *load) again(client int, rest time.Duration) {
	c := &l.clients[client]
	if l.pace.Rate != sim.ClosedLoop || c.open > 0 || c.rests {
		return
	}
	c.rests = true
	l.r.after(rest, func() {
		c.rests = false
		if c.place != nil && c.place.paused {
			c.place.idle = true
			return
		}
		if l.pace.Rate == sim.ClosedLoop && c.open == 0 && !l.r.over {
			l.next(client)
		}
	})
}

// next begins an operation of a client (from 0), as the workload's mix has it.
func (l *load) next(client int) {
	l.drawn++
	o := &op{client: client + 1, kind: l.w.Mix.Draw(l.random)}
	o.key = int(l.keys.Draw(l.random))
	if o.kind == sim.OpCAS {
		o.old = l.clients[client].seen[o.key]
	}
	if p := l.place(o); p != nil && p.paused {
		return // what it had drawn it does not begin
	}
	l.start(o)
}

// put is the put statement.
func (l *load) put(key string, done func(error)) {
	l.start(&op{client: l.w.Clients + 1, kind: sim.OpPut, key: l.r.keys.number(key), told: done})
}

func (l *load) start(o *op) {
	l.ops++
	o.id = l.ops
	l.open[o.id] = o
	l.use(o.key)
	e := sim.Event{Kind: sim.KindCall, ID: o.id, Client: uint32(o.client), Op: o.kind, Key: l.r.keys.name(o.key),
		Old: o.old}
	if o.kind.IsWrite() {
		e.Value = o.id
	}
	l.r.record(e)
	l.clients[o.client-1].open++
	l.awaitExpiry(o)
	l.ask(o)
}

// awaitExpiry queues an operation's timeout. All take the same time, so that only
// the first one needs an event.
func (l *load) awaitExpiry(o *op) {
	if p := l.place(o); p != nil && p.spec.Timeout != l.timeout {
		l.awaitOwn(o, p.spec.Timeout)
		return
	}
	o.expires = l.r.now + l.timeout
	l.expiry = append(l.expiry, o)
	if len(l.expiry) == 1 {
		l.r.queue.push(o.expires, event{kind: doExpire})
	}
}

// expire is when a client gives up.
func (l *load) expire() {
	for len(l.expiry) > 0 {
		o := l.expiry[0]
		if !o.done && o.expires > l.r.now {
			l.r.queue.push(o.expires, event{kind: doExpire})
			return
		}
		l.expiry = l.expiry[1:]
		if !o.done && l.expires(o) {
			l.giveUp(o)
		}
	}
}

func (l *load) giveUp(o *op) {
	a := answer{result: sim.OutcomeFailed, by: o.asked.id, note: "timed out"}
	if o.kind.IsWrite() {
		a.result = sim.OutcomeUnknown
	}
	l.finish(o, a)
}

func (l *load) use(key int) {
	if key >= len(l.used) {
		l.used = append(l.used, make([]bool, key+1-len(l.used))...)
	}
	l.used[key] = true
}

// ask sends an operation to the next member that its client is connected to.
func (l *load) ask(o *op) {
	c := &l.clients[o.client-1]
	m := l.pick(c)
	if m == nil {
		l.finish(o, answer{result: sim.OutcomeFailed, note: "no member can be reached"})
		return
	}
	o.attempt++
	o.asked, o.life, o.answered = m, m.life, false
	e := event{kind: doArrive, op: o, id: o.attempt}
	if c.place != nil {
		l.chosen(o, c.place)
		l.travel(e)
		return
	}
	l.r.queue.push(l.r.now+l.transit(o), e)
}

// transit is how long a request or an answer is on its way.
func (l *load) transit(o *op) time.Duration {
	if measured := l.r.engine.Machine.Client; !measured.IsZero() {
		return measured.At(0, l.r.recorded+l.r.now)
	}
	return l.r.s.Cluster.ClientLink.Draw(l.clients[o.client-1].random)
}

// pick is the next of the connected members in turn.
func (l *load) pick(c *client) *member {
	if c.place != nil {
		return l.pickPlaced(c)
	}
	ms := l.r.members
	for range ms {
		m := ms[c.turn%len(ms)]
		c.turn++
		if m.up && l.serves(m) {
			return m
		}
	}
	return nil
}

// serves reports whether clients ask the member: those in Via, of those that vote.
func (l *load) serves(m *member) bool {
	if l.r.config.role(m.id) != sim.Follower {
		return false
	}
	return len(l.w.Via) == 0 || slices.ContainsFunc(l.w.Via, func(s sim.Selector) bool {
		switch s.By {
		case sim.ByAll:
			return true
		case sim.ByLeader:
			return m == l.r.leader()
		case sim.ByFollowers:
			leader := l.r.leader()
			return leader != nil && m != leader
		}
		return s.Name == m.name
	})
}

// arrive is a request at its member.
func (l *load) arrive(o *op, attempt uint64) {
	m := o.asked
	switch {
	case o.done || o.attempt != attempt || o.life != m.life || !m.up: // connectionsLost saw to it
	case m.paused:
		m.inbox = append(m.inbox, event{kind: doArrive, op: o, id: attempt})
	default:
		m.serve(o)
	}
}

// atLeast is what an answer takes on its way, so that time advances for a client
// that is no distance from its member.
const atLeast = time.Microsecond

// reply sends an answer to its client.
func (l *load) reply(o *op, a answer) {
	if o.done || o.answered {
		return
	}
	o.answered, o.answer = true, a
	e := event{kind: doReply, op: o, id: o.attempt}
	if l.place(o) != nil {
		l.travel(e)
		return
	}
	l.r.queue.push(l.r.now+max(l.transit(o), atLeast), e)
}

func (l *load) replied(o *op, attempt uint64) {
	if !o.done && o.attempt == attempt {
		l.finish(o, o.answer)
	}
}

// connectionsLost tells the clients of a member that its process is gone.
func (l *load) connectionsLost(m *member) {
	var os []*op
	for _, o := range l.open {
		if o.asked == m && !o.answered {
			os = append(os, o)
		}
	}
	sortOps(os)
	for _, o := range os {
		if l.place(o) != nil {
			l.travel(event{kind: doBroken, op: o, id: o.attempt})
			continue
		}
		l.r.queue.push(l.r.now+l.transit(o), event{kind: doBroken, op: o, id: o.attempt})
	}
}

// sortOps puts operations that come from a map in order.
func sortOps(os []*op) {
	slices.SortFunc(os, func(a, b *op) int { return cmp.Compare(a.id, b.id) })
}

// broken is a client that sees that its connection is gone: it reads again elsewhere, but
// does not know what became of a write.
func (l *load) broken(o *op, attempt uint64) {
	switch {
	case o.done || o.attempt != attempt:
	case o.kind.IsWrite():
		l.finish(o, answer{result: sim.OutcomeUnknown, by: o.asked.id, note: "the connection was lost"})
	default:
		l.ask(o)
	}
}

// putError is why the put of a statement was not done, or nil. Of an unknown outcome one
// can't say that it was refused.
func putError(a answer) error {
	switch a.result {
	case sim.OutcomeOK:
		return nil
	case sim.OutcomeFailed:
		return sim.RefusedBy(a.by, errors.New(a.note))
	}
	return errors.New(a.note)
}

// finish is the return of an operation.
func (l *load) finish(o *op, a answer) {
	o.done = true
	delete(l.open, o.id)
	if o.told != nil {
		defer func() { o.told(putError(a)) }()
	}
	l.r.record(sim.Event{Kind: sim.KindReturn, ID: o.id, Client: uint32(o.client), Op: o.kind, Key: l.r.keys.name(o.key),
		Result: a.result, Value: a.value, Revision: a.revision, Member: a.by, Note: a.note})
	if a.result == sim.OutcomeOK || a.result == sim.OutcomeMismatch {
		l.clients[o.client-1].seen[o.key] = a.value
	}
	l.clients[o.client-1].open--
	if o.client > l.w.Clients {
		return
	}
	rest := l.w.Think.Draw(l.random)
	if o.asked == nil {
		rest = max(rest, sim.RetryEvery) // nobody was there to ask: a client in a loop waits a little
	}
	l.again(o.client-1, rest)
}
