package raftsim

import (
	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// wal is a member's log as its disk holds it, with raft's hard state. It is what
// raft.MemoryStorage is, without its lock and copies, and a copy of the struct is a
// picture of the disk: entries are never changed in place.
type wal struct {
	start  uint64 // entries up to here are compacted
	term   uint64 // of the entry at start
	ents   []*pb.Entry
	hard   *pb.HardState // as written last
	synced *pb.HardState // as synced last
}

func (w *wal) last() uint64 { return w.start + uint64(len(w.ents)) }

// termAt is the term of the entry at i, or 0 when the log does not hold it.
func (w *wal) termAt(i uint64) uint64 {
	switch {
	case i == w.start:
		return w.term
	case i < w.start || i > w.last():
		return 0
	}
	return w.ents[i-w.start-1].GetTerm()
}

// append writes entries, replacing those that it holds from there on.
func (w *wal) append(es []*pb.Entry) {
	if len(es) == 0 || es[len(es)-1].GetIndex() <= w.start {
		return
	}
	if first := es[0].GetIndex(); first <= w.start {
		es = es[w.start+1-first:]
	}
	n := es[0].GetIndex() - w.start - 1
	if n < uint64(len(w.ents)) {
		w.ents = append(w.ents[:n:n], es...) // a new array: pictures keep the old one
		return
	}
	w.ents = append(w.ents, es...)
}

// compact drops the entries up to i, which the log must hold.
func (w *wal) compact(i uint64) {
	w.term = w.termAt(i)
	w.ents = append([]*pb.Entry(nil), w.ents[i-w.start:]...)
	w.start = i
}

// reset empties the log behind a snapshot.
func (w *wal) reset(index, term uint64) { w.start, w.term, w.ents = index, term, nil }

// slice returns the entries of [lo, hi) up to a size, but one at least.
func (w *wal) slice(lo, hi, size uint64) ([]*pb.Entry, error) {
	if lo <= w.start {
		return nil, raft.ErrCompacted
	}
	if hi > w.last()+1 {
		return nil, raft.ErrUnavailable
	}
	es := w.ents[lo-w.start-1 : hi-w.start-1]
	sum := uint64(0)
	for i, e := range es {
		sum += uint64(entryOverhead + len(e.GetData()))
		if i > 0 && sum > size {
			es = es[:i]
			break
		}
	}
	return es[:len(es):len(es)], nil
}

// entryOverhead is roughly what an entry's index, term and framing take besides its
// data, in bytes.
const entryOverhead = 12

// storage is a member's disk as raft sees it (raft.Storage).
type storage struct{ m *member }

// InitialState is the hard state and the configuration at the applied index.
func (s storage) InitialState() (*pb.HardState, *pb.ConfState, error) {
	return s.m.disk.wal.hard, firstOf(s.m.conf), nil
}

// Entries is part of the log.
func (s storage) Entries(lo, hi, size uint64) ([]*pb.Entry, error) {
	return s.m.disk.wal.slice(lo, hi, size)
}

// Term is an entry's term.
func (s storage) Term(i uint64) (uint64, error) {
	w := &s.m.disk.wal
	if i < w.start {
		return 0, raft.ErrCompacted
	}
	if i > w.last() {
		return 0, raft.ErrUnavailable
	}
	return w.termAt(i), nil
}

// LastIndex is the end of the log.
func (s storage) LastIndex() (uint64, error) { return s.m.disk.wal.last(), nil }

// FirstIndex is the first entry that is not compacted.
func (s storage) FirstIndex() (uint64, error) { return s.m.disk.wal.start + 1, nil }

// Snapshot is the state machine as it is now, as etcd sends it: not the older one
// that the log was compacted behind.
func (s storage) Snapshot() (*pb.Snapshot, error) { return s.m.snapshot(), nil }
