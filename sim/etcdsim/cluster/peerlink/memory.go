package peerlink

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/types"
	"go.etcd.io/etcd/server/v3/etcdserver/api/rafthttp"
	"go.etcd.io/etcd/server/v3/etcdserver/api/snap"
	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// PeerMemory is a member's place in a network without sockets: what a PeerPort is for members that listen.
// Messages go through the same links, but from the sender's raft to the receiver's by function calls.
// Nobody waits for a socket, which is what a synctest bubble needs. A port is shut or open.
type PeerMemory struct {
	net    *Network
	member int
	url    string

	mu   sync.Mutex
	open bool
	way  *Transport // of the member's present life; nil before it is connected
}

// Memory makes the port of a member, shut at first.
func (n *Network) Memory(member int) *PeerMemory {
	// The transport that etcd makes at first dials this: a socket file that is not there, which fails at once.
	p := &PeerMemory{net: n, member: member, url: fmt.Sprintf("unix://member%d.peer", member)}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.memory[member] = p
	n.byURL[p.url] = member
	return p
}

// Number is 0: there is no TCP port.
func (p *PeerMemory) Number() int { return 0 }

// URL is the peer URL to advertise.
func (p *PeerMemory) URL() string { return p.url }

// Open lets the member be connected.
func (p *PeerMemory) Open() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = true
}

// Serve does nothing: a member is reached from Connect on.
func (p *PeerMemory) Serve(string) {}

// Shut cuts the member off, as PeerPort.Shut does. It does not wait.
func (p *PeerMemory) Shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = false
	if p.way != nil {
		p.way.end()
		p.way = nil
	}
}

// transport is the way of the member's present life; nil: it can't be reached.
func (p *PeerMemory) transport() *Transport {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.way
}

// Endpoint is a member as its peers see it.
type Endpoint struct {
	Raft    rafthttp.Raft
	Handler http.Handler // of etcd's own requests: versions, leases, hashes, promotions
	// SaveSnapshot keeps the database that comes with a snapshot of that index, before its message is
	// processed.
	SaveSnapshot func(db io.Reader, index uint64) error
	// Expelled is called when a peer answers that the member was removed.
	Expelled func()
	// Member is the number of the member with that id of etcd; 0: there is none.
	Member func(etcdID uint64) int
}

// Connect joins a member to the network for one life, until Shut. On a port that is shut the way leads
// nowhere.
func (p *PeerMemory) Connect(s Endpoint) *Transport {
	t := &Transport{port: p, server: s, began: time.Now(), lanes: map[types.ID]*lanes{}, removed: map[types.ID]bool{}}
	t.ctx, t.end = context.WithCancel(context.Background())
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open {
		t.end()
		return t
	}
	p.way = t
	return t
}

// Transport is the way of one life of a member to its peers, in place of etcd's rafthttp.Transport, and its
// HTTP client.
type Transport struct {
	port   *PeerMemory
	server Endpoint
	began  time.Time

	ctx  context.Context // ends when the port is shut
	end  context.CancelFunc
	work sync.WaitGroup

	mu      sync.Mutex
	lanes   map[types.ID]*lanes
	removed map[types.ID]bool
}

var (
	_ rafthttp.Transporter = (*Transport)(nil)
	_ http.RoundTripper    = (*Transport)(nil)
)

// lanes lead to one peer. Proposals have their own, as they have with etcd: a member takes none while it
// knows no leader, and what comes after must not wait for that.
type lanes struct {
	stop             context.CancelFunc
	since            time.Time
	messages, passed *line
}

// parcel is a message on its way.
type parcel struct {
	way  passage
	data []byte
	msg  Message
}

// inLane is how many messages may be on their way, as in the buffer of etcd's streams.
const inLane = 4096

// line is the parcels of a lane that nobody has taken yet. Hardly ever there are many, and a channel would have room
// for all that may be.
type line struct {
	bell chan struct{} // rings once when there are parcels

	mu      sync.Mutex
	parcels []parcel
}

func newLine() *line { return &line{bell: make(chan struct{}, 1)} }

