package etcdsim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// load is the clients of the workload, followed by those of the statements.
type load struct {
	r       *run
	w       *sim.Workload
	timeout time.Duration
	ops     sync.WaitGroup

	first chan struct{} // closed when the cluster has its first leader
	once  sync.Once
	last  chan struct{} // closed when nothing new begins

	mu      sync.Mutex
	conns   []conn     // a member's place is its ID less 1
	random  *rand.Rand // kinds and keys
	clients []client
	used    map[string]bool // keys
	prefix  string          // of the keys
	count   uint64          // operations, and those that earlier runs on the store may have had
	pace    sim.Pace
	keys    sim.KeyDraw
	changed chan struct{} // closed when the rate changes
	over    bool
}

// client is one client: what it has seen, and whom it asks next.
type client struct {
	seen    map[string]held
	turn    int
	looping bool // it has its goroutine in the closed loop
}

// The clients of the statements, counted from the last of the workload's.
const (
	putter     = iota + 1 // put
	filler                // fill
	kubernetes            // kubernetes
	helpers    = kubernetes
)

func newLoad(r *run, session int) *load {
	w := &r.s.Workload
	l := &load{
		r: r, w: w, timeout: w.Timeout, first: make(chan struct{}), last: make(chan struct{}),
		random: sim.Stream(r.s.Seed, "workload"), used: map[string]bool{},
		pace: w.Pace(), keys: w.KeyDraw(), changed: make(chan struct{}),
		clients: make([]client, w.Clients+helpers), prefix: "k",
	}
	if session > 0 {
		l.prefix = fmt.Sprintf("load%d/k", session)
		l.count = uint64(session) << 32
	}
	if l.timeout == 0 {
		l.timeout = 5*time.Second + 2*r.s.Cluster.Election.Hi // etcd's
	}
	for _, st := range r.s.Steps {
		if st.At == 0 && st.Within == 0 && st.Do.Verb == "stop-load" {
			l.pace = sim.Pace{} // the script may come to it a moment later
		}
	}
	for i := range l.clients {
		l.clients[i] = client{seen: map[string]held{}, turn: i}
	}
	return l
}

// start opens the connections and lets the load begin when there is a leader.
func (l *load) start() error {
	for _, m := range l.r.cluster.Members() {
		if err := l.connect(m); err != nil {
			return err
		}
	}
	l.r.work.Go(l.run)
	return nil
}

// connect opens the connection to the member with the next number.
func (l *load) connect(m *cluster.Member) error {
	c, err := newConn(m)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
	return nil
}

// conn is the connection to a member.
func (l *load) conn(id sim.MemberID) conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conns[id-1]
}

// begin tells that there is a leader. It does not wait.
func (l *load) begin() { l.once.Do(func() { close(l.first) }) }

// finish lets nothing new begin and waits for what is under way, for the clients' timeout at most.
func (l *load) finish() {
	l.mu.Lock()
	if !l.over {
		l.over = true
		close(l.last)
	}
	l.mu.Unlock()
	l.ops.Wait()
}

// close ends the connections, after the run's context has ended.
func (l *load) close() {
	l.finish()
	for _, c := range l.conns {
		_ = c.Close() // it says that the context is done
	}
}

// setPace changes the load from now on.
func (l *load) setPace(p sim.Pace) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pace = p
	close(l.changed)
	l.changed = make(chan struct{})
}

// run starts operations until the end, at the rate of the moment, once there is a leader and clients
// may come.
func (l *load) run() {
	for _, c := range []<-chan struct{}{l.first, l.r.guarded, l.r.open} {
		if !l.wait(c) {
			return
		}
	}
	for {
		l.mu.Lock()
		pace, changed := l.pace, l.changed
		l.mu.Unlock()
		switch {
		case l.w.Clients == 0:
			return
		case pace.Most() > 0:
			l.openLoop(pace, changed)
		case pace.Rate == sim.ClosedLoop:
			l.closedLoop()
		}
		if !l.wait(changed) {
			return
		}
	}
}

