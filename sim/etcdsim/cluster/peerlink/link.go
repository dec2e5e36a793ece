package peerlink

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"quorumlab/internal/finetime"
	"quorumlab/internal/outages"
	"quorumlab/sim/etcdsim/cluster/apart"
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
	seed     uint64

	mu      sync.Mutex
	is      Condition
	changed chan struct{} // closed at every Set
	draw    *rand.Rand
	idle    time.Time // when the last byte under the rate limit has left
	lifted  time.Time // when the last rate limit ended
	born    time.Time // of the network
	cuts    outages.Outages
}

func newLink(seed uint64, born time.Time, from, to int) *Link {
	return &Link{
		From: from, To: to, timer: finetime.NewTimer, seed: seed,
		changed: make(chan struct{}), born: born,
		draw: rand.New(rand.NewPCG(seed, uint64(from)<<32|uint64(to))),
	}
}

// Set changes the condition from now on. A message already on its way keeps its delay, but is lost if
// the link is cut when it should arrive. What still waits for its turn under a limit leaves when there is none.
func (l *Link) Set(c Condition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.is.Rate > 0 && c.Rate <= 0 {
		l.idle, l.lifted = time.Time{}, time.Now()
	}
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

// passage is the way of a message over a link. The zero value is over.
type passage struct {
	sent, left time.Time // left: its last byte, unless a limit ends before
	delay      time.Duration
}

// arrival is when a message arrives as things are.
func (l *Link) arrival(p passage) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.due(p)
}

// due is arrival, under the lock.
func (l *Link) due(p passage) time.Time {
	if p.sent.Before(l.lifted) && l.lifted.Before(p.left) {
		return l.lifted.Add(p.delay)
	}
	return p.left.Add(p.delay)
}

// send decides on a message of that many bytes: on its way, or lost if a reason is given.
func (l *Link) send(now time.Time, bytes int) (p passage, lost Reason) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.decide(now, bytes, l.draw)
}

// sendApart is send in a bubble: what is drawn for a message depends on what it is and when it leaves, and not on those
// before it.
func (l *Link) sendApart(now time.Time, bytes int, what string) (p passage, lost Reason) {
	name := fmt.Sprint("link ", l.From, " ", l.To, " ", what, " ", bytes)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.decide(now, bytes, apart.Stream(l.seed, name, now))
}

// decide is send, under the lock.
func (l *Link) decide(now time.Time, bytes int, draw *rand.Rand) (p passage, lost Reason) {
	if l.is.Cut {
		return p, LostByCut
	}
	if l.is.Loss > 0 && draw.Float64() < l.is.Loss {
		return p, LostByLuck
	}
	p = passage{sent: now, left: l.transmit(now, bytes)}
	if l.is.Delay != nil {
		p.delay = max(0, l.is.Delay(draw))
	}
	return p, ""
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
func (l *Link) free(now time.Time, bytes int) passage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return passage{sent: now, left: l.transmit(now, bytes)}
}

// wait returns when a message arrives, or later when the link is held; false when ctx ended first.
func (l *Link) wait(ctx context.Context, p passage) bool {
	return l.waitUntil(ctx, p, func(due time.Time) time.Time { return due })
}

// waitApart is wait in a bubble: until a moment of messages of that kind, later than last.
func (l *Link) waitApart(ctx context.Context, p passage, k apart.Happening, last time.Time) bool {
	source := apart.Of(k, l.From, l.To)
	return l.waitUntil(ctx, p, func(due time.Time) time.Time {
		for _, t := range []time.Time{time.Now(), last.Add(1)} {
			if due.Before(t) {
				due = t
			}
		}
		return source.After(due)
	})
}

// waitUntil is wait, until what then makes of the message's arrival.
func (l *Link) waitUntil(ctx context.Context, p passage, then func(due time.Time) time.Time) bool {
	for {
		l.mu.Lock()
		held, changed, due := l.is.Held, l.changed, l.due(p)
		l.mu.Unlock()
		left := time.Until(then(due))
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