// put adds a parcel at the end; false: the line is full.
func (l *line) put(p parcel) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.parcels) == inLane {
		return false
	}
	l.parcels = append(l.parcels, p)
	select {
	case l.bell <- struct{}{}:
	default:
	}
	return true
}

// take takes the first parcel; false: there is none.
func (l *line) take() (p parcel, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.parcels) == 0 {
		return parcel{}, false
	}
	p, l.parcels[0] = l.parcels[0], parcel{}
	if l.parcels = l.parcels[1:]; len(l.parcels) == 0 {
		l.parcels = nil
	}
	return p, true
}

// Done is closed when the member is cut off.
func (t *Transport) Done() <-chan struct{} { return t.ctx.Done() }

// Start does nothing.
func (t *Transport) Start() error { return nil }

// Handler answers nothing: peers do not come by HTTP.
func (t *Transport) Handler() http.Handler { return http.NotFoundHandler() }

// AddRemote is AddPeer.
func (t *Transport) AddRemote(id types.ID, urls []string) { t.AddPeer(id, urls) }

// UpdatePeer does nothing: addresses stay.
func (t *Transport) UpdatePeer(types.ID, []string) {}

// AddPeer lets messages go to a member.
func (t *Transport) AddPeer(id types.ID, _ []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.removed, id)
	t.lanesTo(id)
}

// lanesTo are the lanes to a member, made when they are needed: one that has just joined answers those that
// it does not know yet. Under the lock. nil: there are none.
func (t *Transport) lanesTo(id types.ID) *lanes {
	if l := t.lanes[id]; l != nil {
		return l
	}
	to := t.server.Member(uint64(id))
	if to == 0 || to == t.port.member || t.removed[id] || t.ctx.Err() != nil {
		return nil
	}
	ctx, stop := context.WithCancel(t.ctx)
	l := &lanes{stop: stop, since: time.Now(), messages: newLine(), passed: newLine()}
	t.lanes[id] = l
	for _, lane := range []*line{l.messages, l.passed} {
		t.work.Go(func() { t.carry(ctx, to, lane) })
	}
	return l
}

// RemovePeer lets no more messages go to a member, which dials again then and is told why.
func (t *Transport) RemovePeer(id types.ID) {
	t.mu.Lock()
	t.removed[id] = true
	t.remove(id)
	t.mu.Unlock()
	t.expel(t.server.Member(uint64(id)))
}

// expel answers a member that dials, or sends, that it was removed, as etcd's streams do with the status Gone.
func (t *Transport) expel(member int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if member == 0 || t.ctx.Err() != nil {
		return
	}
	t.work.Go(func() {
		me := t.port.member
		if _, err := t.pass(t.ctx, me, member); err != nil { // its stream ends
			return
		}
		if _, err := t.pass(t.ctx, member, me); err != nil { // it dials
			return
		}
		if there, err := t.pass(t.ctx, me, member); err == nil {
			there.server.Expelled()
		}
	})
}

// remove is under the lock.
func (t *Transport) remove(id types.ID) {
	if l := t.lanes[id]; l != nil {
		l.stop()
		delete(t.lanes, id)
	}
}

// RemoveAllPeers is RemovePeer for all.
func (t *Transport) RemoveAllPeers() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id := range t.lanes {
		t.removed[id] = true
		t.remove(id)
	}
}

// Stop cuts the member off and waits for what is under way.
func (t *Transport) Stop() {
	t.mu.Lock() // so that nothing begins from here on
	t.end()
	t.mu.Unlock()
	t.work.Wait()
}

// ActiveSince tells since when the peer has been connected; zero: it is not. As on TCP a link that loses everything
// stays connected, but does not get so.
func (t *Transport) ActiveSince(id types.ID) time.Time {
	t.mu.Lock()
	l := t.lanes[id]
	t.mu.Unlock()
	to := t.server.Member(uint64(id))
	there := t.port.net.reached(to)
	if l == nil || there == nil {
		return time.Time{}
	}
	since := l.since
	if there.began.After(since) {
		since = there.began
	}
	from := t.port.member
	one, other := min(from, to), max(from, to)
	since, ok := firstOpen(since, t.port.net.Link(one, other), t.port.net.Link(other, one))
	if !ok {
		return time.Time{}
	}
	return since
}

