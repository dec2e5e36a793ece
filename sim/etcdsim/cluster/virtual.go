package cluster

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"reflect"
	"time"
	_ "unsafe" // linkname

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/client/pkg/v3/types"
	_ "go.etcd.io/etcd/client/v3" // owns valCtxCh
	"go.etcd.io/etcd/server/v3/config"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/etcdserver/api/etcdhttp"
	"go.etcd.io/etcd/server/v3/etcdserver/api/membership"
	"go.etcd.io/etcd/server/v3/etcdserver/api/rafthttp"
	"go.etcd.io/etcd/server/v3/etcdserver/api/snap"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc"
	"go.etcd.io/etcd/server/v3/storage"
	"go.etcd.io/etcd/server/v3/storage/mvcc"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/clientport"
	"quorumlab/sim/etcdsim/cluster/diskfault"
	"quorumlab/sim/etcdsim/cluster/memberlog"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// virtual is etcd in a synctest bubble. It is an embedded one that nobody listens for: between NewServer
// and Start what speaks to a socket or waits with a lock is replaced (Available lists it), and the rest is
// etcd as it is.
//
// Waiting for a sync.Mutex does not count as idle in a bubble: if a goroutine slept with a lock that another
// one wants, time would stand still. So nothing here sleeps under etcd's locks. An fsync of the WAL takes
// its time after the write, in raft's loop (virtual_disk.go), and a commit of the database is done at once
// and keeps readers and writers waiting before they ask for its locks.
type virtual struct {
	*embedded
	peers   *peerlink.PeerMemory
	clients *clientport.ClientMemory
	member  *Member
	seed    uint64

	way  *peerlink.Transport // after boot
	grpc *grpc.Server
	tick *time.Ticker
	beat time.Duration
}

var _ process = (*virtual)(nil)

// clientv3 hangs a watch's stream under a context whose Done is this channel, made when the program
// started: waiting for it is not idle, and a bubble with a watch would stand still. nil means the same:
// never.
//
//go:linkname valCtxCh go.etcd.io/etcd/client/v3.valCtxCh
var valCtxCh chan struct{}

// init, because no client may have begun a watch. Others' clients do not notice.
func init() { valCtxCh = nil }

// newVirtual prepares a life. The log is kept in no file.
func newVirtual(m *Member, d diskSettings, r reports) (*virtual, error) {
	e, err := newEmbedded(m.Name, "", d, r)
	if err != nil {
		return nil, err
	}
	return &virtual{
		embedded: e, member: m, seed: d.Seed,
		peers: m.peers.(*peerlink.PeerMemory), clients: m.clients.(*clientport.ClientMemory),
	}, nil
}

func (v *virtual) boot(s settings, entrance func() bool) error {
	joins := s.Existing && s.Founding
	if joins {
		if err := v.joinFiles(&s); err != nil {
			return err
		}
	}
	cfg, err := s.serverConfig(v.log)
	if err != nil {
		return err
	}
	return v.srv.start(s.Name, func() (*embed.Etcd, error) {
		if !entrance() {
			return nil, errCrashed
		}
		stop := serveRandom(v.seed, v.member.ID)
		defer func() {
			if v.way == nil {
				stop()
			}
		}()
		srv, err := v.newServer(cfg)
		if err != nil {
			return nil, err
		}
		if err := backendAvailable(srv.Backend()); err != nil {
			srv.Cleanup()
			return nil, err
		}
		if joins {
			v.introduce(srv)
		}
		v.connect(srv, s.Heartbeat)
		v.srv.work.Go(func() {
			defer stop()
			v.commits(srv)
		})
		return &embed.Etcd{Server: srv}, nil
	})
}

// newServer turns a panic of the start into an error.
func (v *virtual) newServer(cfg config.ServerConfig) (srv *etcdserver.EtcdServer, err error) {
	etcd, err := v.guarded(func() (*embed.Etcd, error) {
		srv, err := etcdserver.NewServer(cfg)
		return &embed.Etcd{Server: srv}, err
	})
	if err != nil {
		return nil, err
	}
	return etcd.Server, nil
}

