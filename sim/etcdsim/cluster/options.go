package cluster

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.etcd.io/etcd/server/v3/storage/wal"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/memberlog"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// MaxMembers is the maximum number of members, including those that join later. More are slow on one
// machine, and etcd itself advises against them.
const MaxMembers = 7

// Options of a cluster. With nothing but Names set, it is a cluster with etcd's defaults.
type Options struct {
	// Names of the initial members; member 1 is the first.
	Names []string
	// Later are the names of members that may join, with the numbers that follow. Together there are 1
	// to MaxMembers.
	Later []string
	// Own are the settings in which members differ from the cluster, by number; one that is missing has none.
	// CheckQuorum is ignored.
	Own []sim.MemberSettings
	// Dir is the folder for the members' data. If it is empty a temporary folder is made, and
	// removed by Close.
	Dir string
	// Known are the members of a cluster whose data are in Dir, by number: that cluster is resumed
	// instead of a new one, with these instead of Names.
	Known []KnownMember
	// ClientPort is member 1's client port; the others get the next ones. 0: free ones.
	ClientPort int
	// Seed chooses the first leader and feeds the links' and the disks' random streams.
	Seed uint64

	// Heartbeat and Election are in whole milliseconds; 0 is etcd's 100 ms and 1 s. etcd requires an
	// election timeout of at least five heartbeats and at most 50 s.
	Heartbeat, Election time.Duration
	// NoPreVote lets a member campaign without asking first whether it could win.
	NoPreVote bool
	// ReconfigRules are the rules by which the members change. The zero value is etcd's defaults.
	sim.ReconfigRules
	// Store is the store's settings. The zero value is etcd's defaults.
	Store sim.StoreSpec

	// Processes says whether each member has a process of its own; empty is sim.ProcessShared. The
	// program must then call Main.
	Processes sim.ProcessMode
	// Metrics is how detailed the members' metrics are; empty is sim.MetricsBasic.
	Metrics sim.MetricsLevel

	// Virtual says that the cluster lives in a synctest bubble: its members are joined by memory instead of
	// sockets, and their disks take the time that Fsync says and no other. New must be called in the bubble,
	// with a Dir and without TLS, and everything else too.
	Virtual bool
	// ClientLink is what bytes between a client and a member take in one direction; of Virtual clusters
	// alone.
	ClientLink sim.Distribution
	// Flaw is a bug planted in Virtual clusters, for tests.
	Flaw Flaw

	// Fsync is what an fsync of a member's log takes at least, and half of a commit of its database;
	// zero: what it takes on this machine.
	Fsync sim.Distribution
	// Link is the healthy link from one member to another; nil is a perfect one.
	Link func(from, to sim.MemberID) sim.LinkSpec

	// TLS is what is encrypted and who must present a certificate; nothing by default. The
	// authorities and certificates are in the folders "tls" of the cluster and of each member.
	// Existing authorities are kept. Members on sockets have certificates for each other in any case, by which their
	// ports tell who asks; with TLS.Peers these can be rotated.
	TLS sim.TLSSpec

	Hooks Hooks
}

// Hooks are called when something happens in a cluster. Each may be nil, is called from several
// goroutines at once, some of them etcd's own, and must neither block nor call the cluster.
type Hooks struct {
	// Message is called for each raft message.
	Message func(peerlink.Fate, peerlink.Message)
	// Fact is called for each fact of a member's log.
	Fact func(sim.MemberID, memberlog.LogFact)
	// Died is called for a member that stopped by itself, with etcd's message.
	Died func(sim.MemberID, string)
}

// init, because it must be set before the first member starts. Small WAL segments keep the images of
// a disk small; etcd's 64 MB differ in nothing else.
func init() { wal.SegmentSizeBytes = 4 << 20 }

func (o *Options) fill() error {
	if len(o.Known) > 0 {
		o.Names = nil
		for _, k := range o.Known {
			o.Names = append(o.Names, k.Name)
		}
	}
	if n := len(o.Names) + len(o.Later); len(o.Names) < 1 || n > MaxMembers {
		return fmt.Errorf("%d members: a cluster has 1 to %d", n, MaxMembers)
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 100 * time.Millisecond
	}
	if o.Election == 0 {
		o.Election = time.Second
	}
	if o.Heartbeat%time.Millisecond != 0 || o.Election%time.Millisecond != 0 || o.Heartbeat < 0 {
		return errors.New("heartbeat and election timeout must be whole milliseconds")
	}
	if o.Virtual && (o.Dir == "" || o.Processes == sim.ProcessOwn || o.TLS != sim.TLSSpec{} || len(o.Known) > 0) {
		return errors.New("members in virtual time need a folder, and have no TLS, no processes of their own and no past")
	}
	if o.Link == nil {
		o.Link = func(_, _ sim.MemberID) sim.LinkSpec { return sim.LinkSpec{} }
	}
	if o.Hooks.Message == nil {
		o.Hooks.Message = func(peerlink.Fate, peerlink.Message) {}
	}
	if o.Hooks.Fact == nil {
		o.Hooks.Fact = func(sim.MemberID, memberlog.LogFact) {}
	}
	if o.Hooks.Died == nil {
		o.Hooks.Died = func(sim.MemberID, string) {}
	}
	return nil
}

// roster lists the members as etcd wants them at a member's first start.
func (c *Real) roster() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return roster(slices.DeleteFunc(slices.Clone(c.members), func(m *Member) bool { return !m.part }))
}

// roster is the one that the member starts with. Without certificates (data of before there were any) etcd's first
// questions of a member that joins do not say who asks, so its roster has its number in each address: the others'
// ports take it from there.
func (m *Member) roster() string {
	list := m.cluster.roster()
	if m.joining() && m.founding() && m.cluster.trust.peers == nil {
		return strings.ReplaceAll(list, "=http://", "=http://"+peerlink.UserName(int(m.ID))+"@")
	}
	return list
}

func roster(ms []*Member) string {
	var parts []string
	for _, m := range ms {
		parts = append(parts, m.Name+"="+m.peers.URL())
	}
	return strings.Join(parts, ",")
}

// founding reports whether the member has no log yet, by which etcd tells a new one. Its data may be there: it makes
// the folder of its store before it has found the others.
func (m *Member) founding() bool { return !wal.Exist(filepath.Join(m.data(), "member", "wal")) }

func (m *Member) data() string  { return filepath.Join(m.dir, "data") }
func (m *Member) image() string { return filepath.Join(m.dir, "image") }
