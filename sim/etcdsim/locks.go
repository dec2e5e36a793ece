package etcdsim

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"go.etcd.io/etcd/client/v3/concurrency"

	"quorumlab/sim"
)

var _ sim.LockOperator = powers{}

// locks are the locks and elections of a run, and what they guard: something outside of etcd that knows of a lock no
// more than the tokens that it is shown.
type locks struct {
	r *run

	mu      sync.Mutex
	count   uint64
	highest map[string]uint64 // the newest token that a resource has seen, by the lock's name
	busy    map[int]bool      // clients of the load that are at it
	random  *rand.Rand        // how long they hold it
}

func newLocks(r *run) *locks {
	return &locks{r: r, highest: map[string]uint64{}, busy: map[int]bool{}, random: sim.Stream(r.s.Seed, "locks")}
}

// claim is one client's wish for a lock, and its hold.
type claim struct {
	ls     *locks
	spec   sim.LockSpec
	length time.Duration // of the hold; 0: until it is told
	of     *app
	number uint64
	token  uint64
}

// recipe is what locks and elections of etcd's client have in common.
type recipe interface {
	take(ctx context.Context) error
	token() int64
	giveBack(ctx context.Context) error
}

// lockRecipe is a lock.
type lockRecipe struct{ *concurrency.Mutex }

func (l lockRecipe) take(ctx context.Context) error     { return l.Lock(ctx) }
func (l lockRecipe) token() int64                       { return l.Header().Revision }
func (l lockRecipe) giveBack(ctx context.Context) error { return l.Unlock(ctx) }

// electionRecipe is an election.
type electionRecipe struct {
	*concurrency.Election
	name string
}

func (e electionRecipe) take(ctx context.Context) error     { return e.Campaign(ctx, e.name) }
func (e electionRecipe) token() int64                       { return e.Rev() }
func (e electionRecipe) giveBack(ctx context.Context) error { return e.Resign(ctx) }

// The keys of locks and elections.
const (
	lockKeys     = "lock/"
	electionKeys = "election/"
)

// on is the recipe on a session.
func (c *claim) on(s *concurrency.Session) recipe {
	if c.spec.Election {
		return electionRecipe{concurrency.NewElection(s, electionKeys+c.spec.Name), sim.ClientName(c.of.number)}
	}
	return lockRecipe{concurrency.NewMutex(s, lockKeys+c.spec.Name)}
}

// claim begins one.
func (ls *locks) claim(spec sim.LockSpec) (*claim, error) {
	of, err := ls.r.apps.get(spec.Client)
	if err != nil {
		return nil, err
	}
	if spec.TTL == 0 {
		spec.TTL = ls.r.s.Workload.LeaseTime()
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.count++
	return &claim{ls: ls, spec: spec, of: of, number: ls.count}, nil
}

func (c *claim) record(e sim.Event) {
	e.Kind, e.ID, e.Key, e.Client = sim.KindLock, c.number, c.spec.Name, uint32(c.of.number)
	c.ls.r.record(e)
}

// writeEvery is how often a client writes to what its lock guards.
const writeEvery = 100 * time.Millisecond

// write writes to what the lock guards.
func (c *claim) write() {
	c.ls.mu.Lock()
	seen := c.ls.highest[c.spec.Name]
	e := sim.Event{Count: sim.LockWrote, Revision: c.token, Old: seen, Result: sim.OutcomeOK}
	switch {
	case c.token >= seen:
		c.ls.highest[c.spec.Name] = c.token
	case c.spec.Fenced:
		e.Result = sim.OutcomeFailed
	}
	c.ls.mu.Unlock()
	c.record(e)
}

// carryOut takes the lock, holds it until done, and gives it back. limit is how long the client waits for it.
func (c *claim) carryOut(ctx context.Context, limit time.Duration, done <-chan struct{}) error {
	c.record(sim.Event{Count: sim.LockWanted})
	s, err := concurrency.NewSession(c.of.Client, concurrency.WithTTL(int(c.spec.TTL.Seconds())),
		concurrency.WithContext(ctx))
	if err != nil {
		c.failed(ctx, err)
		return err
	}
	defer s.Orphan()
	take, cancel := context.WithCancel(ctx)
	if limit > 0 {
		take, cancel = context.WithTimeout(ctx, limit)
	}
	defer cancel()
	go func() {
		select {
		case <-done: // it no longer wants it
			cancel()
		case <-take.Done():
		}
	}()
	lock := c.on(s)
	if err := lock.take(take); err != nil {
		c.failed(ctx, err)
		c.revoke(s)
		return err
	}
	c.token = uint64(lock.token())
	c.of.goesOn(ctx)
	c.record(sim.Event{Count: sim.LockHeld, Revision: c.token})
	if !c.hold(ctx, s, done) {
		c.record(sim.Event{Count: sim.LockLost, Revision: c.token})
		return nil
	}
	if ctx.Err() != nil {
		return nil
	}
	c.record(sim.Event{Count: sim.LockReleased, Revision: c.token}) // from here on it does nothing in its name
	back, end := context.WithTimeout(ctx, c.ls.r.load.timeout)
	defer end()
	_ = lock.giveBack(back) // the lease of the session ends what is left
	c.revoke(s)
	return nil
}

func (c *claim) failed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		c.record(sim.Event{Count: sim.LockFailed, Note: err.Error()})
	}
}

