package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/clientport"
	"quorumlab/sim/etcdsim/diskfault"
	"quorumlab/sim/etcdsim/memberlog"
	"quorumlab/sim/etcdsim/peerlink"
)

// Member is one member of a Cluster: its addresses and its disk stay while its process comes and
// goes. Its methods are safe for concurrent use.
type Member struct {
	ID   sim.MemberID
	Name string

	cluster *Cluster
	dir     string
	peers   *peerlink.Port
	clients *clientport.Port
	disk    diskfault.Disk

	// Under the cluster's lock.
	held  bool // its links are
	part  bool // it belongs to the cluster
	joins bool // it starts as a member of a cluster that runs

	mu    sync.Mutex
	life  *life // nil while it is down
	last  *life // the present or the last one
	full  bool  // its disk is
	lying bool  // so is its disk; image() is what it really holds
	stale bool  // a start died halfway and left its files locked

	freezing sync.Mutex // guards frozen in the life
}

// life is one run of a member's process.
type life struct {
	log     *memberlog.Log
	started chan struct{} // closed when etcd has started or failed to
	ended   chan struct{} // closed when it is to be taken down
	over    chan struct{} // closed when nothing of it is left
	restore bool          // its disk falls back to image() at the end; before ended is closed
	frozen  bool          // paused

	// Written before started is closed.
	etcd *embed.Etcd
	err  error

	nodeStuck chan struct{} // closed when raft's goroutine gave up
}

// ErrDown is the error of what needs a member that runs.
var ErrDown = errors.New("the member is down")

// Removed is what the observer is told of a member that stopped because it was removed from the
// cluster.
const Removed = "removed from the cluster"

// ClientURL is the address for clients, the same for the cluster's life.
func (m *Member) ClientURL() string { return "http://" + m.clients.Addr() }

// LogFile is where etcd's log of the member goes, as JSON lines.
func (m *Member) LogFile() string { return filepath.Join(m.dir, "etcd.log") }

// Up tells whether the member's process runs; a paused one does.
func (m *Member) Up() bool { return m.current() != nil }

func (m *Member) current() *life {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.life
}

// Server is the running server, or nil while the member is down or has not started yet.
func (m *Member) Server() *etcdserver.EtcdServer {
	l := m.current()
	if l == nil {
		return nil
	}
	select {
	case <-l.started:
		if l.err == nil {
			return l.etcd.Server
		}
	default:
	}
	return nil
}

