package raftsim

import (
	"math/rand/v2"
	"slices"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
)

// disk is what a member's process leaves behind when it dies: the log, and the
// store as far as the log's commit index is known to be synced.
type disk struct {
	platter
	state  sim.DiskState
	honest *platter // while it lies: all that it really holds
	random *rand.Rand
}

// platter is a disk's content. A copy is a picture of it, except for the store,
// which picture copies.
type platter struct {
	wal     wal
	store   store
	index   uint64 // the store's applied index
	snapped uint64 // index of the last snapshot, made or installed
	confs   []confAt
}

// confAt is the configuration from an index on.
type confAt struct {
	index uint64
	conf  *pb.ConfState
}

func (p platter) picture() *platter {
	p.store = p.store.clone()
	p.wal.ents = p.wal.ents[:len(p.wal.ents):len(p.wal.ents)]
	p.confs = p.confs[:len(p.confs):len(p.confs)]
	return &p
}

// found puts a new cluster's first entries on the disk, as committed and applied.
func (d *disk) found(entries []*pb.Entry, conf *pb.ConfState) {
	n := uint64(len(entries))
	d.wal.append(entries)
	d.wal.hard = &pb.HardState{Term: new(uint64(1)), Vote: new(uint64(0)), Commit: new(n)}
	d.wal.synced = d.wal.hard
	d.index, d.snapped = n, 0
	d.confs = []confAt{{n, conf}}
}

// wipe empties the disk. What is wrong with it stays so.
func (d *disk) wipe() {
	d.platter = platter{store: newStore()}
	if d.honest != nil {
		d.honest = d.platter.picture()
	}
}

// confAt is the configuration at an index.
func (p *platter) confAt(index uint64) *pb.ConfState {
	for i := len(p.confs) - 1; i >= 0; i-- {
		if p.confs[i].index <= index {
			return p.confs[i].conf
		}
	}
	return &pb.ConfState{}
}

// advance brings the store on the disk up to an index by the log's entries.
func (p *platter) advance(to uint64, skip func(*pb.Entry) bool) {
	for i := p.index + 1; i <= to; i++ {
		e := p.wal.ents[i-p.wal.start-1]
		if e.GetType() == pb.EntryNormal && !skip(e) {
			p.store.applyEntry(e.GetData())
		}
	}
	p.index = max(p.index, to)
}

// write is something on its way to the disk.
type write struct {
	id        uint64
	hard      *pb.HardState
	entries   []*pb.Entry
	snap      *pb.Snapshot
	ready     raft.Ready    // etcd's loop: what waits for it
	sent      bool          // etcd's loop: its messages are out already
	responses []*pb.Message // asynchronous: what waits for it
}

// save puts a write on the disk durably.
func (d *disk) save(w *write, bug Bug) {
	if w.snap != nil {
		meta := w.snap.GetMetadata()
		d.wal.reset(meta.GetIndex(), meta.GetTerm())
		d.store = decodeStore(w.snap.GetData())
		d.index, d.snapped = meta.GetIndex(), meta.GetIndex()
		d.confs = []confAt{{meta.GetIndex(), meta.GetConfState()}}
	}
	d.wal.append(w.entries)
	d.note(w.hard, bug)
	d.wal.synced = d.wal.hard
}

// note writes without a sync, as etcd does when only the commit index moved. A commit index that the disk has
// stays: what is written now may have begun its way before a snapshot was made.
func (d *disk) note(hard *pb.HardState, bug Bug) {
	if raft.IsEmptyHardState(hard) {
		return
	}
	if had := d.wal.hard.GetCommit(); had > hard.GetCommit() {
		hard = &pb.HardState{Term: hard.Term, Vote: hard.Vote, Commit: new(had)}
	}
	d.wal.hard = hard
	if bug == ForgetVote {
		d.wal.hard = &pb.HardState{Term: hard.Term, Vote: new(uint64(0)), Commit: hard.Commit}
	}
}

// snapshotMade notes a snapshot at an index, which is committed by that: etcd syncs
// its log when it writes one.
func (d *disk) snapshotMade(index uint64) {
	d.snapped = index
	h := d.wal.hard
	d.wal.hard = &pb.HardState{Term: h.Term, Vote: h.Vote, Commit: new(max(h.GetCommit(), index))}
	d.wal.synced = d.wal.hard
}

// fsyncTime draws how long a sync takes.
func (m *member) fsyncTime() time.Duration {
	return m.takes(m.r.fsync, m.disk.random) + m.disk.state.Slow.Draw(m.disk.random)
}

// commitTime draws how long a commit of the database takes.
func (m *member) commitTime() time.Duration {
	random := m.backend.random
	return m.takes(m.r.commit, random) + m.disk.state.Slow.Draw(random) + m.disk.state.Slow.Draw(random)
}

// work is how long the disk takes for something: so many fsyncs by the scenario's distribution, or what
// a machine took for it at the same moment of its recording.
type work struct {
	each     sim.Distribution
	fsyncs   int
	measured sim.Recording
}

