package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/server/v3/etcdserver"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// Member is one member of a cluster: its addresses and its disk stay while its process comes and
// goes. Its methods are safe for concurrent use.
type Member struct {
	ID   sim.MemberID
	Name string

	cluster *Real
	dir     string
	peers   peerPort
	clients clientPort

	// Under the cluster's lock.
	held   bool // its links are
	part   bool // it belongs to the cluster
	joins  bool // it starts as a member of a cluster that runs
	forced bool // its next start makes a new cluster
	own    sim.MemberSettings

	mu     sync.Mutex
	life   *life         // nil while it is down
	last   *life         // the present or the last one
	lives  int           // so far
	faults sim.DiskState // of its disk; while it lies, image() is what it really holds
	stale  bool          // a start died halfway and left its files locked

	freezing sync.Mutex // guards frozen in the life
}

// life is one run of a member's process.
type life struct {
	proc    process
	started chan struct{} // closed when etcd has started or failed to
	ended   chan struct{} // closed when it is to be stopped
	over    chan struct{} // closed when nothing of it is left
	restore bool          // its disk falls back to image() at the end; before ended is closed
	leaving atomic.Bool   // etcd was asked to leave
	frozen  bool          // paused
	err     error         // of the start; written before started is closed
	why     string        // it ended by itself; under the member's lock
}

// ErrDown is the error of what needs a running member.
var ErrDown = errors.New("the member is down")

// Removed is the reason given to Hooks.Died for a member that stopped because it was removed
// from the cluster.
const Removed = "removed from the cluster"

// ClientURL is the client address, the same for the cluster's life.
func (m *Member) ClientURL() string {
	return scheme(m.cluster.opt.TLS.Clients) + "://" + m.clients.Addr()
}

// logFile is where etcd's log of the member goes, as JSON lines.
func (m *Member) logFile() string { return filepath.Join(m.dir, "etcd.log") }

// DataDir is the folder of the member's data, as etcd's --data-dir. A restore replaces it.
func (m *Member) DataDir() string { return m.data() }

// PID is the id of the member's own process; 0 while it is down, and if it has none.
func (m *Member) PID() int {
	if l := m.current(); l != nil {
		if c, ok := l.proc.(*child); ok {
			return c.pid()
		}
	}
	return 0
}

// MetricsURL is where the member serves its metrics to Prometheus, the same for the cluster's life. The
// error says that it has no metrics of its own: members in one process share one registry, in which the
// last writer of a gauge wins. With TLS for clients, use Real.ClientTLS to connect.
func (m *Member) MetricsURL() (string, error) {
	if m.cluster.opt.Processes != sim.ProcessOwn {
		return "", fmt.Errorf("%s shares its metrics with the other members of its process; give each a process of its "+
			"own (cluster.process: own)", m.Name)
	}
	return m.ClientURL() + "/metrics", nil
}

// Up reports whether the member's process runs; a paused one does.
func (m *Member) Up() bool { return m.current() != nil }

func (m *Member) current() *life {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.life
}

// Server is the running server; nil while the member is down or has not started yet, and if it has a
// process of its own.
func (m *Member) Server() *etcdserver.EtcdServer {
	if e := embeddedIn(m.running()); e != nil {
		return e.srv.etcd.Server
	}
	return nil
}

// Ready waits until the member answers clients, which needs a leader. Errors: it died meanwhile,
// with etcd's message, or ctx's.
func (m *Member) Ready(ctx context.Context) error {
	l := m.current()
	p, err := m.process(ctx)
	if err != nil {
		return err
	}
	select {
	case <-p.ready():
		return nil
	case <-l.ended:
		return fmt.Errorf("%s: %w", m.Name, ErrDown)
	case <-ctx.Done():
		return fmt.Errorf("%s is not ready: %w", m.Name, ctx.Err())
	}
}

// Start starts the member's process on the data that it has and returns at once; Ready waits for it.
// It does nothing if the member is up. On a full disk the member dies at once. The error is that of
// opening its log file.
func (m *Member) Start() error {
	if m.isFull() {
		m.cluster.opt.Hooks.Died(m.ID, diskFull(m.Name, "open"))
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.life != nil {
		return nil
	}
	l := &life{started: make(chan struct{}), ended: make(chan struct{}), over: make(chan struct{})}
	var err error
	l.proc, err = m.newProcess(reports{
		fact: func(f memberlog.LogFact) { m.tell(l, f) },
		died: func(why string) { m.die(l, why) },
	})
	if err != nil {
		return err
	}
	before := m.last
	m.life, m.last = l, l
	m.cluster.work.Go(func() { m.run(l, before) })
	return nil
}

// newProcess makes the process of the next life. Under the lock.
func (m *Member) newProcess(r reports) (process, error) {
	m.lives++
	d := diskSettings{Seed: m.cluster.opt.Seed, Stream: fmt.Sprintf("disk %d life %d", m.ID, m.lives),
		Fsync: m.cluster.opt.Fsync, State: m.faults, Virtual: m.cluster.opt.Virtual, Member: int(m.ID)}
	if m.cluster.opt.Virtual {
		return newVirtual(m, d, r)
	}
	if m.cluster.opt.Processes == sim.ProcessOwn {
		return newChild(m.Name, m.dir, d, m.cluster.guard, r), nil
	}
	return newEmbedded(m.Name, m.logFile(), d, r)
}

// isFull reports whether the member is down and its disk is full.
func (m *Member) isFull() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.life == nil && m.faults.Full
}

