package check

import (
	"cmp"
	"fmt"

	"quorumlab/sim"
)

// What etcd promises of watches, in its own words (etcd.io/docs, "KV API guarantees", Watch APIs).
const (
	promiseOrdered    = "ordered"
	promiseUnique     = "unique"
	promiseReliable   = "reliable"
	promiseAtomic     = "atomic"
	promiseResumable  = "resumable"
	promiseBookmarked = "bookmarkable"
)

func init() {
	registerCheck("watch-promises",
		"watches kept what etcd promises: events are ordered by revision, unique, and reliable (none is left out "+
			"before one that arrives), all of one revision come at once (atomic), a watch that goes on misses nothing "+
			"(resumable), and what a progress notification says has arrived (bookmarkable)",
		false, watchPromises)
}

// watchFlaws are the promises to watches that were broken.
type watchFlaws struct {
	duplicates, unordered [][2]*sim.Event // the event before, and the one that should not have come
	broken                []brokenPromise
	watches, events       int
}

type brokenPromise struct {
	promise, why string
	events       []*sim.Event
}

// watchFlaws judges each watch.
func (r *run) watchFlaws() *watchFlaws {
	return r.watchFlawList.get(func() *watchFlaws {
		f := &watchFlaws{}
		for _, x := range r.watches() {
			f.watches++
			f.events += len(x.events)
			f.judge(r, x)
		}
		return f
	})
}

func (f *watchFlaws) found(promise string, events []*sim.Event, format string, args ...any) {
	f.broken = append(f.broken, brokenPromise{promise, fmt.Sprintf(format, args...), events})
}

// watchFold is a watch up to an event, within one cluster.
type watchFold struct {
	x        *watch
	cluster  int
	from     uint64 // the first revision that it asks for
	last     *sim.Event
	progress *sim.Event
	seen     map[change]*sim.Event
}

// judge takes what a watch got in the order in which it came. What it got from a cluster that was restored since is
// judged by itself: such a cluster is another one, with other revisions.
func (f *watchFlaws) judge(r *run, x *watch) {
	fold := &watchFold{x: x, cluster: r.clusterAt(x.begun.Seq), from: x.begun.Revision, seen: map[change]*sim.Event{}}
	told := x.progress
	for _, e := range append(x.events, nil) {
		for len(told) > 0 && (e == nil || told[0].Seq < e.Seq) {
			f.renew(r, fold, told[0])
			fold.progress = told[0]
			told = told[1:]
		}
		if e != nil {
			f.renew(r, fold, e)
			f.event(fold, e)
		}
	}
	f.missing(r, fold)
}

// renew begins anew when the event is of another cluster.
func (f *watchFlaws) renew(r *run, fold *watchFold, e *sim.Event) {
	if now := r.clusterAt(e.Seq); now != fold.cluster {
		f.missing(r, fold)
		*fold = watchFold{x: fold.x, cluster: now, from: e.Revision, seen: map[change]*sim.Event{}}
	}
}

func (f *watchFlaws) event(fold *watchFold, e *sim.Event) {
	x, last := fold.x, fold.last
	c := change{fold.cluster, e.Key, e.Revision}
	first := fold.seen[c]
	switch {
	case first != nil:
		f.duplicates = append(f.duplicates, [2]*sim.Event{first, e})
		f.found(promiseUnique, []*sim.Event{first, e}, "the write of revision %d to %s arrived at %s and again at %s",
			e.Revision, e.Key, moment(first.At), moment(e.At))
	case last != nil && e.Revision < last.Revision:
		f.unordered = append(f.unordered, [2]*sim.Event{last, e})
		f.found(promiseOrdered, []*sim.Event{last, e}, "revision %d arrived at %s, after revision %d", e.Revision,
			moment(e.At), last.Revision)
	case last != nil && e.Revision == last.Revision && e.Count != last.Count:
		f.found(promiseAtomic, []*sim.Event{last, e}, "revision %d came in two answers, at %s and at %s", e.Revision,
			moment(last.At), moment(e.At))
	case fold.progress != nil && e.Revision <= fold.progress.Revision:
		f.found(promiseBookmarked, []*sim.Event{fold.progress, e}, "revision %d arrived at %s, after the server had said "+
			"that all up to %d had", e.Revision, moment(e.At), fold.progress.Revision)
	case e.Revision < fold.from:
		f.found(promiseResumable, []*sim.Event{x.begun, e}, "revision %d arrived, before revision %d that was asked for",
			e.Revision, fold.from)
	}
	fold.seen[c] = e
	if last == nil || e.Revision >= last.Revision {
		fold.last = e
	}
}

// missing finds the writes that were left out: those of a revision below one that has arrived, or that has been said to
// have.
func (f *watchFlaws) missing(r *run, fold *watchFold) {
	upTo, by := uint64(0), fold.last
	if fold.last != nil && fold.last.Revision > 0 {
		upTo = fold.last.Revision - 1
	}
	if p := fold.progress; p != nil && p.Revision > upTo {
		upTo, by = p.Revision, p
	}
	if by == nil {
		return
	}
	var first *sim.Event
	n := 0
	for c, e := range r.known() {
		if c.cluster == fold.cluster && c.revision >= fold.from && c.revision <= upTo && fold.x.covers(c.key) &&
			fold.seen[c] == nil {
			if n++; first == nil || cmp.Or(cmp.Compare(e.Revision, first.Revision), cmp.Compare(e.Key, first.Key)) < 0 {
				first = e
			}
		}
	}
	if n == 0 {
		return
	}
	promise := promiseReliable
	for _, again := range fold.x.resumed {
		if again.Seq > first.Seq {
			promise = promiseResumable
		}
	}
	f.found(promise, []*sim.Event{first, by}, "%s left out before revision %d, the first of them revision %d of %s",
		number(n, "write")+was(n)[:len(was(n))-1], by.Revision, first.Revision, first.Key)
}

// watchPromises tells which promises were broken.
func watchPromises(r *run) sim.Verdict {
	f := r.watchFlaws()
	v := sim.Verdict{Check: "watch-promises", OK: len(f.broken) == 0}
	switch {
	case f.watches == 0:
		v.Why = "there was no watch"
	case v.OK:
		v.Why = fmt.Sprintf("%s at %d watches: ordered, unique, reliable and atomic", number(f.events, "event"), f.watches)
		if f.watches == 1 {
			v.Why = fmt.Sprintf("%s at one watch: ordered, unique, reliable and atomic", number(f.events, "event"))
		}
	default:
		b := f.broken[0]
		v.Why = fmt.Sprintf("not %s: %s", b.promise, b.why)
		if n := len(f.broken); n > 1 {
			v.Why += fmt.Sprintf("; and %s more", number(n-1, "flaw"))
		}
	}
	for _, b := range f.broken {
		for _, e := range b.events {
			if len(v.Events) < maxEvents {
				v.Events = append(v.Events, e.Seq)
			}
		}
	}
	return v
}