// ActivePeers counts the peers that can be reached.
func (t *Transport) ActivePeers() (n int) {
	t.mu.Lock()
	ids := make([]types.ID, 0, len(t.lanes))
	for id := range t.lanes {
		ids = append(ids, id)
	}
	t.mu.Unlock()
	for _, id := range ids {
		if !t.ActiveSince(id).IsZero() {
			n++
		}
	}
	return n
}

// reached is the way of a member that is up.
func (n *Network) reached(member int) *Transport {
	n.mu.RLock()
	p := n.memory[member]
	n.mu.RUnlock()
	if p == nil {
		return nil
	}
	return p.transport()
}

// Send takes messages on their way. It does not wait.
func (t *Transport) Send(ms []*raftpb.Message) {
	for _, m := range ms {
		if m.GetTo() != 0 && t.ctx.Err() == nil {
			t.send(m)
		}
	}
}

func (t *Transport) send(m *raftpb.Message) {
	id := types.ID(m.GetTo())
	t.mu.Lock()
	l := t.lanesTo(id)
	t.mu.Unlock()
	if l == nil {
		return
	}
	to := t.server.Member(m.GetTo())
	if t.port.net.reached(to) == nil { // the connection is refused
		t.server.Raft.ReportUnreachable(m.GetTo())
		return
	}
	data, err := proto.Marshal(m)
	if err != nil {
		panic(err) // raft made it
	}
	d := t.port.net.sent(describe(t.port.member, to, m, len(data)))
	way, lost := t.port.net.Link(t.port.member, to).send(time.Now(), len(data))
	if lost != "" {
		t.port.net.dropped(d, lost)
		return
	}
	lane := l.messages
	if m.GetType() == raftpb.MsgProp {
		lane = l.passed
	}
	if !lane.put(parcel{way, data, d}) {
		t.port.net.dropped(d, LostDown)
		t.server.Raft.ReportUnreachable(m.GetTo())
	}
}

// carry hands the parcels of a lane over, in the order in which they were sent.
func (t *Transport) carry(ctx context.Context, to int, lane *line) {
	for ctx.Err() == nil {
		if p, ok := lane.take(); ok {
			t.hand(ctx, to, p)
			continue
		}
		select {
		case <-lane.bell:
		case <-ctx.Done():
		}
	}
	for { // what is left is dropped
		p, ok := lane.take()
		if !ok {
			return
		}
		t.port.net.dropped(p.msg, LostDown)
	}
}

// hand gives a parcel to its receiver when it is due.
func (t *Transport) hand(ctx context.Context, to int, p parcel) {
	link := t.port.net.Link(t.port.member, to)
	if !link.wait(ctx, p.way) {
		t.port.net.dropped(p.msg, LostDown)
		return
	}
	if link.Condition().Cut {
		t.port.net.dropped(p.msg, LostByCut)
		return
	}
	there := t.port.net.reached(to)
	if there == nil {
		t.port.net.dropped(p.msg, LostDown)
		return
	}
	m := &raftpb.Message{}
	if err := proto.Unmarshal(p.data, m); err != nil {
		panic(err) // it was marshalled here
	}
	t.port.net.delivered(p.msg)
	removed := there.server.Raft.IsIDRemoved(m.GetFrom())
	_ = there.server.Raft.Process(there.ctx, m) // it says that it stops, or has removed the sender; m is its own now
	if removed {
		there.expel(t.port.member)
	}
}

// SendSnapshot takes a snapshot and its database on their way.
func (t *Transport) SendSnapshot(m *snap.Message) {
	// All of it at once: a transaction of the database must not stay open while time passes, or a commit
	// that has to enlarge the file waits for it under etcd's locks.
	db, err := io.ReadAll(m.ReadCloser)
	t.work.Go(func() {
		if err == nil {
			err = t.snapshot(m.Message, db)
		}
		if t.ctx.Err() == nil {
			status := raft.SnapshotFinish
			if err != nil {
				status = raft.SnapshotFailure
				t.server.Raft.ReportUnreachable(m.GetTo())
			}
			t.server.Raft.ReportSnapshot(m.GetTo(), status)
		}
		m.CloseWithError(err)
	})
}