// wait waits for c; false: the load has ended before.
func (l *load) wait(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	case <-l.last:
	case <-l.r.ctx.Done():
	}
	return false
}

// openLoop begins operations at a pace, whatever becomes of those before.
func (l *load) openLoop(pace sim.Pace, changed <-chan struct{}) {
	since := time.Now()
	for n := int64(0); ; n++ {
		due, more := pace.Due(n)
		if !more {
			return
		}
		next := time.NewTimer(time.Until(since.Add(due)))
		select {
		case <-next.C:
		case <-changed:
			next.Stop()
			return
		case <-l.last:
			next.Stop()
			return
		case <-l.r.ctx.Done():
			next.Stop()
			return
		}
		l.next(func(count uint64) int { return int(count % uint64(l.w.Clients)) }, func(o *op) { go l.carryOut(o) })
	}
}

// closedLoop lets each client go on that is not at it already.
func (l *load) closedLoop() {
	for i := range l.w.Clients {
		l.mu.Lock()
		start := !l.clients[i].looping && !l.over
		if start {
			l.clients[i].looping = true
			l.ops.Add(1)
		}
		l.mu.Unlock()
		if start {
			go func() {
				defer l.ops.Done()
				l.loop(i)
			}()
		}
	}
}

// loop is one client of the closed loop.
func (l *load) loop(i int) {
	for l.goesOn(i) {
		l.next(func(uint64) int { return i }, func(o *op) {
			refused := l.carryOut(o).refused
			rest := l.think()
			if refused { // nobody was there to ask
				rest = max(rest, sim.RetryEvery)
			}
			if rest > 0 {
				select {
				case <-time.After(rest):
				case <-l.last:
				case <-l.r.ctx.Done():
				}
			}
		})
	}
}

// think draws how long a client rests between two operations.
func (l *load) think() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Think.Draw(l.random)
}

// goesOn tells a client of the closed loop whether to go on.
func (l *load) goesOn(i int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pace.Rate == sim.ClosedLoop && !l.over && l.r.ctx.Err() == nil {
		return true
	}
	l.clients[i].looping = false
	return false
}

// next draws the next operation of the workload and hands it over to be carried out, unless the load
// is over. who picks the client, from 0, by the number of operations before.
func (l *load) next(who func(count uint64) int, begin func(*op)) {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return
	}
	client := who(l.count)
	o := &op{client: client + 1, kind: l.w.Mix.Draw(l.random), size: l.w.Value}
	o.key = l.prefix + strconv.FormatInt(l.keys.Draw(l.random), 10)
	o.brief = o.kind == sim.OpLease
	if o.kind == sim.OpCAS {
		o.old = l.clients[client].seen[o.key]
	}
	l.number(o, "")
	l.mu.Unlock()
	begin(o)
}

// number gives an operation its number and a write its value. Under the lock. From here on finish
// waits for it.
func (l *load) number(o *op, text string) {
	l.ops.Add(1)
	l.count++
	o.id = l.count
	if !o.brief {
		l.used[o.key] = true
	}
	if o.kind.IsWrite() {
		o.value = value(o.id, text, o.size)
	}
}

// put is the put statement. done is told of it when it is not acknowledged, too.
func (l *load) put(key, text string, done func(error)) {
	l.mu.Lock()
	o := &op{client: l.w.Clients + putter, kind: sim.OpPut, key: key}
	if text == "" {
		o.size = l.w.Value
	}
	l.number(o, text)
	l.mu.Unlock()
	go func() {
		a := l.carryOut(o)
		switch err := errors.New(cmp.Or(a.note, a.result.String())); a.result {
		case sim.OutcomeOK:
			done(nil)
		case sim.OutcomeFailed:
			done(sim.RefusedBy(a.by, err))
		default:
			done(err)
		}
	}()
}

// write is a put of a statement that goes on for a while, by the client who. It is then to be carried
// out. False: the load is over.
func (l *load) write(who int, o *op) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	o.client, o.kind = l.w.Clients+who, sim.OpPut
	l.number(o, "")
	return true
}

