package apart

import (
	"bytes"
	"slices"
	"sync"
	"time"
)

// Turns puts what goroutines come with at one instant in order: by what it says, and a microsecond apart, from the next
// moment of a source on.
type Turns struct {
	source Slot

	mu      sync.Mutex
	waiting []*together // in the order in which they came
	free    time.Time   // nobody's turn is then or later
}

// together are those that came at one instant.
type together struct {
	at, moment time.Time // when they came, and the source's next moment
	all        []*one
	first      time.Time // the turn of the first one, known from moment on
}

type one struct{ says []byte }

// NewTurns makes one without anybody.
func NewTurns(s Slot) *Turns { return &Turns{source: s} }

// Await returns when it is the turn of one that says this.
func (o *Turns) Await(says []byte) {
	me := &one{says}
	with := o.join(me, time.Now())
	<-time.After(time.Until(with.moment)) // then all are there
	<-time.After(time.Until(o.turn(with, me)))
}

// join adds one to those that came with it.
func (o *Turns) join(me *one, now time.Time) *together {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.waiting); n == 0 || !now.Equal(o.waiting[n-1].at) {
		o.waiting = append(o.waiting, &together{at: now, moment: o.source.After(now.Add(1))})
	}
	with := o.waiting[len(o.waiting)-1]
	with.all = append(with.all, me)
	return with
}

// turn is the turn of one. Who came earlier goes first.
func (o *Turns) turn(with *together, me *one) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.waiting) > 0 && !o.waiting[0].moment.After(with.moment) {
		g := o.waiting[0]
		o.waiting = o.waiting[1:]
		if g.first = g.moment; g.first.Before(o.free) {
			g.first = o.free
		}
		o.free = g.first.Add(time.Duration(len(g.all)) * time.Microsecond)
		slices.SortFunc(g.all, func(a, b *one) int { return bytes.Compare(a.says, b.says) })
	}
	return with.first.Add(time.Duration(slices.Index(with.all, me)) * time.Microsecond)
}