// takes is how long the member's disk takes for something that begins now. Members of one recording
// share their disk, as all members of a run on etcd do.
func (m *member) takes(w work, random *rand.Rand) (d time.Duration) {
	if !w.measured.IsZero() {
		return w.measured.At(int(m.id)-1, m.r.recorded+m.r.now)
	}
	for range w.fsyncs {
		d += w.each.Draw(random)
	}
	return d
}

// errDiskFull is what etcd says when it stops because a write failed.
const errDiskFull = "failed to save Raft hard state and entries: write: no space left on device"

// begin starts a sync of the writes, which are not empty. It reports whether they are
// done already, which a disk that takes no time allows.
func (m *member) begin(ws ...*write) (done bool) {
	if m.disk.state.Full {
		m.fail(errDiskFull)
		return false
	}
	for _, w := range ws {
		m.r.writes++
		w.id = m.r.writes
		m.record(sim.Event{Kind: sim.KindSyncBegun, ID: w.id, Count: uint32(len(w.entries)), Index: lastOf(w)})
	}
	if m.disk.state.Stalled {
		m.held = true
		return false
	}
	d := m.fsyncTime()
	if d > 0 {
		m.r.queue.push(m.r.now+d, event{kind: doSynced, to: m.id, life: m.life})
		return false
	}
	return true
}

// lastOf is the last index that a write covers, 0 for a hard state alone.
func lastOf(w *write) uint64 {
	if n := len(w.entries); n > 0 {
		return w.entries[n-1].GetIndex()
	}
	return w.snap.GetMetadata().GetIndex()
}

// finish puts a write on the disk and says so.
func (m *member) finish(w *write) {
	m.disk.save(w, m.r.engine.Bug)
	m.record(sim.Event{Kind: sim.KindSyncDone, ID: w.id, Count: uint32(len(w.entries)), Index: lastOf(w)})
}

// setDisk changes what is wrong with the disk.
func (m *member) setDisk(s sim.DiskState) {
	m.disk.state = s
	m.disk.lie(s.Lying || m.r.engine.Bug == LyingDisks)
	if !s.Stalled && m.backend.held {
		m.commitOnDisk()
	}
	if !s.Stalled && m.held {
		m.held = false
		m.r.queue.push(m.r.now+m.fsyncTime(), event{kind: doSynced, to: m.id, life: m.life})
	}
}

// lie begins or ends a time in which the disk keeps nothing that it says it does.
func (d *disk) lie(on bool) {
	switch {
	case on && d.honest == nil:
		d.honest = d.platter.picture()
	case !on:
		d.honest = nil
	}
}

// powerCut leaves on the disk what a crash leaves there.
func (m *member) powerCut() {
	d := &m.disk
	lost := m.queued
	if inFlight := m.inFlight(); m.arrives() {
		for _, w := range inFlight {
			d.save(w, m.r.engine.Bug)
		}
	} else {
		lost = slices.Concat(inFlight, lost)
	}
	m.lose(lost)
	d.wal.hard = d.wal.synced
	if d.honest != nil {
		m.loseSince(d.honest)
	}
	m.keep()
}

// inFlight are the writes that the disk is busy with.
func (m *member) inFlight() []*write {
	if m.writing != nil {
		return []*write{m.writing}
	}
	return m.group
}

// arrives reports whether what is in flight at a crash is on the disk after it: a coin
// decides, unless the disk was done or could not do it.
func (m *member) arrives() bool {
	coin := len(m.inFlight()) > 0 && sim.Below(m.disk.random, 2) == 1
	return m.unseen || coin && !m.disk.state.Stalled && !m.disk.state.Full
}

// keep brings the store on the disk up to what both the process had applied and
// the disk knows to be committed.
func (m *member) keep() {
	w := &m.disk.wal
	m.disk.advance(min(m.applied, w.synced.GetCommit(), w.last()), m.skips)
}

func (m *member) lose(ws []*write) {
	for _, w := range ws {
		e := sim.Event{Kind: sim.KindLost, Index: m.disk.wal.last() + 1, Count: uint32(len(w.entries))}
		if len(w.entries) > 0 {
			e.Index = w.entries[0].GetIndex()
		}
		switch {
		case w.snap != nil:
			e.Note = "a snapshot"
		case !raft.IsEmptyHardState(w.hard):
			e.Note = "term and vote"
		}
		m.record(e)
	}
}

// loseSince takes the disk back to what it really held.
func (m *member) loseSince(honest *platter) {
	m.loseTo(honest, "the disk had not kept what it had said")
}

// loseTo takes the disk back to what it held at another time.
func (m *member) loseTo(honest *platter, why string) {
	e := sim.Event{Kind: sim.KindLost, Note: why}
	now, then := m.disk.wal.last(), honest.wal.last()
	e.Index = then + 1
	if now > then {
		e.Count = uint32(now - then)
	}
	m.disk.platter = *honest.picture()
	m.record(e)
}
