package raftsim

import (
	"math/rand/v2"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"quorumlab/internal/outages"
	"quorumlab/sim"
)

// link carries messages from one member to another, in the order in which they
// were sent, as a TCP connection does, unless it is told to reorder.
type link struct {
	healthy sim.LinkSpec
	state   sim.LinkState
	cuts    outages.Outages
	random  *rand.Rand
	last    time.Duration // when the last message arrives
	unread  int           // messages that wait for a paused receiver
	stream  lane
	snaps   lane // snapshots have a connection of their own, as in etcd
}

// The network of a data centre.
const (
	// snapshotSpeed, in bytes a second, is how fast a snapshot travels: about a gigabit.
	// Everything else is too small for that to matter.
	snapshotSpeed = 125_000_000
	// bufferLen is how many messages a connection holds at either end: etcd's stream
	// buffer. What comes then is dropped.
	bufferLen = 4096
	// messageOverhead is roughly what a message takes besides its entries, in bytes.
	messageOverhead = 64
)

func (r *run) link(from, to sim.MemberID) *link {
	p := &r.links[r.linkPlace(from, to)]
	if *p == nil {
		*p = &link{healthy: r.s.Link(from, to), random: r.stream("link ", r.member(from).name, " ", r.member(to).name)}
	}
	return *p
}

func (r *run) linkPlace(from, to sim.MemberID) int {
	return int(from-1)*len(r.members) + int(to-1)
}

func (m *member) send(ms []*pb.Message) {
	for _, msg := range ms {
		m.sendOne(msg)
	}
}

// sendOne puts a message on its link.
func (m *member) sendOne(msg *pb.Message) {
	r := m.r
	r.messages++
	e := event{kind: doDeliver, msg: msg, id: r.messages, to: sim.MemberID(msg.GetTo())}
	e.life = m.bearer + r.member(e.to).bearer
	if m.applied < r.member(e.to).bornAt {
		e.life-- // it does not know of the new one yet, which has another ID in etcd
	}
	r.recordMessage(sim.KindSent, &e, "")
	if msg.GetType() == pb.MsgSnap {
		m.sending++
	}
	l := r.link(m.id, e.to)
	if why := l.loses(); why != "" {
		r.lost(&e, why)
		return
	}
	r.enqueue(l, e)
}

// loses draws whether a message is lost on its way, and why.
func (l *link) loses() string {
	switch {
	case l.state.Cut:
		return "cut"
	case l.healthy.Loss.Chance(l.random), l.state.Loss.Chance(l.random):
		return "loss"
	}
	return ""
}

// latency draws how long a message takes on a link.
func (r *run) latency(l *link) time.Duration {
	return l.healthy.Latency.Draw(l.random) + l.state.Delay.Draw(l.random) + r.engine.Machine.Hop.At(0, r.recorded+r.now)
}

// usual is how long a message takes most of the time.
func (r *run) usual(l *link) time.Duration {
	return l.healthy.Latency.Mean() + l.state.Delay.Mean() + r.engine.Machine.Hop.Quantile(0.5)
}

// depart puts a message on its way. Its bytes are out.
func (r *run) depart(l *link, e event) {
	at := r.now + r.latency(l)
	kind := e.msg.GetType()
	switch {
	case kind == pb.MsgSnap:
		r.queue.push(at, e)
		return
	case l.state.Reorder.Chance(l.random):
		at += time.Duration(sim.Below(l.random, int64(4*(at-r.now))+1))
	default:
		at = max(at, l.last)
		l.last = at
	}
	r.queue.push(at, e)
	if kind != pb.MsgProp && l.state.Duplicate.Chance(l.random) { // a proposal would be made twice
		e.msg = proto.Clone(e.msg).(*pb.Message)
		r.queue.push(at+r.latency(l), e)
	}
}

// messageSize is what a message would take on the wire with values of the
// workload's size, which are numbers here. A snapshot is the whole file of the database.
func (r *run) messageSize(msg *pb.Message) int64 {
	n := int64(messageOverhead)
	for _, e := range msg.GetEntries() {
		n += entryOverhead + int64(len(e.GetData()))
		if isWrite(e) {
			n += int64(r.valueSize(e))
		}
	}
	if s := msg.GetSnapshot(); s != nil {
		n += r.fileSize(fileOf(s.GetData()))
	}
	return n
}

