package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/raft/v3/raftpb"
	"go.uber.org/zap"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/apart"
	"quorumlab/sim/etcdsim/cluster/diskfault"
)

// server is etcd in this process, on a disk that can misbehave.
type server struct {
	disk   diskfault.Disk
	calls  *calls
	broken func()     // called when etcd writes to a full disk
	random *rand.Rand // of the disk; under drawing

	virtual string // in a bubble: the name of the disk's streams
	seed    uint64

	drawing sync.Mutex

	mu      sync.Mutex
	stalled bool // so is the disk, beyond what hold does
	held    bool
	paused  bool // in virtual time

	work    sync.WaitGroup // goroutines that hold a lock of the database, or see etcd out
	started chan struct{}  // closed once etcd is there
	etcd    *embed.Etcd
}

// newServer makes a server that has not started.
func newServer(d diskSettings, broken func()) *server {
	s := &server{broken: broken, random: sim.Stream(d.Seed, d.Stream), started: make(chan struct{})}
	if d.Virtual {
		s.virtual, s.seed = d.Stream, d.Seed
		s.disk.Outside(d.Member)
	}
	s.calls = newCalls(s.stopping)
	s.disk.Model(s.drawn("fsync", d.Fsync))
	s.setDisk(d.State)
	return s
}

// start runs etcd, by begin, on the disk.
func (s *server) start(member string, begin func() (*embed.Etcd, error)) (err error) {
	s.disk.Run(member, func() { s.etcd, err = begin() })
	if err == nil {
		close(s.started)
	}
	return err
}

// stopping is closed once etcd goes down, nil before it has started.
func (s *server) stopping() <-chan struct{} {
	select {
	case <-s.started:
		return s.etcd.Server.StoppingNotify()
	default:
		return nil
	}
}

// running reports whether etcd has started.
func (s *server) running() bool {
	select {
	case <-s.started:
		return true
	default:
		return false
	}
}

// applied is how far etcd has applied its log, 0 before it has started.
func (s *server) applied() uint64 {
	select {
	case <-s.started:
		return s.etcd.Server.AppliedIndex()
	default:
		return 0
	}
}

func (s *server) status() Status {
	srv := s.etcd.Server
	return Status{
		ID: uint64(srv.MemberID()), Lead: srv.Lead(), Term: srv.Term(),
		Applied: srv.AppliedIndex(), Committed: srv.CommittedIndex(),
	}
}

// campaign sends etcd the message with which raft hands leadership over.
func (s *server) campaign(ctx context.Context) error {
	id := uint64(s.etcd.Server.MemberID())
	return s.etcd.Server.Process(ctx, &raftpb.Message{Type: raftpb.MsgTimeoutNow.Enum(), From: &id, To: &id})
}

// leave hands leadership over if it can and closes etcd's files. The error is ctx's; etcd goes on
// with it then.
func (s *server) leave(ctx context.Context) error {
	left := make(chan struct{})
	s.work.Go(func() {
		defer close(left)
		srv := s.etcd.Server
		if err := srv.TryTransferLeadershipOnShutdown(); err != nil {
			srv.Logger().Warn("leadership transfer failed", zap.Error(err))
		}
		s.stop()
	})
	select {
	case <-left:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends what clients have under way, and then etcd, which hands nothing over.
func (s *server) stop() {
	s.calls.close()
	s.etcd.Server.HardStop()
}

// hash is the hash of the store. While the database is locked, as by a defragmentation that waits for a
// reader of a snapshot, there is none to be had: it gives up with ctx.
func (s *server) hash(ctx context.Context) (Hash, error) {
	var h Hash
	done := make(chan error, 1)
	go func() {
		done <- s.calls.run(ctx, func(context.Context) (err error) {
			h, err = s.hashNow()
			return err
		})
	}()
	select {
	case err := <-done:
		return h, err
	case <-ctx.Done():
		return Hash{}, ctx.Err()
	}
}

func (s *server) hashNow() (Hash, error) {
	srv := s.etcd.Server
	before := srv.AppliedIndex()
	h, rev, err := srv.KV().HashStorage().HashByRev(0)
	if err != nil {
		return Hash{}, err
	}
	if srv.AppliedIndex() != before {
		return Hash{}, errStoreChanged
	}
	return Hash{before, rev, h.Hash}, nil
}

// setDisk may be called before the start too.
func (s *server) setDisk(d sim.DiskState) {
	s.disk.Slow(s.drawn("slow", d.Slow))
	if d.Full {
		s.disk.Break(s.broken)
	} else {
		s.disk.Break(nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = d.Stalled
	s.applyStall()
}

// applyStall is under the lock.
func (s *server) applyStall() {
	if s.stalled || s.held || s.paused {
		s.disk.Stall()
	} else {
		s.disk.Unstall()
	}
}

func (s *server) setHeld(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = on
	s.applyStall()
}

// setPaused stalls the disk beyond what its faults do.
func (s *server) setPaused(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = on
	s.applyStall()
}

// drawn draws from l by the disk's own stream. In a bubble what is drawn for an operation depends on what it is and
// when it begins, and not on those before it.
func (s *server) drawn(what string, l sim.Distribution) diskfault.Delay {
	if l.IsZero() {
		return nil
	}
	if s.virtual != "" {
		return func(of diskfault.Op, nth int) time.Duration {
			return l.Draw(apart.Stream(s.seed, fmt.Sprint(s.virtual, " ", what, " ", of, " ", nth), time.Now()))
		}
	}
	return func(diskfault.Op, int) time.Duration {
		s.drawing.Lock()
		defer s.drawing.Unlock()
		return l.Draw(s.random)
	}
}

// hold stalls the disk and waits until no commit of the database is under way.
func (s *server) hold() (release func()) {
	s.setHeld(true)
	tx := s.etcd.Server.Backend().BatchTx()
	locked, over := make(chan struct{}), make(chan struct{})
	s.work.Go(func() {
		tx.LockOutsideApply()
		close(locked)
		<-over
		tx.Unlock()
	})
	select {
	case <-locked: // no commit is under way
	case <-s.disk.Parked(): // the one that was is done
	}
	return func() {
		close(over)
		s.setHeld(false)
	}
}
