package sandbox

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// feed keeps the newest events and told lines, for whoever watches: any number of watchers, as slow as they like. A
// watcher says how far it has come and gets what came after that, so nothing is kept for it alone.
type feed struct {
	mu    sync.Mutex
	ring  []sim.Event // the newest, from first on, around the end
	first int
	base  map[lastOf]sim.Event // of those before, what still says how things are
	lines []ToldLine           // the newest
	told  uint64               // how many lines there were
	news  chan struct{}        // closed when there is more; nil: nobody waits
}

// mostFed is how many events are kept: some 35 MB. Three members under 100 operations a second have as many in about
// a minute, idle ones in half an hour.
const mostFed = 200_000

// lastOf is what an event says the state of. A later event about the same takes its place.
type lastOf struct {
	what         uint8
	member, peer sim.MemberID
	id           uint64
}

// The things that have a state.
const (
	ofProcess uint8 = iota
	ofRole
	ofLink
	ofFault
	ofMembership
	ofLog
	ofCommit
	ofApplied
	ofStart
)

// stateOf is what an event says the state of; false: nothing that lasts.
func stateOf(e *sim.Event) (lastOf, bool) {
	switch e.Kind {
	case sim.KindStarted, sim.KindCrashed, sim.KindPanicked, sim.KindPaused, sim.KindResumed:
		return lastOf{ofProcess, e.Member, 0, 0}, true
	case sim.KindState:
		return lastOf{ofRole, e.Member, 0, 0}, true
	case sim.KindLinkCut, sim.KindLinkMended:
		return lastOf{ofLink, e.Member, e.Peer, 0}, true
	case sim.KindFaultBegun, sim.KindFaultEnded, sim.KindFaultFailed:
		return lastOf{ofFault, 0, 0, e.ID}, true
	case sim.KindMembership:
		return lastOf{ofMembership, e.Member, e.Peer, 0}, true
	case sim.KindAppended:
		return lastOf{ofLog, e.Member, 0, 0}, true
	case sim.KindCommitted:
		return lastOf{ofCommit, e.Member, 0, 0}, true
	case sim.KindApplied:
		return lastOf{ofApplied, e.Member, 0, 0}, true
	case sim.KindCompacted, sim.KindSnapshotInstalled:
		return lastOf{ofStart, e.Member, 0, 0}, true
	}
	return lastOf{}, false
}

// Observe implements sim.Observer.
func (f *feed) Observe(e *sim.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ring) < mostFed {
		f.ring = append(f.ring, *e)
	} else {
		f.forget(&f.ring[f.first])
		f.ring[f.first] = *e
		f.first = (f.first + 1) % mostFed
	}
	f.wake()
}

// forget takes an event out of the ring, but for what it says of the state.
func (f *feed) forget(e *sim.Event) {
	if e.Kind == sim.KindNewCluster { // of the members nothing is left but their processes
		maps.DeleteFunc(f.base, func(k lastOf, _ sim.Event) bool {
			return k.what != ofProcess && k.what != ofLink && k.what != ofFault
		})
	}
	key, lasts := stateOf(e)
	switch {
	case !lasts:
	case e.Kind == sim.KindLinkMended, key.what == ofFault && (e.Kind != sim.KindFaultBegun || !lasting(e.Note)):
		delete(f.base, key) // all is as it was at the start
	default:
		if f.base == nil {
			f.base = map[lastOf]sim.Event{}
		}
		f.base[key] = *e
	}
}

// lasting reports whether a statement lasts until it is ended.
func lasting(statement string) bool {
	st, err := script.Parse(statement)
	return err == nil && script.VerbNamed(st.Verb).Lasts
}

// line takes a line that was told.
func (f *feed) line(at time.Duration, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told++
	f.lines = append(f.lines, ToldLine{at, text})
	f.lines = f.lines[max(0, len(f.lines)-mostUntold):]
	f.wake()
}

func (f *feed) wake() {
	if f.news != nil {
		close(f.news)
		f.news = nil
	}
}

// at is the i-th event of the ring.
func (f *feed) at(i int) *sim.Event { return &f.ring[(f.first+i)%len(f.ring)] }

// after are up to most events after the one of a number, the oldest first. Anew says that some after it are gone:
// then they begin with what still holds of those.
func (f *feed) after(seq uint64, most int) (list []sim.Event, anew bool) {
	n := len(f.ring)
	if n == 0 || f.at(n-1).Seq <= seq {
		return nil, false
	}
	from := 0
	if first := f.at(0).Seq; first > seq+1 {
		anew = true
		list = make([]sim.Event, 0, len(f.base)+min(n, most))
		for _, e := range f.base {
			list = append(list, e)
		}
		slices.SortFunc(list, func(a, b sim.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	} else {
		from = int(seq + 1 - first) // the numbers have no gaps
	}
	for i := from; i < min(n, from+most); i++ {
		list = append(list, *f.at(i))
	}
	return list, anew
}

// ToldLine is a line of what was told, and when.
type ToldLine struct {
	At   time.Duration
	Text string
}

// News is what has happened in a sandbox after some event and some line.
type News struct {
	Events []sim.Event // in order
	// Anew says that there were events in between that are no longer kept. Events then begins with those older ones
	// that still say how things are: roles, processes, links, faults, ends of logs. Who watches begins anew.
	Anew bool
	// Begin is from when on the events are complete, if Anew.
	Begin   time.Duration
	Lines   []ToldLine
	Line    uint64 // the number of the last line told, from 1
	Now     time.Duration
	Members []string // by number, also those that have left
	Ended   bool     // the cluster has ended: there will be no more
}

// mostNews is how many events News has at most besides those of Anew.
const mostNews = 20_000

// Watch returns what happened after the event and the line of these numbers, 0 for all that is kept. If there is
// nothing yet, it waits until there is, or ctx is done, which is no error. Who is slow gets more at a time, and at some
// point begins anew: nothing is kept for any watcher.
func (b *Sandbox) Watch(ctx context.Context, seq, line uint64) News {
	for {
		n, more := b.newsAfter(seq, line)
		if len(n.Events) > 0 || len(n.Lines) > 0 || n.Ended {
			return n
		}
		select {
		case <-more:
		case <-b.live.Ended(): // the last events may have come since
		case <-ctx.Done():
			return n
		}
	}
}

// newsAfter is what there is after an event and a line, and a channel that is closed when there is more.
func (b *Sandbox) newsAfter(seq, line uint64) (n News, more <-chan struct{}) {
	select {
	case <-b.live.Ended(): // asked first: what came before it is then among the events
		n.Ended = true
	default:
	}
	n.Now = b.live.Now()
	for _, m := range b.live.Cluster().Members() {
		n.Members = append(n.Members, m.Name)
	}
	f := b.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	n.Events, n.Anew = f.after(seq, mostNews)
	if n.Anew {
		n.Begin = f.at(0).At
	}
	if n.Ended && len(n.Events) == mostNews {
		n.Ended = false
	}
	n.Line = f.told
	if missed := f.told - min(line, f.told); missed > 0 {
		n.Lines = slices.Clone(f.lines[len(f.lines)-int(min(missed, uint64(len(f.lines)))):])
	}
	if f.news == nil {
		f.news = make(chan struct{})
	}
	return n, f.news
}