// connect replaces what etcd has no option for, where it is, and starts the server.
func (v *virtual) connect(srv *etcdserver.EtcdServer, beat time.Duration) {
	s := reflect.ValueOf(srv).Elem()
	hidden(s, "r", "raftNodeConfig", "transport").Interface().(rafthttp.Transporter).Stop() // ends its dialling
	critical := hidden(s, "errorc").Interface().(chan error)
	v.way = v.peers.Connect(peerlink.Endpoint{
		Raft:    flawed(v.member.cluster.opt.Flaw, srv, func(ms []*raftpb.Message) { v.way.Send(ms) }),
		Handler: etcdhttp.NewPeerHandler(v.log.Logger, srv),
		Member:  func(id uint64) int { return int(v.member.cluster.Number(id)) },
		Expelled: func() {
			select {
			case critical <- errRemoved:
			default: // it stops already
			}
		},
		SaveSnapshot: func(db io.Reader, index uint64) error {
			_, err := snap.New(v.log.Logger, srv.Cfg.SnapDir()).SaveDBFrom(db, index)
			v.srv.disk.Pass(diskfault.Commit) // two fsyncs: the file and its folder
			return err
		},
	})
	replace(s, rafthttp.Transporter(v.way), "r", "raftNodeConfig", "transport")
	replace(s, v.way, "peerRt")
	files := hidden(s, "r", "raftNodeConfig", "storage").Interface().(storage.Storage)
	entries := hidden(s, "r", "raftNodeConfig", "raftStorage").Interface().(*raft.MemoryStorage)
	last, _, _ := entries.InitialState() // in memory there is no error
	replace(s, storage.Storage(newTimedFiles(files, &v.srv.disk, last)), "r", "raftNodeConfig", "storage")
	replace(s, mvcc.WatchableKV(gatedStore{srv.KV(), &v.srv.disk, v.member.cluster.opt.Flaw}), "kv")
	replace(s, srv.NewUberApplier(), "uberApply")
	v.tick, v.beat = hidden(s, "r", "ticker").Interface().(*time.Ticker), beat
	for _, p := range srv.Cluster().Members() {
		v.way.AddPeer(p.ID, p.PeerURLs)
	}
	srv.Start()
	o := append(v.srv.calls.options(), grpc.ChainStreamInterceptor(wholeSnapshot))
	v.grpc = v3rpc.Server(srv, nil, nil, append(o, v.member.cluster.opt.Flaw.options()...)...)
	ln := v.clients.Listen()
	v.srv.work.Go(func() { v.serve(srv, ln) })
	select {
	case <-v.way.Done(): // it was cut off meanwhile
		_ = ln.Close()
	default:
	}
}

// serve lets clients in when etcd does: not before it knows that it is a member itself, which it takes for granted in
// all that it answers (embed's serveCtx.serve). Who dials earlier waits. It returns when the member ends.
func (v *virtual) serve(srv *etcdserver.EtcdServer, ln net.Listener) {
	select {
	case <-srv.ReadyNotify():
		_ = v.grpc.Serve(ln) // it says that it was stopped
	case <-srv.StoppingNotify():
		_ = ln.Close()
	case <-v.way.Done():
		_ = ln.Close()
	}
}

// errRemoved is what rafthttp reports of a peer's answer.
var errRemoved = errors.New("the member has been permanently removed from the cluster")

// replace sets a field that is not exported.
func replace[T any](v reflect.Value, to T, path ...string) {
	hidden(v, path...).Set(reflect.ValueOf(&to).Elem())
}

// joinFiles makes the files with which a member joins, or comes back after its disk was wiped: a WAL of
// nothing but who it is. etcd would ask a peer for that, over a connection of its own.
func (v *virtual) joinFiles(s *settings) error {
	if s.EtcdID == 0 || s.ClusterID == 0 {
		return errors.New("the cluster has no such member")
	}
	meta, err := proto.Marshal(&etcdserverpb.Metadata{NodeID: &s.EtcdID, ClusterID: &s.ClusterID})
	if err != nil {
		return err
	}
	w, err := wal.Create(v.log.Logger, filepath.Join(s.Data, "member", "wal"), meta)
	if err != nil {
		return err
	}
	return w.Close()
}

// introduce tells a member that joins who the others are, until the log or a snapshot does: etcd asks a peer, and
// gives up when it is asked something before it knows that it is a member itself.
func (v *virtual) introduce(srv *etcdserver.EtcdServer) {
	for _, other := range v.member.cluster.Members() {
		peer := other.Server()
		if peer == nil || peer == srv || peer.Cluster().Member(srv.MemberID()) == nil {
			continue
		}
		known := map[types.ID]*membership.Member{}
		for _, m := range peer.Cluster().Members() {
			known[m.ID] = m
		}
		replace(hidden(reflect.ValueOf(srv).Elem(), "cluster").Elem(), known, "members")
		return
	}
}

