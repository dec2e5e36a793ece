package diskfault

import (
	"sync"
	"time"
	"unsafe"

	"quorumlab/internal/finetime"
	"quorumlab/sim/etcdsim/cluster/apart"
)

// Delay draws how long an fsync takes, or takes longer: the nth of an operation, from 0. It must be safe for concurrent
// use.
type Delay func(of Op, nth int) time.Duration

// Disk is the disk of one member. The zero value is the machine's own disk. Its methods are
// safe for concurrent use.
type Disk struct {
	labels unsafe.Pointer // of the member's goroutines; guarded by disks

	mu       sync.Mutex
	model    Delay // what an fsync takes at least
	slow     Delay // what it takes on top
	slowings int   // how many times slow was set
	stalled  bool
	broken   func()
	observe  func(Op, time.Duration)
	off      bool          // detached
	changed  chan struct{} // closed at the next change; nil when nobody waits
	parked   chan struct{} // closed while a commit waits for the end of a stall
	isParked bool
	fsyncs   int
	busy     time.Time // until then a commit is under way outside

	// See Outside.
	outside       bool
	fsync, commit apart.Slot
}

// Model makes an fsync take as long as delay says, including the machine's own time: a slower machine
// stays as slow as it is. nil ends it.
func (d *Disk) Model(delay Delay) { d.change(func() { d.model = delay }) }

// Slow makes each fsync take longer by what delay says, including those in progress. nil ends it.
func (d *Disk) Slow(delay Delay) {
	d.change(func() {
		d.slow = delay
		d.slowings++
	})
}

// Stall blocks the disk: operations do not return, and a record that is not yet in the WAL does not
// get there.
func (d *Disk) Stall() { d.change(func() { d.stalled = true }) }

// Unstall ends Stall, also for operations in progress.
func (d *Disk) Unstall() {
	d.change(func() {
		if now := time.Now(); d.outside && d.stalled && d.busy.Before(now) {
			d.busy = d.commit.After(now) // those that wait at the gate have a moment of their own
		}
		d.stalled = false
	})
}

// Break stalls the disk at its next operation and calls then, once, in a goroutine of its own. nil
// revokes it.
func (d *Disk) Break(then func()) { d.change(func() { d.broken = then }) }

// Observe calls f at the end of each operation with the time it took, including waiting. f must not
// block. nil ends it.
func (d *Disk) Observe(f func(Op, time.Duration)) { d.change(func() { d.observe = f }) }

// fsyncCount counts the fsyncs so far.
func (d *Disk) fsyncCount() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fsyncs
}

// Parked returns a channel that is closed once a finished commit waits for the end of a stall. The
// database file is then whole and does not change.
func (d *Disk) Parked() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.parked == nil {
		d.parked = make(chan struct{})
		if d.isParked {
			close(d.parked)
		}
	}
	return d.parked
}

func (d *Disk) detached(off bool) { d.change(func() { d.off = off }) }

// change alters the disk and wakes those who wait for it.
func (d *Disk) change(alter func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	alter()
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
	if !d.stalled || d.off {
		d.isParked, d.parked = false, nil
	}
}

// wait is called at the end of an operation that took that long, and returns how much longer it
// makes it.
func (d *Disk) wait(op Op, took time.Duration) time.Duration {
	start := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.snap()
	base, extra, drawn := max(0, d.draw(op, d.model)-took), d.draw(op, d.slow), d.slowings
	for !d.off {
		if drawn != d.slowings { // slowed or healed meanwhile
			extra, drawn = d.draw(op, d.slow), d.slowings
		}
		left := time.Until(d.end(start, base+extra))
		if !d.stalled && left <= 0 {
			break
		}
		d.pause(op, left)
	}
	waited := time.Since(start)
	d.fsyncs += op.fsyncs()
	if d.observe != nil {
		d.observe(op, took+waited)
	}
	return waited
}

// snap breaks the disk if it is to break now. Under the lock.
func (d *Disk) snap() {
	if d.broken == nil || d.off {
		return
	}
	then := d.broken
	d.broken = nil
	d.stalled = true
	go then()
}

// draw asks the delay once for each fsync of the operation. Under the lock.
func (d *Disk) draw(op Op, delay Delay) (sum time.Duration) {
	for i := range op.fsyncs() {
		if delay != nil {
			sum += max(0, delay(op, i))
		}
	}
	return sum
}

// pause waits for the time left or, while the disk is stalled, for a change. It gives the lock away
// meanwhile.
func (d *Disk) pause(op Op, left time.Duration) {
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	changed := d.changed
	var over <-chan time.Time
	if d.stalled {
		d.park(op)
	} else {
		t := d.timer(left)
		defer t.Stop()
		over = t.C
	}
	d.mu.Unlock()
	defer d.mu.Lock()
	select {
	case <-over:
	case <-changed:
	}
}

// timer is one that fires on time: in a bubble, Go's own.
func (d *Disk) timer(left time.Duration) *time.Timer {
	if d.outside {
		return time.NewTimer(left)
	}
	return finetime.NewTimer(left)
}

// park notes that a commit waits. There is one at a time: it holds the database's lock.
func (d *Disk) park(op Op) {
	if op != Commit || d.isParked {
		return
	}
	d.isParked = true
	if d.parked != nil {
		close(d.parked)
	}
}
