package raftsim

import (
	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
)

// drain does what raft has ready to be done.
func (m *member) drain() {
	if m.r.s.Cluster.Disk.Mode == "async" {
		m.drainAsync()
		return
	}
	m.drainLikeEtcd()
}

// drainLikeEtcd is etcd's raft loop (server/etcdserver/raft.go): a leader sends
// first and then writes, everyone else writes first, and nothing more comes from
// raft until the write is done. Committed entries are applied meanwhile.
func (m *member) drainLikeEtcd() {
	for m.up && m.writing == nil && m.node.HasReady() {
		w := m.take(m.node.Ready())
		if w.sent = m.peek.leads(); w.sent {
			m.send(lastAckOnly(w.ready.Messages))
		}
		if !w.ready.MustSync && w.snap == nil {
			m.disk.note(w.hard, m.r.engine.Bug)
			m.advance(w)
			continue
		}
		m.writing = w
		if !m.begin(w) {
			return
		}
		m.written()
	}
}

// take notes what is in a Ready and applies what is committed. etcd's loop has one
// write at a time, so its memory serves for all of them.
func (m *member) take(rd raft.Ready) *write {
	w := &m.loop
	*w = write{hard: rd.HardState, entries: rd.Entries, ready: rd}
	if raft.IsEmptySnap(rd.Snapshot) {
		m.noteAppended(rd.Entries)
		m.noteCommitted(rd.HardState)
	} else {
		w.snap = rd.Snapshot // its state replaces the member's when it is on the disk
	}
	m.applyAll(rd.CommittedEntries)
	m.confirmed(rd.ReadStates)
	return w
}

// written ends the write that etcd's loop waits for.
func (m *member) written() {
	w := m.writing
	m.writing = nil
	m.finish(w)
	if w.snap != nil {
		m.install(w.snap)
		m.noteAppended(w.entries)
		m.noteCommitted(w.hard)
	}
	m.advance(w)
}

// advance tells raft that a Ready is done with.
func (m *member) advance(w *write) {
	if !w.sent {
		m.send(lastAckOnly(w.ready.Messages))
	}
	m.node.Advance(w.ready)
	m.look()
	m.compactIfDue()
}

// lastAckOnly leaves out all acknowledgements but the last, as etcd does.
func lastAckOnly(ms []*pb.Message) []*pb.Message {
	acks := 0
	for _, a := range ms {
		if a.GetType() == pb.MsgAppResp {
			acks++
		}
	}
	if acks < 2 {
		return ms
	}
	out := make([]*pb.Message, 0, len(ms))
	for _, a := range ms {
		if a.GetType() == pb.MsgAppResp {
			if acks--; acks > 0 {
				continue
			}
		}
		out = append(out, a)
	}
	return out
}

// drainAsync is raft's asynchronous mode: writes queue up for the disk while raft
// continues, and all that wait are synced together.
//
// In one point it is stricter than the loop that raft's doc.go shows, which sends requests for votes at once: they
// wait until the candidate's term is on its disk. Else others could elect it in a term that it forgets in a crash,
// and elect it again in the same term, where its log is another: two entries with one index and one term.
func (m *member) drainAsync() {
	for m.up && m.node.HasReady() {
		rd := m.node.Ready()
		if !raft.IsEmptySnap(rd.Snapshot) {
			m.install(rd.Snapshot) // raft goes on with it while it is being written
		}
		m.noteAppended(rd.Entries)
		m.noteCommitted(rd.HardState)
		m.confirmed(rd.ReadStates)
		var asking []*pb.Message
		for _, msg := range rd.Messages {
			switch to := msg.GetTo(); {
			case to == raft.LocalAppendThread:
				m.enqueue(msg, asking, rd.MustSync)
			case to == raft.LocalApplyThread:
				m.applyAll(msg.GetEntries())
				m.respond(msg.GetResponses())
			case msg.GetType() == pb.MsgVote:
				asking = append(asking, msg) // the term is new, so its write follows
			default:
				m.sendOne(msg)
			}
			if !m.up {
				return
			}
		}
		m.look()
		m.compactIfDue()
	}
}