// serverConfig is etcd's configuration of a server without listeners, as embed.StartEtcd makes it.
func (s *settings) serverConfig(lg *memberlog.Log) (config.ServerConfig, error) {
	c, err := s.config(lg)
	if err != nil {
		return config.ServerConfig{}, err
	}
	roster, err := types.NewURLsMap(s.Roster)
	if err != nil {
		return config.ServerConfig{}, err
	}
	return config.ServerConfig{
		Name: c.Name, DataDir: c.Dir, Logger: lg.Logger,
		ClientURLs: c.AdvertiseClientUrls, PeerURLs: c.AdvertisePeerUrls,
		InitialPeerURLsMap: roster, InitialClusterToken: c.InitialClusterToken, NewCluster: c.IsNewCluster(),
		ForceNewCluster: c.ForceNewCluster,
		TickMs:          c.TickMs, ElectionTicks: c.ElectionTicks(), PreVote: c.PreVote,
		InitialElectionTickAdvance: c.InitialElectionTickAdvance,
		SnapshotCount:              c.SnapshotCount, SnapshotCatchUpEntries: c.SnapshotCatchUpEntries,
		MaxSnapFiles: c.MaxSnapFiles, MaxWALFiles: c.MaxWalFiles,
		AutoCompactionMode: c.AutoCompactionMode, AutoCompactionRetention: retention(s.Store.AutoCompaction),
		QuotaBackendBytes: c.QuotaBackendBytes, BackendBatchInterval: notByItself,
		MaxTxnOps: c.MaxTxnOps, MaxRequestBytes: c.MaxRequestBytes, MaxConcurrentStreams: c.MaxConcurrentStreams,
		StrictReconfigCheck: c.StrictReconfigCheck, MaxLearners: c.MaxLearners,
		AuthToken: c.AuthToken, BcryptCost: c.BcryptCost, TokenTTL: c.AuthTokenTTL,
		CorruptCheckTime: c.CorruptCheckTime, CompactHashCheckTime: c.CompactHashCheckTime,
		CompactionBatchLimit: c.CompactionBatchLimit, CompactionSleepInterval: c.CompactionSleepInterval,
		WatchProgressNotifyInterval: c.WatchProgressNotifyInterval, DowngradeCheckTime: c.DowngradeCheckTime,
		WarningApplyDuration: c.WarningApplyDuration, WarningUnaryRequestDuration: c.WarningUnaryRequestDuration,
		V2Deprecation: c.V2DeprecationEffective(), ServerFeatureGate: c.ServerFeatureGate, Metrics: c.Metrics,
		UnsafeNoFsync: true, // a bubble's time does not pass while the machine syncs
	}, nil
}

// retention is how embed.StartEtcd reads it.
func retention(a sim.AutoCompaction) time.Duration {
	if a.Period > 0 {
		return a.Period
	}
	return time.Duration(a.Revisions)
}

func (v *virtual) addrs() (peers, clients string) { return "", "" }

// pause stops the member where it meets the world: its ticks and its disk, and its ports are held already.
// Timers inside etcd go on.
func (v *virtual) pause() error {
	v.tick.Stop()
	v.srv.setPaused(true)
	return nil
}

func (v *virtual) resume() {
	v.srv.setPaused(false)
	v.tick.Reset(v.beat)
}

func (v *virtual) wait() error {
	defer close(v.over)
	v.srv.calls.close()
	if v.grpc != nil {
		v.grpc.Stop()
	}
	if etcd := v.srv.etcd; etcd != nil {
		select {
		case <-v.nodeStuck:
			releaseNode(etcd.Server)
		default:
		}
		etcd.Server.HardStop()
		v.way.Stop()
	}
	v.srv.work.Wait()
	return v.log.Close()
}

// wholeSnapshot lets a snapshot for a client be read from the database at once, as SendSnapshot does for a
// peer, before it is sent.
func wholeSnapshot(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if info.FullMethod != etcdserverpb.Maintenance_Snapshot_FullMethodName {
		return handle(srv, s)
	}
	kept := &keptStream{ServerStream: s}
	if err := handle(srv, kept); err != nil {
		return err
	}
	for _, m := range kept.messages {
		if err := s.SendMsg(m); err != nil {
			return err
		}
	}
	return nil
}

// keptStream keeps what is sent.
type keptStream struct {
	grpc.ServerStream
	messages []any
}

func (k *keptStream) SendMsg(m any) error {
	k.messages = append(k.messages, m)
	return k.Context().Err()
}
