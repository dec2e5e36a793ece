package cluster

import (
	"cmp"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"go.etcd.io/etcd/server/v3/embed"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/certs"
	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// settings are all that a process must know to run a member. They can be sent as JSON.
type settings struct {
	Name          string
	Data, LogFile string // the data's folder, and the file of etcd's log

	PeerURL, ClientURL string // to advertise
	Roster, Token      string // the cluster at the member's first start
	Existing           bool   // that cluster runs already
	Founding           bool   // the member has no log yet

	EtcdID, ClusterID uint64 // of a member that joins, and of the cluster that it joins; 0: not known

	Heartbeat, Election time.Duration
	PreVote             bool
	Rules               sim.ReconfigRules
	Store               sim.StoreSpec
	ForceNewCluster     bool
	Metrics             sim.MetricsLevel

	// What it shows its peers and its clients, and whose certificates these must present (no CA: none);
	// empty: it speaks in the clear. etcd reads the files anew at each handshake.
	PeerTLS, ClientTLS certs.Pair
}

// diskSettings are what a process must know of its disk.
type diskSettings struct {
	Seed   uint64
	Stream string           // the name of its random stream
	Fsync  sim.Distribution // what an fsync takes at least
	State  sim.DiskState
	// Virtual says that an fsync of that member takes what Fsync says and no other time.
	Virtual bool
	Member  int
}

// settings are those of a start now.
func (m *Member) settings() settings {
	o, has := &m.cluster.opt, m.has()
	id := m.cluster.memberID(m.ID)
	m.cluster.mu.Lock()
	cluster := m.cluster.etcdID
	m.cluster.mu.Unlock()
	return settings{
		EtcdID: id, ClusterID: cluster,
		Name: m.Name, Data: m.data(), LogFile: m.logFile(),
		PeerURL: m.peers.URL(), ClientURL: m.ClientURL(),
		Roster: m.roster(), Token: m.cluster.token, Existing: m.joining(), Founding: m.founding(),
		Heartbeat: has.Heartbeat, Election: has.Election.Lo, PreVote: has.PreVote,
		Rules: o.ReconfigRules, Store: has.Store, Metrics: o.Metrics, ForceNewCluster: m.takeForced(),
		PeerTLS: m.peerPair(), ClientTLS: m.serverPair(),
	}
}

// config is etcd's configuration.
func (s *settings) config(lg *memberlog.Log) (*embed.Config, error) {
	cfg := embed.NewConfig()
	cfg.Name, cfg.Dir = s.Name, s.Data
	cfg.TickMs, cfg.ElectionMs = uint(s.Heartbeat/time.Millisecond), uint(s.Election/time.Millisecond)
	cfg.PreVote = s.PreVote
	if s.Metrics != "" {
		cfg.Metrics = string(s.Metrics)
	}
	cfg.ForceNewCluster = s.ForceNewCluster
	rules(cfg, s.Rules)
	store(cfg, s.Store)
	cfg.InitialCluster, cfg.InitialClusterToken = s.Roster, s.Token
	if s.Existing {
		cfg.ClusterState = embed.ClusterStateFlagExisting
	}
	// Elect has a founder campaign at once. etcd's own haste, some ticks skipped when the first peers
	// are connected, would come after that, and depose the leader that did not hear from a quorum in
	// the ticks that never were.
	cfg.InitialElectionTickAdvance = s.Existing || !s.Founding
	cfg.EnableGRPCGateway = false
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(lg.Logger)
	// etcd listens where it likes, behind the ports whose addresses it advertises.
	none := certs.Pair{}
	cfg.ListenPeerUrls = []url.URL{{Scheme: scheme(s.PeerTLS != none), Host: "127.0.0.1:0"}}
	cfg.ListenClientUrls = []url.URL{{Scheme: scheme(s.ClientTLS != none), Host: "127.0.0.1:0"}}
	cfg.PeerTLSInfo, cfg.ClientTLSInfo = s.PeerTLS.Info(), s.ClientTLS.Info()
	cfg.PeerTLSInfo.ClientCertAuth = s.PeerTLS.CA != ""
	cfg.ClientTLSInfo.ClientCertAuth = s.ClientTLS.CA != ""
	var err error
	cfg.AdvertisePeerUrls, err = urls(s.PeerURL)
	if err != nil {
		return nil, err
	}
	cfg.AdvertiseClientUrls, err = urls(s.ClientURL)
	return cfg, err
}

// rules applies the rules by which the members change: a line a setting.
func rules(cfg *embed.Config, r sim.ReconfigRules) {
	cfg.StrictReconfigCheck = r.StrictReconfigCheck.On()
	cfg.MaxLearners = r.MaxLearners.N()
}

// store applies the settings of the store: a line a setting.
func store(cfg *embed.Config, s sim.StoreSpec) {
	cfg.SnapshotCount = cmp.Or(s.SnapshotCount, cfg.SnapshotCount)
	cfg.SnapshotCatchUpEntries = cmp.Or(s.CatchUpEntries, cfg.SnapshotCatchUpEntries)
	cfg.QuotaBackendBytes = int64(s.Quota)
	cfg.CorruptCheckTime = s.CorruptCheck
	compactBy(cfg, s.AutoCompaction)
}

// compactBy sets what etcd compacts by itself.
func compactBy(cfg *embed.Config, a sim.AutoCompaction) {
	switch {
	case a.Period > 0:
		cfg.AutoCompactionMode, cfg.AutoCompactionRetention = embed.CompactorModePeriodic, a.Period.String()
	case a.Revisions > 0:
		cfg.AutoCompactionMode, cfg.AutoCompactionRetention = embed.CompactorModeRevision, strconv.FormatInt(a.Revisions, 10)
	}
}

func urls(s string) ([]url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, err
	}
	return []url.URL{*u}, nil
}

// diskFull is etcd's message of a system call that a full disk refuses.
func diskFull(member, call string) string {
	return fmt.Sprintf("failed to save Raft hard state and entries: %s %s: no space left on device",
		call, filepath.Join(member, "member", "wal"))
}