// enqueue puts a write behind those that the disk is busy with. What asks for votes goes out with its responses.
func (m *member) enqueue(msg *pb.Message, asking []*pb.Message, mustSync bool) {
	w := &write{entries: msg.GetEntries(), responses: append(asking, msg.GetResponses()...)}
	if msg.Term != nil && msg.Vote != nil {
		w.hard = &pb.HardState{Term: msg.Term, Vote: msg.Vote, Commit: msg.Commit}
	}
	if !raft.IsEmptySnap(msg.GetSnapshot()) {
		w.snap = msg.GetSnapshot()
	}
	if !mustSync && w.snap == nil && len(m.group) == 0 {
		m.disk.note(w.hard, m.r.engine.Bug)
		m.respond(w.responses)
		return
	}
	m.queued = append(m.queued, w)
	m.syncQueued()
}

// syncQueued starts a sync of all that is queued, unless one is under way.
func (m *member) syncQueued() {
	for len(m.group) == 0 && len(m.queued) > 0 {
		m.group, m.queued = m.queued, nil
		if !m.begin(m.group...) {
			return
		}
		m.groupWritten()
	}
}

// groupWritten ends a sync: what waited for its writes goes out.
func (m *member) groupWritten() {
	group := m.group
	m.group = nil
	for _, w := range group {
		m.finish(w)
	}
	for _, w := range group {
		m.respond(w.responses)
	}
}

// respond delivers what waited for storage: to this member's raft or to others.
func (m *member) respond(ms []*pb.Message) {
	for _, msg := range ms {
		if msg.GetTo() == uint64(m.id) {
			_ = m.node.Step(msg)
			m.look()
		} else {
			m.sendOne(msg)
		}
	}
}

// onSynced is the end of a sync that took time.
func (m *member) onSynced(life uint32) {
	switch {
	case life != m.life:
	case m.disk.state.Stalled:
		m.held = true
	case m.paused:
		m.unseen = true
		m.inbox = append(m.inbox, event{kind: doSynced, life: life, to: m.id})
	default:
		m.do(m.synced)
	}
}

func (m *member) synced() {
	m.unseen = false
	if m.writing != nil {
		m.written()
		m.thaw()
		return
	}
	m.groupWritten()
	m.syncQueued()
}

// noteAppended writes down the entries that became part of the log.
func (m *member) noteAppended(es []*pb.Entry) {
	if len(es) == 0 {
		return
	}
	before := m.last.term
	if first := es[0].GetIndex(); first <= m.last.index {
		m.record(sim.Event{Kind: sim.KindTruncated, Index: first})
		before = m.termInMemory(first - 1)
	}
	for _, e := range es {
		m.record(sim.Event{Kind: sim.KindAppended, Term: e.GetTerm(), Index: e.GetIndex(), LogTerm: before,
			Value: contentHash(e)})
		before = e.GetTerm()
	}
	m.last = entryID{es[len(es)-1].GetIndex(), before}
}

// termInMemory is the term of an entry that may still be on its way to the disk.
func (m *member) termInMemory(i uint64) uint64 {
	for _, ws := range [][]*write{m.queued, m.group} {
		for k := len(ws) - 1; k >= 0; k-- {
			es := ws[k].entries
			if len(es) > 0 && es[0].GetIndex() <= i && i <= es[len(es)-1].GetIndex() {
				return es[i-es[0].GetIndex()].GetTerm()
			}
		}
	}
	return m.disk.wal.termAt(i)
}

func (m *member) noteCommitted(hard *pb.HardState) {
	if c := hard.GetCommit(); c > m.commit {
		m.commit = c
		m.record(sim.Event{Kind: sim.KindCommitted, Index: c})
	}
}

// contentHash is FNV-1a over what an entry says, apart from its place in the log.
func contentHash(e *pb.Entry) uint64 {
	h := uint64(14695981039346656037) ^ uint64(e.GetType())
	h *= 1099511628211
	for _, c := range e.GetData() {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}