// carryOut performs an operation and writes its two halves into the trace.
func (l *load) carryOut(o *op) answer {
	defer l.ops.Done()
	if o.kind == sim.OpLease {
		return l.r.leases.carryOut(o)
	}
	e := sim.Event{Kind: sim.KindCall, ID: o.id, Client: uint32(o.client), Op: o.kind, Key: o.key, Old: o.old.number}
	if o.kind.IsWrite() {
		e.Value = o.id
	}
	l.r.record(e)
	ctx, cancel := context.WithTimeout(l.r.ctx, l.timeout)
	defer cancel()
	a := l.ask(ctx, o)
	if a.result == sim.OutcomeOK || a.result == sim.OutcomeMismatch {
		l.mu.Lock()
		l.clients[o.client-1].seen[o.key] = a.found
		l.mu.Unlock()
	}
	e = sim.Event{
		Kind: sim.KindReturn, ID: o.id, Client: uint32(o.client), Op: o.kind, Key: o.key, Result: a.result,
		Value: a.found.number, Revision: uint64(a.revision), Member: a.by, Note: a.note, Count: a.alarm,
	}
	l.r.record(e)
	return a
}

// ask asks one member after the other until one takes the request, and for a read also when the one
// that took it is gone.
func (l *load) ask(ctx context.Context, o *op) answer {
	const alone = "no member can be reached"
	for refusals := 0; ; {
		to, all, ok := l.pick(o.client - 1)
		if !ok {
			return answer{result: sim.OutcomeFailed, note: alone, refused: true}
		}
		a := to.perform(ctx, o, l.w.Reads)
		switch {
		case a.refused && ctx.Err() == nil:
			if refusals++; refusals >= all { // all of them are only starting
				return answer{result: sim.OutcomeFailed, note: alone, refused: true}
			}
		case a.broken && !o.kind.IsWrite():
			refusals = 0
			select { // the same connection may still look whole
			case <-time.After(sim.RetryEvery):
			case <-ctx.Done():
			}
		default:
			a.refused = false
			return a
		}
	}
}

// pick is the next in turn of the members that a client asks and that are up, and how many members
// there are at all.
func (l *load) pick(client int) (to conn, all int, ok bool) {
	up := l.r.serving()
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &l.clients[client]
	for range l.conns {
		to = l.conns[c.turn%len(l.conns)]
		c.turn++
		if slices.Contains(up, to.to) {
			return to, len(l.conns), true
		}
	}
	return conn{}, len(l.conns), false
}

// serving lists the members that are up and that clients ask. A learner refuses clients, so they do
// not have it in their list unless it is there by name. While others answer, nobody asks a member that
// is only starting: etcd's own client uses the connections that stand, and one that joined by a snapshot may take
// seconds to answer (its own entry, which it waits for, can be in the snapshot).
func (r *run) serving() (ms []sim.MemberID) {
	for _, id := range r.listed() {
		if r.cluster.Member(id).Answers() {
			ms = append(ms, id)
		}
	}
	if len(ms) == 0 {
		return r.listed()
	}
	return ms
}

// listed are the members that clients know of and that are up.
func (r *run) listed() (ms []sim.MemberID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	leader := r.leader()
	for i, v := range r.views {
		id := sim.MemberID(i + 1)
		if role := r.config[id]; v.up && role != sim.RoleNone && r.asked(id, leader, role) {
			ms = append(ms, id)
		}
	}
	return ms
}

func (r *run) asked(id, leader sim.MemberID, role sim.Role) bool {
	via := r.s.Workload.Via
	return len(via) == 0 && role != sim.Learner || slices.ContainsFunc(via, func(s sim.Selector) bool {
		switch s.By {
		case sim.ByAll:
			return role != sim.Learner
		case sim.ByLeader:
			return id == leader
		case sim.ByFollowers:
			return leader != 0 && id != leader && role != sim.Learner
		}
		return s.Name == r.scenario().MemberName(id)
	})
}
