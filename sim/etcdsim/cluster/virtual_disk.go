package cluster

import (
	"reflect"
	"sync"
	"time"

	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/storage"
	"go.etcd.io/etcd/server/v3/storage/backend"
	"go.etcd.io/etcd/server/v3/storage/mvcc"
	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim/etcdsim/cluster/apart"
	"quorumlab/sim/etcdsim/cluster/diskfault"
)

// timedFiles stands between raft's loop and the WAL, and lets time pass when etcd has given the WAL's locks
// back: the record is written, and not yet acknowledged. turn is held meanwhile. It is a channel, because
// waiting for one is idle.
type timedFiles struct {
	storage.Storage
	disk *diskfault.Disk
	tick *clock
	node *apartNode
	turn chan struct{}
	last *raftpb.HardState // in the WAL
}

func newTimedFiles(s storage.Storage, d *diskfault.Disk, last *raftpb.HardState, k *clock, n *apartNode) *timedFiles {
	return &timedFiles{Storage: s, disk: d, tick: k, node: n, turn: make(chan struct{}, 1), last: last}
}

// begin and end are around what raft's loop waits for.
func (f *timedFiles) begin() {
	f.tick.begin()
	f.turn <- struct{}{}
}

func (f *timedFiles) end() {
	<-f.turn
	f.tick.end()
}

func (f *timedFiles) sync(n int) { passAll(f.disk, n) }

func passAll(d *diskfault.Disk, n int) {
	for range n {
		d.Pass(diskfault.Fsync)
	}
}

// Save takes an fsync if etcd's does (wal.WAL.Save): most batches of messages have nothing for the WAL.
func (f *timedFiles) Save(st *raftpb.HardState, ents []*raftpb.Entry) error {
	f.node.look()
	if raft.IsEmptyHardState(st) && len(ents) == 0 {
		return f.Storage.Save(st, ents)
	}
	f.begin()
	defer f.end()
	f.disk.Pass(diskfault.Append)
	if f.disk.Gone() {
		return nil
	}
	if err := f.Storage.Save(st, ents); err != nil {
		return err
	}
	must := raft.MustSync(st, f.last, len(ents))
	if !raft.IsEmptyHardState(st) {
		f.last = st
	}
	if must {
		f.sync(1)
	}
	return nil
}

// SaveSnap takes two fsyncs: the snapshot's file, and its record in the WAL.
func (f *timedFiles) SaveSnap(s *raftpb.Snapshot) error {
	f.begin()
	defer f.end()
	f.disk.Pass(diskfault.Append)
	if f.disk.Gone() {
		return nil
	}
	if err := f.Storage.SaveSnap(s); err != nil {
		return err
	}
	f.sync(2)
	return nil
}

// Sync takes one.
func (f *timedFiles) Sync() error {
	f.begin()
	defer f.end()
	err := f.Storage.Sync()
	f.sync(1)
	return err
}

// Release does not come between a record and its fsync.
func (f *timedFiles) Release(s *raftpb.Snapshot) error {
	f.turn <- struct{}{}
	defer func() { <-f.turn }()
	return f.Storage.Release(s)
}

// gatedStore keeps readers and writers waiting while a commit of the database is under way, as its locks do
// in real time.
type gatedStore struct {
	mvcc.WatchableKV
	disk *diskfault.Disk
	flaw Flaw
}

// Read is etcd's, behind the gate. After a commit writers go first.
func (s gatedStore) Read(mode mvcc.ReadTxMode, t *traceutil.Trace) mvcc.TxnRead {
	if s.disk.Gate() {
		s.disk.Settle()
	}
	return s.WatchableKV.Read(mode, t)
}

// Write is etcd's, behind the gate.
func (s gatedStore) Write(t *traceutil.Trace) mvcc.TxnWrite {
	s.disk.Gate()
	return s.WatchableKV.Write(t)
}

// Compact is etcd's. It deletes in a goroutine of its own, which commits at once: whatever comes next waits for that,
// instead of being a little earlier or later.
func (s gatedStore) Compact(t *traceutil.Trace, revision int64) (<-chan struct{}, error) {
	done, err := s.WatchableKV.Compact(t, revision)
	if err == nil {
		s.compacted(t)
		s.disk.Settle()
	}
	return done, err
}

const (
	// commitEvery is how long after a commit etcd begins the next one (backend.defaultBatchInterval).
	commitEvery = 100 * time.Millisecond
	// notByItself keeps the database from committing by its own timer, which knows nothing of the time that
	// commits take.
	notByItself = 1000 * time.Hour
)

// commits commits the database in place of its own loop, until the member is cut off.
func (v *virtual) commits(srv *etcdserver.EtcdServer) {
	for {
		at := apart.Of(apart.Commit, int(v.member.ID), 0).After(time.Now().Add(v.srv.disk.Busy() + commitEvery))
		next := time.NewTimer(time.Until(at))
		select {
		case <-next.C:
			if !v.srv.disk.Stalled() && pending(srv.Backend()) {
				srv.Backend().ForceCommit()
			}
		case <-v.way.Done():
			next.Stop()
			return
		}
	}
}

// pending reports whether a commit would write anything (backend.batchTx.safePending).
func pending(be backend.Backend) bool {
	tx := reflect.ValueOf(be.BatchTx()).Elem()
	mu := hidden(tx, "batchTx", "Mutex").Addr().Interface().(*sync.Mutex)
	mu.Lock()
	defer mu.Unlock()
	return hidden(tx, "batchTx", "pending").Int() > 0
}