// server waits for the start.
func (m *Member) server(ctx context.Context) (*etcdserver.EtcdServer, error) {
	l := m.current()
	if l == nil {
		return nil, fmt.Errorf("%s: %w", m.Name, ErrDown)
	}
	select {
	case <-l.started:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l.err != nil {
		return nil, l.err
	}
	return l.etcd.Server, nil
}

// Ready waits until the member answers clients, which needs a leader. Errors: it died meanwhile,
// with etcd's words, or ctx.
func (m *Member) Ready(ctx context.Context) error {
	s, err := m.server(ctx)
	if err != nil {
		return err
	}
	select {
	case <-s.ReadyNotify():
		return nil
	case <-s.StopNotify():
		return fmt.Errorf("%s: %w", m.Name, ErrDown)
	case <-ctx.Done():
		return fmt.Errorf("%s is not ready: %w", m.Name, ctx.Err())
	}
}

// Start starts the member's process on the data that it has and returns at once; Ready waits for it.
// It does nothing when the member is up. On a full disk the member dies at once. The error is that
// of opening its log file.
func (m *Member) Start() error {
	if m.isFull() {
		m.cluster.opt.Observer.Died(m.ID, m.diskFull("open"))
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life != nil {
		return nil
	}
	l := &life{
		started: make(chan struct{}), ended: make(chan struct{}), over: make(chan struct{}),
		nodeStuck: make(chan struct{}),
	}
	var err error
	l.log, err = memberlog.Open(memberlog.Options{
		File: m.LogFile(),
		Tell: func(f memberlog.Fact) { m.tell(l, f) },
		Died: func(d memberlog.Death) { m.caught(l, d) },
	})
	if err != nil {
		return err
	}
	before := m.last
	m.life, m.last = l, l
	m.cluster.work.Go(func() { m.run(l, before) })
	return nil
}

// isFull tells whether the member is down and its disk is full.
func (m *Member) isFull() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.life == nil && m.full
}

// tell passes on what the log says, unless the member is dead.
func (m *Member) tell(l *life, f memberlog.Fact) {
	if m.current() != l {
		return
	}
	switch f.Kind {
	case memberlog.PreCandidate, memberlog.Candidate:
		m.cluster.stood.Store(true)
	case memberlog.AddedVoter, memberlog.AddedLearner:
		m.cluster.learn(f.Peer, f.URL)
	}
	m.cluster.opt.Observer.Fact(m.ID, f)
}

// Crash stops the member as kill -9 would: at this moment all that others see of it ends. The
// process itself is taken down in the background, and its disk keeps what was written, unless it
// lies. It does nothing when the member is down.
func (m *Member) Crash() {
	if l := m.current(); l != nil {
		m.end(l)
	}
}

// end ends a life, if it is still the present one. It does not wait, so that etcd's own goroutines
// may call it.
func (m *Member) end(l *life) (was bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life != l {
		return false
	}
	m.life = nil
	m.peers.Shut()
	m.clients.Shut()
	m.disk.Detach()
	l.restore = l.restore || m.lying
	close(l.ended)
	return true
}

// die ends a life that ended itself.
func (m *Member) die(l *life, why string) {
	if m.end(l) {
		m.cluster.opt.Observer.Died(m.ID, why)
	}
}

// run is a life from beginning to end.
func (m *Member) run(l, before *life) {
	defer close(l.over)
	if before != nil {
		<-before.over
	}
	l.etcd, l.err = m.boot(l)
	close(l.started)
	if l.err != nil {
		m.die(l, l.err.Error())
	} else {
		m.serve(l)
		select {
		case <-l.ended:
		case <-l.etcd.Server.StopNotify():
			m.die(l, Removed)
		}
		m.takeDown(l)
	}
	if err := errors.Join(m.fallBack(l), l.log.Close()); err != nil {
		m.cluster.opt.Observer.Died(m.ID, err.Error())
	}
}

// open lets a life speak to its peers, if it is still the present one.
func (m *Member) open(l *life) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life != l {
		return false
	}
	m.peers.Open()
	return true
}

// serve lets peers and clients in.
func (m *Member) serve(l *life) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life == l {
		m.peers.Serve(l.etcd.Peers[0].Addr().String())
		m.clients.Serve(l.etcd.Clients[0].Addr().String())
	}
}

var errCrashed = errors.New("crashed while it started")

// joinPatience is how long a member that joins tries to start. The first peer that it asks for the
// list of members may not yet have heard of it, and then etcd gives up.
const joinPatience = 10 * time.Second

func (m *Member) boot(l *life) (e *embed.Etcd, err error) {
	if err := m.prepareData(); err != nil {
		return nil, err
	}
	joining := m.founding() && m.joining()
	for begin := time.Now(); ; {
		e, err = m.tryBoot(l)
		if err == nil || !joining || time.Since(begin) > joinPatience {
			return e, err
		}
		select {
		case <-time.After(sim.RetryEvery):
		case <-l.ended:
			return nil, errCrashed
		}
	}
}

// joining tells whether the member starts as one of a cluster that runs.
func (m *Member) joining() bool {
	m.cluster.mu.Lock()
	defer m.cluster.mu.Unlock()
	return m.joins
}

func (m *Member) tryBoot(l *life) (e *embed.Etcd, err error) {
	cfg, err := m.config(l.log)
	if err != nil {
		return nil, err
	}
	m.disk.Run(m.Name, func() {
		if !m.open(l) { // asked only now: from here on a crash ends what the disk does
			err = errCrashed
			return
		}
		e, err = m.startEtcd(cfg)
	})
	return e, err
}

// startEtcd turns a panic of the start into an error. What etcd had open stays open then, locks and a
// goroutine of its database included: it counts on the end of the process.
func (m *Member) startEtcd(cfg *embed.Config) (e *embed.Etcd, err error) {
	defer func() {
		if p := recover(); p != nil {
			e, err = nil, fmt.Errorf("etcd did not start: %v", p)
			m.mu.Lock()
			defer m.mu.Unlock()
			m.stale = true
		}
	}()
	return embed.StartEtcd(cfg)
}

// takeDown stops etcd. Nobody hears of it any more.
func (m *Member) takeDown(l *life) {
	m.thaw(l)
	select {
	case <-l.nodeStuck:
		releaseNode(l.etcd.Server)
	default:
	}
	l.etcd.Server.HardStop() // first: Close alone would try to hand leadership over
	l.etcd.Close()
}