// revoke ends the session's lease, so that nothing is left of the claim.
func (c *claim) revoke(s *concurrency.Session) {
	ctx, cancel := context.WithTimeout(c.ls.r.ctx, time.Second)
	defer cancel()
	_, _ = c.of.Revoke(ctx, s.Lease()) // otherwise it expires
}

// hold writes as long as the client may take itself for the holder. False: its session is over. A process that is
// stopped is stopped between its look at the session and the write.
func (c *claim) hold(ctx context.Context, s *concurrency.Session, done <-chan struct{}) bool {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	var over <-chan time.Time
	if c.length > 0 {
		t := time.NewTimer(c.length)
		defer t.Stop()
		over = t.C
	}
	for {
		select {
		case <-s.Done():
			return false
		default:
		}
		c.of.goesOn(ctx)
		if ctx.Err() != nil {
			return true
		}
		c.write()
		select {
		case <-tick.C:
		case <-over:
			c.of.goesOn(ctx)
			return true
		case <-done:
			c.of.goesOn(ctx)
			return true
		case <-ctx.Done():
			return true
		}
	}
}

// Lock has a client take a lock until stop.
func (p powers) Lock(spec sim.LockSpec) (stop func() error, err error) {
	c, err := p.r.locks.claim(spec)
	if err != nil {
		return nil, err
	}
	done := make(chan struct{})
	p.r.work.Go(func() { _ = c.carryOut(p.r.ctx, 0, done) }) // the trace has its error
	return func() error {
		close(done)
		return nil
	}, nil
}

// loadLock is the lock that the clients of the load take.
const loadLock = "load"

// carryOut is a client of the load that takes the lock, holds it for a while and gives it back.
func (ls *locks) carryOut(o *op) answer {
	ls.mu.Lock()
	busy := ls.busy[o.client]
	ls.busy[o.client] = true
	length := ls.r.s.Workload.HoldTime().Draw(ls.random)
	ls.mu.Unlock()
	if busy {
		return answer{result: sim.OutcomeOK}
	}
	defer func() {
		ls.mu.Lock()
		defer ls.mu.Unlock()
		delete(ls.busy, o.client)
	}()
	c, err := ls.claim(sim.LockSpec{Name: loadLock, Fenced: ls.r.s.Workload.Fenced, Client: o.client})
	if err == nil {
		c.length = max(length, time.Microsecond)
		err = c.carryOut(ls.r.ctx, ls.r.load.timeout, ls.r.load.last)
	}
	if err != nil {
		return answer{result: sim.OutcomeFailed, note: err.Error()}
	}
	return answer{result: sim.OutcomeOK}
}
