package peerlink

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"quorumlab/internal/finetime"
	"quorumlab/internal/outages"
)

// Condition is what one directed link does. The zero value is a perfect link.
type Condition struct {
	// Cut loses every message, those in flight too. Connections stay up, so that a healed link
	// works at once, but none is made.
	Cut bool
	// Held holds back every byte until it ends: the link of a paused member.
	Held bool
	// Delay draws the one-way delay of a message; nil: none. TCP keeps the order of a stream, so a
	// message never overtakes the one before it. It is called under the link's lock.
	Delay func(*rand.Rand) time.Duration
	// Loss is the share of messages lost, 0 to 1.
	Loss float64
	// Rate is in bytes per second; 0: no limit.
	Rate int64
}

// Link carries the messages of one member to another one. Its methods are safe for concurrent use.
type Link struct {
	From, To int
	timer    func(time.Duration) *time.Timer

	mu      sync.Mutex
	is      Condition
	changed chan struct{} // closed at every Set
	draw    *rand.Rand
	idle    time.Time // when the last byte under the rate limit has left
	born    time.Time // of the network
	cuts    outages.Outages
}

func newLink(seed uint64, born time.Time, from, to int) *Link {
	return &Link{
		From: from, To: to, timer: finetime.NewTimer,
		changed: make(chan struct{}), born: born,
		draw: rand.New(rand.NewPCG(seed, uint64(from)<<32|uint64(to))),
	}
}

// Set changes the condition from now on. A message already on its way keeps its delay, but is lost if
// the link is cut when it should arrive.
func (l *Link) Set(c Condition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.is = c
	l.cuts.Set(time.Since(l.born), c.Cut)
	close(l.changed)
	l.changed = make(chan struct{})
}

// Condition returns the present condition.
func (l *Link) Condition() Condition {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.is
}

// firstOpen is the first moment from t on at which neither of two links was cut; false if there has been none yet.
// Whoever asks for a pair names its links in the same order, since both are locked.
func firstOpen(t time.Time, there, back *Link) (time.Time, bool) {
	there.mu.Lock()
	defer there.mu.Unlock()
	if back != there {
		back.mu.Lock()
		defer back.mu.Unlock()
	}
	since, ok := outages.FirstClear(t.Sub(there.born), &there.cuts, &back.cuts)
	return there.born.Add(since), ok
}

// send decides on a message of that many bytes: due at a time, or lost if a reason is given.
func (l *Link) send(now time.Time, bytes int) (due time.Time, lost Reason) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.is.Cut {
		return now, LostByCut
	}
	if l.is.Loss > 0 && l.draw.Float64() < l.is.Loss {
		return now, LostByLuck
	}
	due = l.transmit(now, bytes)
	if l.is.Delay != nil {
		due = due.Add(max(0, l.is.Delay(l.draw)))
	}
	return due, ""
}

// transmit takes the line for that many bytes and tells when the last one has left. Under the lock.
func (l *Link) transmit(now time.Time, bytes int) time.Time {
	if l.is.Rate <= 0 {
		return now
	}
	if l.idle.Before(now) {
		l.idle = now
	}
	l.idle = l.idle.Add(time.Duration(float64(bytes) / float64(l.is.Rate) * float64(time.Second)))
	return l.idle
}

// free takes the line for bytes that are no message of their own (the body of a snapshot).
func (l *Link) free(now time.Time, bytes int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.transmit(now, bytes)
}

// wait returns at due, or later when the link is held; false when ctx ended first.
func (l *Link) wait(ctx context.Context, due time.Time) bool {
	for {
		l.mu.Lock()
		held, changed := l.is.Held, l.changed
		l.mu.Unlock()
		left := time.Until(due)
		if !held && left <= 0 {
			return ctx.Err() == nil
		}
		if !l.pass(ctx, changed, held, left) {
			return false
		}
	}
}

// pass waits for a change of the link or, unless it is held, for the time left.
func (l *Link) pass(ctx context.Context, changed <-chan struct{}, held bool, left time.Duration) bool {
	var over <-chan time.Time
	if !held {
		t := l.timer(left)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-over:
	case <-changed:
	case <-ctx.Done():
		return false
	}
	return true
}
