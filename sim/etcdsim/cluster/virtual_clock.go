package cluster

import (
	"reflect"
	"strconv"
	"sync"
	"time"

	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/raft/v3"

	"quorumlab/sim/etcdsim/cluster/apart"
)

// clock ticks for a member in place of etcd's own ticker. It ticks as that does, but for one thing: a tick that falls
// due while raft's loop waits for its disk is there together with what raft has ready then, and the loop takes either,
// by a choice of Go's runtime. Here the seed chooses, so that the same happens in each run: the loop ticks first, when
// the disk is done, or a moment later.
type clock struct {
	source apart.Slot
	beat   time.Duration
	seed   uint64
	name   string
	node   func() // ticks, as raftNode.tick does

	ticks chan time.Time // what etcd's loop reads
	again chan struct{}  // a tick is due a moment later
	reset chan struct{}  // it has been paused, and counts anew

	mu     sync.Mutex
	paused bool
	busy   bool // the loop waits for its disk
	due    bool // a tick that fell due meanwhile; as with a ticker one is kept
}

// newClock replaces a server's ticker, before it is started.
func newClock(srv *etcdserver.EtcdServer, of apart.Slot, seed uint64, member int, beat time.Duration) *clock {
	s := reflect.ValueOf(srv).Elem()
	k := &clock{
		source: of, beat: beat, seed: seed, name: "tick " + strconv.Itoa(member),
		ticks: make(chan time.Time, 1), again: make(chan struct{}, 1), reset: make(chan struct{}, 1),
	}
	node := hidden(s, "r", "raftNodeConfig", "Node").Interface().(raft.Node)
	mu := hidden(s, "r", "tickMu").Interface().(*sync.RWMutex)
	latest := hidden(s, "r", "latestTickTs").Addr().Interface().(*time.Time)
	k.node = func() {
		mu.Lock()
		defer mu.Unlock()
		node.Tick()
		*latest = time.Now()
	}
	hidden(s, "r", "ticker").Interface().(*time.Ticker).Stop()
	replace(s, &time.Ticker{C: k.ticks}, "r", "ticker")
	return k
}

// run ticks until done.
func (k *clock) run(done <-chan struct{}) {
	next := time.Now().Add(k.beat)
	for {
		timer := time.NewTimer(time.Until(next))
		select {
		case <-timer.C:
			next = next.Add(k.beat)
			k.strike(true)
		case <-k.again:
			moment := time.NewTimer(time.Until(k.source.After(time.Now().Add(1))))
			select {
			case <-moment.C:
				k.strike(false)
			case <-done:
			}
			moment.Stop()
		case <-k.reset:
			next = time.Now().Add(k.beat)
		case <-done:
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// strike hands a tick to the loop, a new one or one that was due, unless the loop is busy.
func (k *clock) strike(fresh bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.due = k.due || fresh; k.paused || k.busy || !k.due {
		k.due = k.due && !k.paused
		return
	}
	k.due = false
	select {
	case k.ticks <- time.Now():
	default: // one is there already
	}
}

// begin tells that raft's loop waits for its disk from now on.
func (k *clock) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy = true
}

// end tells, on the loop's goroutine, that it goes on.
func (k *clock) end() {
	k.mu.Lock()
	k.busy = false
	due := k.due && !k.paused
	first := due && apart.Stream(k.seed, k.name, time.Now()).IntN(2) == 0
	if first {
		k.due = false
	}
	k.mu.Unlock()
	switch {
	case first:
		k.node()
	case due:
		select {
		case k.again <- struct{}{}:
		default:
		}
	}
}

// pause stops it; resume lets it count from now on.
func (k *clock) pause() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.paused, k.due = true, false
}

func (k *clock) resume() {
	k.source.Await()
	k.mu.Lock()
	k.paused = false
	k.mu.Unlock()
	select {
	case k.reset <- struct{}{}:
	default:
	}
}
