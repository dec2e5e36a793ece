package raftsim

import (
	"time"

	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
)

// eventKind says what an event does when it is due.
type eventKind uint8

const (
	doCall    eventKind = iota // call()
	doTick                     // wake the member's ticker
	doDeliver                  // a message arrives
	doSynced                   // a disk's write is done
	doArrive                   // a client's request arrives
	doReply                    // an answer arrives at its client
	doBroken                   // a client sees that its connection is gone
	doExpire                   // a client gives up
)

// event is something that will happen. Its kind says which fields it uses.
type event struct {
	call func()
	msg  *pb.Message
	op   *op
	id   uint64 // doDeliver: the message's number; doTick: the wake's; doArrive: the attempt
	life uint32 // doTick, doSynced: the life of the member's process that it is for; doDeliver: bearers of both names
	to   sim.MemberID
	kind eventKind
}

// key is an event's place in the queue. order holds the event's rank among those
// of the same time and, in the low bits, its slot. Without pointers the heap costs
// the garbage collector nothing.
type key struct {
	at    time.Duration
	order uint64
}

const (
	slotBits = 24
	// firstRank is above the ranks of ticks, which are member numbers: at the same
	// time ticks go first, in the order of members. So it makes no difference to
	// anything whether a tick without effect was in the queue or was skipped.
	firstRank = 1 << 16
)

func (a key) before(b key) bool { return a.at < b.at || a.at == b.at && a.order < b.order }

// queue holds the events to come, ordered by time and then by when they were
// pushed: a 4-ary heap of keys over a slab of events.
type queue struct {
	keys  []key
	slab  []event
	free  []uint32
	count uint64
}

// newQueue is an empty queue with room for what a small cluster does.
func newQueue() queue {
	return queue{keys: make([]key, 0, 64), slab: make([]event, 0, 64), free: make([]uint32, 0, 64)}
}

// push adds an event.
func (q *queue) push(at time.Duration, e event) {
	q.count++
	q.insert(at, firstRank+q.count, e)
}

// pushTick adds a tick of a member, which goes before all other events of its time.
func (q *queue) pushTick(at time.Duration, e event) { q.insert(at, uint64(e.to), e) }

func (q *queue) insert(at time.Duration, rank uint64, e event) {
	var slot uint32
	if n := len(q.free); n > 0 {
		slot = q.free[n-1]
		q.free = q.free[:n-1]
		q.slab[slot] = e
	} else {
		slot = uint32(len(q.slab))
		q.slab = append(q.slab, e)
	}
	if slot >= 1<<slotBits {
		panic("raftsim: more than 16 million events wait at one time")
	}
	q.up(key{at, rank<<slotBits | uint64(slot)})
}

// next is when the next event happens, if there is one.
func (q *queue) next() (at time.Duration, ok bool) {
	if len(q.keys) == 0 {
		return 0, false
	}
	return q.keys[0].at, true
}

// pop takes the next event. The queue must not be empty.
func (q *queue) pop() event {
	slot := q.keys[0].slot()
	e := q.slab[slot]
	q.slab[slot] = event{}
	q.free = append(q.free, slot)
	last := q.keys[len(q.keys)-1]
	q.keys = q.keys[:len(q.keys)-1]
	if len(q.keys) > 0 {
		q.down(last)
	}
	return e
}

// up puts k at the end and moves it up to its place.
func (q *queue) up(k key) {
	q.keys = append(q.keys, k)
	a := q.keys
	i := len(a) - 1
	for i > 0 {
		parent := (i - 1) >> 2
		if !k.before(a[parent]) {
			break
		}
		a[i] = a[parent]
		i = parent
	}
	a[i] = k
}

// down puts k at the top and moves it down to its place.
func (q *queue) down(k key) {
	a := q.keys
	i := 0
	for {
		child := i<<2 + 1
		if child >= len(a) {
			break
		}
		least := child
		for c := child + 1; c < child+4 && c < len(a); c++ {
			if a[c].before(a[least]) {
				least = c
			}
		}
		if !a[least].before(k) {
			break
		}
		a[i] = a[least]
		i = least
	}
	a[i] = k
}
