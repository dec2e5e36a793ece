package cluster

import (
	"context"
	"sync/atomic"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/etcdserver/api/rafthttp"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/grpc"
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
	// LeasesCutShort: a lease lives half as long as its client was told.
	LeasesCutShort
	// WatchesForget: every fifth answer of a watch with events is dropped.
	WatchesForget
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

// Compact is etcd's, unless it is flawed.
func (s gatedStore) Compact(t *traceutil.Trace, revision int64) (<-chan struct{}, error) {
	done, err := s.WatchableKV.Compact(t, revision)
	if s.flaw == CompactionDropsKey && err == nil {
		tx := s.WatchableKV.Write(t)
		tx.DeleteRange([]byte("k0"), nil)
		tx.End()
	}
	return done, err
}

// options are what a flawed server does with its clients' calls.
func (f Flaw) options() []grpc.ServerOption {
	switch f {
	case WatchesForget:
		return []grpc.ServerOption{grpc.ChainStreamInterceptor(
			func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
				return handle(srv, &forgetfulStream{ServerStream: s})
			})}
	case LeasesCutShort:
	default:
		return nil
	}
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(
		func(ctx context.Context, q any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
			g, ok := q.(*etcdserverpb.LeaseGrantRequest)
			if !ok {
				return handle(ctx, q)
			}
			asked := g.TTL
			g.TTL = (asked + 1) / 2
			r, err := handle(ctx, q)
			if granted, ok := r.(*etcdserverpb.LeaseGrantResponse); ok && err == nil {
				granted.TTL = asked
			}
			return r, err
		})}
}

// forgetfulStream drops some of the events of watches.
type forgetfulStream struct {
	grpc.ServerStream
	seen int
}

func (s *forgetfulStream) SendMsg(m any) error {
	if r, ok := m.(*etcdserverpb.WatchResponse); ok && len(r.Events) > 0 {
		if s.seen++; s.seen%5 == 0 {
			return nil
		}
	}
	return s.ServerStream.SendMsg(m)
}
