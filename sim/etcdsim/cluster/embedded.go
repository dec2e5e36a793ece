package cluster

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/etcd/server/v3/embed"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// embedded is etcd as a part of this process: the cheapest way to run many members. Its death is
// played: first everything that others could notice of it is cut off, then it is stopped from inside.
type embedded struct {
	reports
	log *memberlog.Log
	srv *server

	nodeStuck chan struct{} // closed when raft's goroutine gave up
	killed    chan struct{}
	over      chan struct{} // closed when nothing of it is left
	stale     bool          // a start died halfway and left its files locked; read after wait
}

var _ process = (*embedded)(nil)

// newEmbedded opens the log. The error is that of its file.
func newEmbedded(name, logFile string, d diskSettings, r reports) (*embedded, error) {
	e := &embedded{
		reports: r, nodeStuck: make(chan struct{}), killed: make(chan struct{}), over: make(chan struct{}),
	}
	// The write is held back instead of failed, since no file system is in between.
	e.srv = newServer(d, func() {
		r.died(diskFull(name, "write"))
		e.srv.disk.Unstall()
	})
	var err error
	e.log, err = memberlog.Open(memberlog.Options{File: logFile, Tell: e.tell, Died: e.caught})
	return e, err
}

// embeddedIn is the etcd of a process that is part of this one; nil: it is none.
func embeddedIn(p process) *embedded {
	switch e := p.(type) {
	case *embedded:
		return e
	case *virtual:
		return e.embedded
	}
	return nil
}

func (e *embedded) tell(f memberlog.LogFact) {
	f.Applied = e.srv.applied()
	e.fact(f)
}

func (e *embedded) boot(s settings, entrance func() bool) error {
	cfg, err := s.config(e.log)
	if err != nil {
		return err
	}
	cfg.GRPCAdditionalServerOptions = e.srv.calls.options()
	return e.srv.start(s.Name, func() (*embed.Etcd, error) {
		if !entrance() { // asked only now: from here on a crash ends what the disk does
			return nil, errCrashed
		}
		return e.guarded(func() (*embed.Etcd, error) { return embed.StartEtcd(cfg) })
	})
}

// guarded turns a panic of the start into an error. What etcd had open stays open then, locks and a
// goroutine of its database included: it counts on the end of the process.
func (e *embedded) guarded(start func() (*embed.Etcd, error)) (etcd *embed.Etcd, err error) {
	defer func() {
		if p := recover(); p != nil {
			etcd, err, e.stale = nil, fmt.Errorf(didNotStart, p), true
		}
	}()
	return start()
}

// didNotStart is the format of the error of a start in which etcd gave up.
const didNotStart = "etcd did not start: %v"

func (e *embedded) addrs() (peers, clients string) {
	return e.srv.etcd.Peers[0].Addr().String(), e.srv.etcd.Clients[0].Addr().String()
}

func (e *embedded) ready() <-chan struct{}                 { return e.srv.etcd.Server.ReadyNotify() }
func (e *embedded) stopped() <-chan struct{}               { return e.srv.etcd.Server.StopNotify() }
func (e *embedded) status() Status                         { return e.srv.status() }
func (e *embedded) campaign(ctx context.Context) error     { return e.srv.campaign(ctx) }
func (e *embedded) setDisk(d sim.DiskState)                { e.srv.setDisk(d) }
func (e *embedded) hash(ctx context.Context) (Hash, error) { return e.srv.hash(ctx) }

func (e *embedded) hold(context.Context) (release func(), err error) { return e.srv.hold(), nil }

// pause holds the lock that the raft loop takes for each tick, which stops it there. Goroutines that
// neither tick nor send run on, unseen.
func (e *embedded) pause() error {
	tickLock(e.srv.etcd.Server).Lock()
	return nil
}

func (e *embedded) resume() { tickLock(e.srv.etcd.Server).Unlock() }

func (e *embedded) leave(ctx context.Context) error { return e.srv.leave(ctx) }

func (e *embedded) kill() {
	close(e.killed)
	e.srv.disk.Detach()
}

func (e *embedded) wait() error {
	defer close(e.over)
	if etcd := e.srv.etcd; etcd != nil {
		select {
		case <-e.nodeStuck:
			releaseNode(etcd.Server)
		default:
		}
		e.srv.stop() // first: Close alone would try to hand leadership over
		etcd.Close()
	}
	e.srv.work.Wait()
	return e.log.Close()
}

var errCrashed = errors.New("crashed while starting")