// errUnreachable is the error of what a peer does not get.
var errUnreachable = errors.New("the peer can't be reached")

func (t *Transport) snapshot(m *raftpb.Message, db []byte) error {
	to := t.server.Member(m.GetTo())
	if to == 0 || t.port.net.reached(to) == nil {
		return errUnreachable
	}
	data, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	link := t.port.net.Link(t.port.member, to)
	d := t.port.net.sent(describe(t.port.member, to, m, len(data)))
	way, lost := link.send(time.Now(), len(data))
	if lost == "" && !link.wait(t.ctx, way) {
		lost = LostDown
	}
	if lost == "" {
		lost = t.carryBody(link, len(db))
	}
	there := t.port.net.reached(to)
	if lost == "" && there == nil {
		lost = LostDown
	}
	if lost != "" {
		t.port.net.dropped(d, lost)
		return errUnreachable
	}
	arrived := &raftpb.Message{}
	if err := proto.Unmarshal(data, arrived); err != nil {
		return err
	}
	if err := there.server.SaveSnapshot(bytes.NewReader(db), arrived.GetSnapshot().GetMetadata().GetIndex()); err != nil {
		t.port.net.dropped(d, LostDown)
		return err
	}
	t.port.net.delivered(d)
	return there.server.Raft.Process(there.ctx, arrived)
}

// carryBody takes a snapshot's database over a link, in pieces, so that a cut is seen soon.
func (t *Transport) carryBody(link *Link, size int) Reason {
	const piece = 16 << 10
	for left := size; left > 0; left -= piece {
		if !link.wait(t.ctx, link.free(time.Now(), min(left, piece))) {
			return LostDown
		}
		if link.Condition().Cut {
			return LostByCut
		}
	}
	return ""
}

// RoundTrip carries etcd's own request to a peer, and the answer back.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	to := t.port.net.member(r.URL.Scheme + "://" + r.URL.Host)
	if to == 0 {
		return nil, fmt.Errorf("no such peer: %s", r.URL.Host)
	}
	there, err := t.pass(r.Context(), t.port.member, to)
	if err != nil {
		return nil, err
	}
	w := &answer{code: http.StatusOK, header: http.Header{}}
	there.server.Handler.ServeHTTP(w, r.Clone(r.Context()))
	if _, err := t.pass(r.Context(), to, t.port.member); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: w.code, Header: w.header, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()),
	}, nil
}

// headers is about what the head of a request takes on the wire.
const headers = 300

// pass is the way of a request, or of its answer. What is lost is sent again, as TCP does, for as long as etcd waits
// for an answer. Errors: the receiver is down, that time is over or the sender is shut, and ctx's.
func (t *Transport) pass(ctx context.Context, from, to int) (*Transport, error) {
	patient, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	defer context.AfterFunc(t.ctx, cancel)()
	link := t.port.net.Link(from, to)
	for wait := resendAfter; ; wait *= 2 {
		way, lost := link.send(time.Now(), headers)
		if lost == "" && !link.wait(patient, way) {
			return nil, cmp.Or(ctx.Err(), errUnreachable)
		}
		there := t.port.net.reached(to)
		switch {
		case there == nil:
			return nil, errUnreachable
		case lost == "" && !link.Condition().Cut:
			return there, nil
		}
		again := time.NewTimer(wait)
		select {
		case <-again.C:
		case <-patient.Done():
			again.Stop()
			return nil, cmp.Or(ctx.Err(), errUnreachable)
		}
	}
}

// resendAfter is after how long TCP first sends again what was lost, at the soonest (Linux: TCP_RTO_MIN). Each
// further time takes twice as long.
const resendAfter = 200 * time.Millisecond

// requestPatience is how long etcd waits for a peer's answer.
const requestPatience = 5 * time.Second

// answer takes what a handler says.
type answer struct {
	code   int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(code int)        { a.code = code }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