// arrive gives a message to its receiver.
func (r *run) arrive(e *event) {
	m := r.member(e.to)
	from := sim.MemberID(e.msg.GetFrom())
	l := r.link(from, e.to)
	switch {
	case l.state.Cut:
		r.lost(e, "cut")
	case !m.up, e.life != m.bearer+r.member(from).bearer:
		r.lost(e, "down")
		r.refused(e)
	case m.paused && l.unread >= bufferLen:
		r.lost(e, "queue full")
	case m.paused:
		l.unread++
		m.inbox = append(m.inbox, *e)
	default:
		m.deliver(e)
	}
}

func (m *member) deliver(e *event) {
	if m.turnedAway(sim.MemberID(e.msg.GetFrom())) {
		m.r.lost(e, "down")
		return
	}
	m.r.recordMessage(sim.KindDelivered, e, "")
	snap := e.msg.GetType() == pb.MsgSnap
	m.do(func() { m.step(e.msg) })
	if snap {
		m.r.delivered(e)
	}
}

// step gives a message to raft. A proposal that comes while no leader is known waits for one, as in
// etcd, where raft takes none before (propc in its node.go) and each peer keeps some.
func (m *member) step(msg *pb.Message) {
	if msg.GetType() == pb.MsgProp && m.peek.lead() == 0 {
		if len(m.stranded) < bufferLen {
			m.stranded = append(m.stranded, msg)
		}
		return
	}
	_ = m.node.Step(msg) // an error means that raft ignores it
}

// lost writes down that a message did not arrive.
func (r *run) lost(e *event, why string) {
	r.recordMessage(sim.KindDropped, e, why)
	if e.msg.GetType() == pb.MsgSnap && why != "down" {
		r.reportSnapshot(e.msg, raft.SnapshotFailure, snapshotTimeout)
	}
	if r.engine.Bug == ForgeAcks && e.msg.GetType() == pb.MsgApp {
		r.forgeAck(e.msg)
	}
}

// What etcd does about the snapshots that it sends.
const (
	// snapshotTimeout is when it considers one lost that nobody answers.
	snapshotTimeout = 5 * time.Second
	// snapshotGrace is for how long after one it still keeps its log, so that the
	// receiver finds the entries that follow.
	snapshotGrace = 30 * time.Second
)

// refused tells the sender that nobody listens: a closed port answers at once.
func (r *run) refused(e *event) {
	from, to := sim.MemberID(e.msg.GetFrom()), e.to
	back, snap := r.link(to, from), e.msg.GetType() == pb.MsgSnap
	wait := r.latency(back)
	if back.state.Cut {
		wait = snapshotTimeout
	} else {
		m := r.member(from)
		m.later(wait, func() { m.node.ReportUnreachable(uint64(to)) })
	}
	if snap {
		r.reportSnapshot(e.msg, raft.SnapshotFailure, wait)
	}
}

// delivered lets the sender of a snapshot hear that it arrived.
func (r *run) delivered(e *event) {
	back := r.link(e.to, sim.MemberID(e.msg.GetFrom()))
	if back.state.Cut {
		r.reportSnapshot(e.msg, raft.SnapshotFailure, snapshotTimeout)
		return
	}
	r.reportSnapshot(e.msg, raft.SnapshotFinish, r.latency(back))
}

func (r *run) reportSnapshot(msg *pb.Message, status raft.SnapshotStatus, after time.Duration) {
	m := r.member(sim.MemberID(msg.GetFrom()))
	m.later(after, func() {
		m.node.ReportSnapshot(msg.GetTo(), status)
		if status == raft.SnapshotFailure {
			m.sending--
			return
		}
		m.later(snapshotGrace, func() { m.sending-- })
	})
}

// forgeAck is the bug of that name.
func (r *run) forgeAck(app *pb.Message) {
	last := app.GetIndex() + uint64(len(app.GetEntries()))
	ack := &pb.Message{Type: pb.MsgAppResp.Enum(), From: app.To, To: app.From, Term: app.Term, Index: new(last)}
	m := r.member(sim.MemberID(ack.GetTo()))
	m.later(time.Millisecond, func() { _ = m.node.Step(ack) })
}

// recordMessage writes an event of a message. Sent and dropped happen at its
// sender, delivered at its receiver.
func (r *run) recordMessage(k sim.Kind, e *event, why string) {
	if r.rec.Skip(k) {
		return
	}
	m := e.msg
	at, peer := sim.MemberID(m.GetFrom()), e.to
	if k == sim.KindDelivered {
		at, peer = peer, at
	}
	r.record(sim.Event{Kind: k, Member: at, Peer: peer, Msg: sim.MsgType(m.GetType()), ID: e.id,
		Term: m.GetTerm(), Index: m.GetIndex(), LogTerm: m.GetLogTerm(), Commit: m.GetCommit(),
		Reject: m.GetReject(), Count: uint32(len(m.GetEntries())), Note: why})
}
