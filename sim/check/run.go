package check

import (
	"time"

	"quorumlab/sim"
)

// run is a trace with what checks and measures read off it, each part worked out
// when it is first asked for.
type run struct {
	t     *sim.Trace
	quiet *sim.Trace // t without the high-rate kinds, which most of what is asked does not need
	end   time.Duration

	length time.Duration // what measures see, see sim.Trace.Length

	byKind     lazy[*[maxKinds][]*sim.Event]
	history    lazy[[]op]
	leadership lazy[*leadership]
	outages    lazy[[]span]
	losses     lazy[[]loss]
	stale      lazy[[]*op]
	alerts     lazy[[]alertSpan]
	leaseList  lazy[[]*lease]

	watchList     lazy[[]*watch]
	knownChanges  lazy[map[change]*sim.Event]
	arrivalList   lazy[[]arrival]
	watchFlawList lazy[*watchFlaws]

	stepResults lazy[[]sim.StepResult]
	latencies   map[latencyKey][]time.Duration
}

func newRun(t *sim.Trace) *run {
	return &run{t: t, quiet: quietly(t), end: t.End(), length: t.Length(), latencies: map[latencyKey][]time.Duration{}}
}

// quietly is the trace without its high-rate kinds: about one event in twenty.
func quietly(t *sim.Trace) *sim.Trace {
	n := 0
	for i := range t.Events {
		if !sim.HighRate.Has(t.Events[i].Kind) {
			n++
		}
	}
	if n == len(t.Events) {
		return t
	}
	q := *t
	q.Events = make([]sim.Event, 0, n)
	for i := range t.Events {
		if !sim.HighRate.Has(t.Events[i].Kind) {
			q.Events = append(q.Events, t.Events[i])
		}
	}
	return &q
}

// lazy is a value that is worked out when it is first asked for.
type lazy[T any] struct {
	value T
	known bool
}

func (l *lazy[T]) get(build func() T) T {
	if !l.known {
		l.value, l.known = build(), true
	}
	return l.value
}

// span is a stretch of a run and the events at its ends; a Seq of 0 stands for the
// beginning or the end of the run.
type span struct {
	from, to       time.Duration
	fromSeq, toSeq uint64
}

// window is what a measure sees of a window: nothing beyond the run's length, and the
// last moment of the run, which no later window has.
func (r *run) window(w sim.Window) sim.Window {
	if w.To == 0 || w.To >= r.length {
		w.To = r.length + 1
	}
	return w
}

// within is how much of the span lies in the window and in the run.
func (r *run) within(s span, w sim.Window) time.Duration {
	if w.To == 0 || w.To > r.length {
		w.To = r.length
	}
	return s.within(w)
}

// within is how much of the span lies in a window with an end.
func (s span) within(w sim.Window) time.Duration { return max(0, min(s.to, w.To)-max(s.from, w.From)) }

// total is how much of the window the spans take, of which none overlap.
func (r *run) total(spans []span, w sim.Window) (sum time.Duration) {
	for _, s := range spans {
		sum += r.within(s, w)
	}
	return sum
}

// longest is the span that has the most of the window, and how much; the first of
// equals.
func (r *run) longest(spans []span, w sim.Window) (longest span, d time.Duration) {
	if w.To == 0 || w.To > r.length {
		w.To = r.length
	}
	return longestIn(spans, w)
}

// longestIn is longest for a window with an end, which may be beyond that of the run.
func longestIn(spans []span, w sim.Window) (longest span, d time.Duration) {
	for _, s := range spans {
		if in := s.within(w); in > d {
			longest, d = s, in
		}
	}
	return longest, d
}

// maxKinds is more kinds than there are: sim.KindSet has a bit for each.
const maxKinds = 64

// kinds sorts the events by kind, in order of the trace, without the high-rate ones.
func (r *run) kinds() *[maxKinds][]*sim.Event {
	return r.byKind.get(func() *[maxKinds][]*sim.Event {
		var n [maxKinds]int
		for i := range r.quiet.Events {
			n[r.quiet.Events[i].Kind%maxKinds]++
		}
		all, sorted := make([]*sim.Event, len(r.quiet.Events)), &[maxKinds][]*sim.Event{}
		for k := range sorted {
			sorted[k], all = all[:0:n[k]], all[n[k]:]
		}
		for i := range r.quiet.Events {
			e := &r.quiet.Events[i]
			sorted[e.Kind%maxKinds] = append(sorted[e.Kind%maxKinds], e)
		}
		return sorted
	})
}

// each visits the events of a kind in the window. One of a high-rate kind is valid during the visit only.
func (r *run) each(k sim.Kind, w sim.Window, visit func(e *sim.Event)) {
	if sim.HighRate.Has(k) {
		for e := range r.t.All(sim.Kinds(k)) {
			if w.Has(e.At) {
				visit(e)
			}
		}
		return
	}
	for _, e := range r.kinds()[k%maxKinds] {
		if w.Has(e.At) {
			visit(e)
		}
	}
}

// number counts the events of a kind in the window.
func (r *run) number(k sim.Kind, w sim.Window) (n int) {
	r.each(k, w, func(*sim.Event) { n++ })
	return n
}

// seqs lists the numbers that are not 0.
func seqs(ns ...uint64) (out []uint64) {
	for _, n := range ns {
		if n != 0 {
			out = append(out, n)
		}
	}
	return out
}
