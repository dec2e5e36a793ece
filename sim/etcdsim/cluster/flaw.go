package cluster

import (
	"context"
	"sync/atomic"

	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/etcdserver/api/rafthttp"
	"go.etcd.io/raft/v3/raftpb"
)

// Flaw is a bug planted around etcd's servers in virtual time. A check that is worth its name finds it.
type Flaw uint8

// The flaws. Each breaks one rule that etcd rests on.
const (
	NoFlaw Flaw = iota
	// DisksLie: no disk keeps anything that was synced after the start, although fsync returns.
	DisksLie
	// AcksForged: a follower acknowledges the entries of every tenth message that has some, and drops them.
	AcksForged
	// CompactionDropsKey: a compaction also drops what the key k0 holds.
	CompactionDropsKey
)

// forger acknowledges what it drops.
type forger struct {
	*etcdserver.EtcdServer
	way  func([]*raftpb.Message)
	seen atomic.Uint64
}

// flawed is a member as messages reach it; way sends those of its own.
func flawed(f Flaw, srv *etcdserver.EtcdServer, way func([]*raftpb.Message)) rafthttp.Raft {
	if f == AcksForged {
		return &forger{EtcdServer: srv, way: way}
	}
	return srv
}

// Process is etcd's, apart from what is dropped.
func (f *forger) Process(ctx context.Context, m *raftpb.Message) error {
	if n := len(m.GetEntries()); n > 0 && m.GetType() == raftpb.MsgApp && f.seen.Add(1)%10 == 0 {
		last := m.GetEntries()[n-1].GetIndex()
		f.way([]*raftpb.Message{{Type: raftpb.MsgAppResp.Enum(), From: m.To, To: m.From, Term: m.Term, Index: &last}})
		return nil
	}
	return f.EtcdServer.Process(ctx, m)
}

// compacted is what follows a compaction that is flawed.
func (s gatedStore) compacted(t *traceutil.Trace) {
	if s.flaw == CompactionDropsKey {
		tx := s.WatchableKV.Write(t)
		tx.DeleteRange([]byte("k0"), nil)
		tx.End()
	}
}