// tell passes on what the log says, unless the member is dead.
func (m *Member) tell(l *life, f memberlog.LogFact) {
	if m.current() != l {
		return
	}
	switch f.Kind {
	case memberlog.PreCandidate, memberlog.Candidate:
		m.cluster.stood.Store(true)
	case memberlog.AddedVoter, memberlog.AddedLearner:
		m.cluster.learn(f.Peer, f.URL)
	}
	m.cluster.opt.Hooks.Fact(m.ID, f)
}

// Crash stops the member as kill -9 would: others see nothing of it from this moment on. The
// process itself is stopped in the background, and its disk keeps what was written, unless it lies.
// It does nothing if the member is down.
func (m *Member) Crash() {
	if l := m.current(); l != nil {
		m.end(l)
	}
}

// Stop stops the member as SIGTERM would: it transfers leadership if it can and closes its files.
// Unlike a killed one it has recorded on disk how far its log was committed, which ForceNewCluster
// relies on. It returns when the member is down, which it is after an error too. It does nothing if
// the member is down already. Errors: it is paused, it did not start, and ctx's, after which it was killed.
func (m *Member) Stop(ctx context.Context) error {
	l := m.current()
	if l == nil {
		return nil
	}
	p, err := m.process(ctx)
	if err == nil {
		l.leaving.Store(true)
		err = p.leave(ctx)
	}
	m.end(l)
	if errors.Is(err, ErrDown) {
		return nil // it died meanwhile
	}
	return err
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
	l.restore = l.restore || m.faults.Lying
	close(l.ended)
	l.proc.kill()
	return true
}

// die ends a life that ended itself.
func (m *Member) die(l *life, why string) {
	m.mu.Lock()
	l.why = cmp.Or(l.why, why)
	m.mu.Unlock()
	if m.end(l) {
		m.cluster.opt.Hooks.Died(m.ID, why)
	}
}

// run is a life from beginning to end.
func (m *Member) run(l, before *life) {
	defer close(l.over)
	if before != nil {
		<-before.over
	}
	l.err = m.boot(l)
	close(l.started)
	if l.err != nil {
		m.die(l, l.err.Error())
	} else {
		m.serve(l)
		select {
		case <-l.ended:
		case <-l.proc.stopped():
			if l.leaving.Load() {
				<-l.ended
			} else {
				m.die(l, Removed)
			}
		}
	}
	m.thaw(l)
	err := l.proc.wait()
	if e := embeddedIn(l.proc); e != nil && e.stale {
		m.cluster.leftovers.Store(true)
		m.mu.Lock()
		m.stale = true
		m.mu.Unlock()
	}
	if err = errors.Join(err, m.fallBack(l)); err != nil {
		m.cluster.opt.Hooks.Died(m.ID, err.Error())
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
		peers, clients := l.proc.addrs()
		m.peers.Serve(peers)
		m.clients.Serve(clients)
	}
}

// joinPatience is how long a member that joins tries to start. The first peer that it asks for the
// list of members may not yet have heard of it, and then etcd gives up with an error.
const joinPatience = 10 * time.Second

func (m *Member) boot(l *life) error {
	if err := m.prepareData(); err != nil {
		return err
	}
	joining := m.founding() && m.joining()
	for begin := time.Now(); ; {
		err := l.proc.boot(m.settings(), func() bool { return m.open(l) })
		// A start that died halfway keeps its files locked: another one in this life would wait for it, or say so.
		if e := embeddedIn(l.proc); err == nil || !joining || time.Since(begin) > joinPatience || e != nil && e.stale {
			return err
		}
		select {
		case <-time.After(sim.RetryEvery):
		case <-l.ended:
			return errCrashed
		}
	}
}

// joining reports whether the member starts as one of a running cluster.
func (m *Member) joining() bool {
	m.cluster.mu.Lock()
	defer m.cluster.mu.Unlock()
	return m.joins
}
