package raftsim

import (
	"encoding/binary"
	"errors"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
)

// serve takes a client's request.
func (m *member) serve(o *op) {
	switch {
	case o.kind.IsWrite():
		m.do(func() { m.propose(o) })
	case !o.final && (m.r.s.Workload.Reads == sim.ReadSerializable || m.r.engine.Bug == StaleReads):
		m.answerRead(o)
	default:
		m.reads.waiting = append(m.reads.waiting, o)
		m.do(m.askIndex)
	}
}

// propose hands a write to raft, or keeps it until a leader is known.
func (m *member) propose(o *op) {
	if m.standing.lead == 0 {
		m.hopeful = append(m.hopeful, o)
		return
	}
	q := request{kind: reqPut, op: o.id, key: o.key}
	if o.kind == sim.OpCAS {
		q.kind, q.old = reqCAS, o.old
	}
	m.proposed[o.id] = o
	if err := m.proposeData(q.encode()); err != nil {
		delete(m.proposed, o.id)
		m.answer(o, answer{result: sim.OutcomeFailed, note: err.Error()})
	}
}

// proposeData steps a proposal into raft. ErrProposalDropped means that it has had
// and will have no effect.
func (m *member) proposeData(data []byte) error {
	err := m.node.Step(&pb.Message{Type: pb.MsgProp.Enum(), From: new(uint64(m.id)), Entries: []*pb.Entry{{Data: data}}})
	if err != nil && !errors.Is(err, raft.ErrProposalDropped) {
		panic(err) // raft has no other error for a proposal
	}
	return err
}

// proposeHopeful hands over what waited for a leader: other members' proposals and writes.
func (m *member) proposeHopeful() {
	os, msgs := m.hopeful, m.stranded
	m.hopeful, m.stranded = nil, nil
	for _, msg := range msgs {
		m.step(msg)
	}
	for _, o := range os {
		if !o.done {
			m.propose(o)
		}
	}
}

// reads is what a member does for linearizable reads, as etcd does: one question
// to the leader at a time, on behalf of all reads that have come by then.
type reads struct {
	waiting []*op  // for the next question
	asked   []*op  // for the answer to the one under way
	number  uint64 // of the question
	index   uint64 // its answer: the reads may be served when this is applied
	known   bool   // there is an answer
}

// readRetry is how long etcd waits for an answer before it asks again.
const readRetry = 500 * time.Millisecond

// askIndex asks for the index that the waiting reads need.
func (m *member) askIndex() {
	rs := &m.reads
	if len(rs.asked) > 0 || len(rs.waiting) == 0 {
		return
	}
	rs.asked, rs.waiting = rs.waiting, nil
	rs.number++
	rs.known = false
	m.sendReadIndex()
	m.retryRead(rs.number)
}

func (m *member) sendReadIndex() {
	m.node.ReadIndex(binary.BigEndian.AppendUint64(nil, uint64(m.life)<<32|m.reads.number))
}

// askAgain repeats the question under way, if it has no answer.
func (m *member) askAgain() {
	if len(m.reads.asked) > 0 && !m.reads.known {
		m.sendReadIndex()
	}
}

func (m *member) retryRead(number uint64) {
	life := m.life
	m.r.after(readRetry, func() {
		if m.life != life || m.reads.number != number || len(m.reads.asked) == 0 || m.reads.known {
			return
		}
		if !m.paused {
			m.do(m.askAgain)
		}
		m.retryRead(number)
	})
}

// confirmed takes the answers that raft brings.
func (m *member) confirmed(states []raft.ReadState) {
	for _, s := range states {
		rs := &m.reads
		if len(rs.asked) > 0 && !rs.known && binary.BigEndian.Uint64(s.RequestCtx) == uint64(m.life)<<32|rs.number {
			rs.index, rs.known = s.Index, true
		}
	}
	if len(states) > 0 {
		m.serveReads()
	}
}

// serveReads answers the reads whose index is applied, and asks for the next ones.
func (m *member) serveReads() {
	rs := &m.reads
	if !rs.known || m.applied < rs.index || len(rs.asked) == 0 {
		return
	}
	os := rs.asked
	rs.asked = nil
	for _, o := range os {
		m.answerRead(o)
	}
	m.askIndex()
}

func (m *member) answerRead(o *op) {
	if m.backend.busy {
		m.backend.readings = append(m.backend.readings, o)
		return
	}
	if o.final {
		m.r.finalAnswer(m)
		return
	}
	v, _ := m.store.get(o.key)
	m.answer(o, answer{result: sim.OutcomeOK, value: v, revision: m.store.revision})
}

// answer sends an answer back to the client.
func (m *member) answer(o *op, a answer) {
	a.by = m.id
	m.r.load.reply(o, a)
}
