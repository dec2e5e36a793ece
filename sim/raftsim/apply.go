package raftsim

import (
	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
)

// applyAll gives committed entries to the member's state machine.
func (m *member) applyAll(es []*pb.Entry) {
	if m.backend.busy {
		m.backend.entries = append(m.backend.entries, es...)
		return
	}
	for _, e := range es {
		m.apply(e)
	}
	if len(es) > 0 {
		m.serveReads()
		m.r.judgeChanges(m.term)
	}
}

func (m *member) apply(e *pb.Entry) {
	m.applied, m.term = e.GetIndex(), e.GetTerm()
	var q request
	switch {
	case e.GetType() != pb.EntryNormal:
		m.applyChange(e)
	case len(e.GetData()) > 0:
		q = decodeRequest(e.GetData())
	}
	var a answer
	if q.kind != 0 && !m.skips(e) {
		a = m.store.apply(q)
	}
	m.record(sim.Event{Kind: sim.KindApplied, Term: m.term, Index: m.applied, Value: contentHash(e), ID: q.op,
		Revision: m.store.revision})
	if e.GetType() != pb.EntryNormal || q.kind != 0 {
		m.touch()
	}
	if q.kind == reqCompact {
		m.record(sim.Event{Kind: sim.KindStoreCompacted, Revision: m.store.compacted})
		m.r.compacted(m.store.compacted)
	}
	if o := m.proposed[q.op]; o != nil {
		delete(m.proposed, q.op)
		m.answer(o, a)
	}
	if e.GetType() == pb.EntryNormal && len(e.GetData()) == 0 {
		m.askAgain() // a new leader's first entry: etcd sends its open ReadIndex again
	}
}

// skips is the bug SkipApply.
func (m *member) skips(e *pb.Entry) bool {
	return m.r.engine.Bug == SkipApply && int(m.id) == len(m.r.members) && e.GetIndex()%10 == 0
}

// snapshot is the state machine of this moment, as raft sends it to a member whose
// entries are gone from the log.
func (m *member) snapshot() *pb.Snapshot {
	return &pb.Snapshot{
		Data:     m.store.encode(),
		Metadata: &pb.SnapshotMetadata{ConfState: m.conf, Index: new(m.applied), Term: new(m.term)},
	}
}

// install puts the state machine of a snapshot in place of this member's.
func (m *member) install(s *pb.Snapshot) {
	m.flush()
	meta := s.GetMetadata()
	m.applied, m.term = meta.GetIndex(), meta.GetTerm()
	m.last = entryID{m.applied, m.term}
	m.commit = max(m.commit, m.applied)
	m.store = decodeStore(s.GetData())
	m.record(sim.Event{Kind: sim.KindSnapshotInstalled, Peer: m.standing.lead, Index: m.applied, Term: m.term,
		Revision: m.store.revision})
	m.adopt(meta.GetConfState(), m.applied)
	m.answerLost()
	m.serveReads()
}

// answerLost gives up on writes that went by inside a snapshot: this member will
// not see their entries, so their clients wait until they give up, as with etcd.
func (m *member) answerLost() {
	clear(m.proposed)
}

// compactIfDue makes a snapshot when enough entries have been applied since the
// last one, and drops the log before it except for what slow members may need.
func (m *member) compactIfDue() {
	c := &m.has.Store
	w := &m.disk.wal
	index := m.applied
	if index <= m.disk.snapped+c.SnapshotCount || index > w.last() { // a snapshot is on its way to the disk
		return
	}
	m.disk.snapshotMade(index)
	m.record(sim.Event{Kind: sim.KindSnapshotMade, Index: index, Term: w.termAt(index), Revision: m.store.revision})
	if m.sending > 0 || index <= c.CatchUpEntries || index-c.CatchUpEntries <= w.start {
		return
	}
	to := index - c.CatchUpEntries
	m.disk.advance(to, m.skips)
	w.compact(to)
	m.record(sim.Event{Kind: sim.KindCompacted, Index: to})
}
