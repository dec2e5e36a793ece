package check

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"quorumlab/internal/stats"
	"quorumlab/sim"
)

func init() {
	register("watch.events", sim.Count, sim.OfEvents, "writes and deletions that arrived at clients watching a key",
		func(r *run, w sim.Window) (float64, bool) {
			return float64(r.number(sim.KindWatchEvent, w)), len(r.watches()) > 0
		})
	register("watch.compacted", sim.Count, sim.OfEvents,
		"watches that the server ended because what they asked for had been compacted; their clients know that they must "+
			"read again",
		func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for _, x := range r.watches() {
				if x.compacted() && w.Has(x.ended.At) {
					n++
				}
			}
			return float64(n), len(r.watches()) > 0
		})
	explain("watch.compacted", func(r *run, w sim.Window) (ns []uint64) {
		for _, x := range r.watches() {
			if x.compacted() && w.Has(x.ended.At) {
				ns = append(ns, x.begun.Seq, x.ended.Seq)
			}
		}
		return ns
	})
	register("watch.missed", sim.Count, sim.OfOperations,
		"acknowledged writes of a watched key that never arrived, without the client being told; those acknowledged less "+
			"than an election timeout before the end of the watch do not count: they may have been on their way",
		func(r *run, w sim.Window) (float64, bool) {
			return float64(len(r.missed(w))), len(r.watches()) > 0
		})
	explain("watch.missed", func(r *run, w sim.Window) (ns []uint64) {
		for _, o := range r.missed(w) {
			if len(ns) < maxEvents {
				ns = append(ns, o.ret.Seq)
			}
		}
		return ns
	})

	late := func(name, about string, share float64) {
		about += ", counted from the moment when its client had the answer or another watch showed it"
		register(name, sim.Millis, sim.OfInterval, about, func(r *run, w sim.Window) (float64, bool) {
			in := r.arrivalsIn(w)
			if len(in) == 0 {
				return 0, false
			}
			return millis(in[stats.Rank(share, len(in))].late())
		})
	}
	late("watch.late.p50", "how late half of the writes that arrived at watches were at most", 0.5)
	late("watch.late.p99", "how late 99% of the writes that arrived at watches were at most", 0.99)
	late("watch.late.max", "how late a write that arrived at a watch was at most", 1)
	explain("watch.late.max", func(r *run, w sim.Window) []uint64 {
		in := r.arrivalsIn(w)
		if len(in) == 0 {
			return nil
		}
		worst := in[len(in)-1]
		return []uint64{worst.since.Seq, worst.event.Seq}
	})
	flaws := func(name, about string, of func(f *watchFlaws) [][2]*sim.Event) {
		in := func(r *run, w sim.Window) (found [][2]*sim.Event) {
			for _, pair := range of(r.watchFlaws()) {
				if w.Has(pair[1].At) {
					found = append(found, pair)
				}
			}
			return found
		}
		register(name, sim.Count, sim.OfEvents, about, func(r *run, w sim.Window) (float64, bool) {
			return float64(len(in(r, w))), len(r.watches()) > 0
		})
		explain(name, func(r *run, w sim.Window) (ns []uint64) {
			for _, pair := range in(r, w) {
				if len(ns) < maxEvents {
					ns = append(ns, pair[0].Seq, pair[1].Seq)
				}
			}
			return ns
		})
	}
	flaws("watch.duplicates", "events that arrived at a watch a second time",
		func(f *watchFlaws) [][2]*sim.Event { return f.duplicates })
	flaws("watch.unordered", "events that arrived at a watch after one of a later revision",
		func(f *watchFlaws) [][2]*sim.Event { return f.unordered })
	register("watch.cancelled", sim.Count, sim.OfEvents,
		"times that the server ended a watch for another reason than a compaction, such as that it knows no leader; the "+
			"story tells the reason", func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for _, x := range r.watches() {
				for _, e := range x.cancelled {
					if w.Has(e.At) {
						n++
					}
				}
			}
			return float64(n), len(r.watches()) > 0
		})
	explain("watch.cancelled", func(r *run, w sim.Window) (ns []uint64) {
		for _, x := range r.watches() {
			for _, e := range x.cancelled {
				if w.Has(e.At) && len(ns) < maxEvents {
					ns = append(ns, x.begun.Seq, e.Seq)
				}
			}
		}
		return ns
	})
}

// watch is a client that follows a key, or all keys that begin so.
type watch struct {
	begun, ended *sim.Event // ended is nil when it lasted until the end
	prefix       bool
	arrived      map[uint64]bool // the numbers of the values
	events       []*sim.Event
	progress     []*sim.Event
	cancelled    []*sim.Event // ends by the server for other reasons than a compaction
	resumed      []*sim.Event // begins after those
}

// covers reports whether the watch is of this key.
func (x *watch) covers(key string) bool {
	return key == x.begun.Key || x.prefix && strings.HasPrefix(key, x.begun.Key)
}

// told reports whether the server ended the watch.
func (x *watch) told() bool { return x.ended != nil && x.ended.Result == sim.OutcomeFailed }

// compacted reports whether it did so because of a compaction.
func (x *watch) compacted() bool { return x.told() && x.ended.Revision > 0 }

// watches lists the watches in order of their beginnings.
func (r *run) watches() []*watch {
	return r.watchList.get(func() (all []*watch) {
		byID := map[uint64]*watch{}
		for i := range r.quiet.Events {
			e := &r.quiet.Events[i]
			x := byID[e.ID]
			switch {
			case e.Kind == sim.KindWatchBegun && x == nil:
				x = &watch{begun: e, prefix: e.Count > 0, arrived: map[uint64]bool{}}
				byID[e.ID], all = x, append(all, x)
			case x == nil:
			case e.Kind == sim.KindWatchBegun:
				x.ended, x.resumed = nil, append(x.resumed, e)
			case e.Kind == sim.KindWatchEvent:
				x.arrived[e.Value], x.events = true, append(x.events, e)
			case e.Kind == sim.KindWatchProgress:
				x.progress = append(x.progress, e)
			case e.Kind == sim.KindWatchEnded:
				if x.ended = e; x.told() && !x.compacted() {
					x.cancelled = append(x.cancelled, e)
				}
			}
		}
		return all
	})
}

// missed lists the writes that did not arrive at watches that should have had them.
func (r *run) missed(w sim.Window) (missed []*op) {
	for _, x := range r.watches() {
		missed = append(missed, r.missedBy(x, w)...)
	}
	return missed
}

func (r *run) missedBy(x *watch, w sim.Window) (missed []*op) {
	if x.told() {
		return nil
	}
	until := r.end
	if x.ended != nil {
		until = x.ended.At
	}
	for i := range r.ops() {
		o := &r.ops()[i]
		if o.wrote() && x.covers(o.call.Key) && o.call.Seq > x.begun.Seq && o.ret.At < until-r.grace() &&
			w.Has(r.counted(o)) && !x.arrived[o.call.Value] {
			missed = append(missed, o)
		}
	}
	return missed
}

// arrival is an event at a watch and how late it was.
type arrival struct {
	watch *watch
	event *sim.Event
	since *sim.Event // when the write was known: acknowledged, or at another watch
}

func (a arrival) late() time.Duration { return max(0, a.event.At-a.since.At) }

// change is one that etcd made to a key: its name and the revision, of the cluster of that number.
type change struct {
	cluster  int
	key      string
	revision uint64
}

// clusters numbers the cluster of a moment: each restore begins one, with revisions of its own.
func (r *run) clusterAt(seq uint64) (n int) {
	for _, e := range r.kinds()[sim.KindNewCluster] {
		if e.Seq < seq {
			n++
		}
	}
	return n
}

// known are the changes that somebody is known to have seen, and when that was first.
func (r *run) known() map[change]*sim.Event {
	return r.knownChanges.get(func() map[change]*sim.Event {
		known := map[change]*sim.Event{}
		note := func(e *sim.Event) {
			c := change{r.clusterAt(e.Seq), e.Key, e.Revision}
			if first := known[c]; first == nil || e.Seq < first.Seq {
				known[c] = e
			}
		}
		for i := range r.ops() {
			if o := &r.ops()[i]; o.wrote() && o.ret.Revision > 0 {
				note(o.ret)
			}
		}
		for _, x := range r.watches() {
			for _, e := range x.events {
				note(e)
			}
		}
		return known
	})
}

// arrivals lists the events of watches.
func (r *run) arrivals() []arrival {
	return r.arrivalList.get(func() (all []arrival) {
		if len(r.watches()) == 0 {
			return nil
		}
		known := r.known()
		for _, x := range r.watches() {
			for _, e := range x.events {
				if since := known[change{r.clusterAt(e.Seq), e.Key, e.Revision}]; since != nil && since.Seq > x.begun.Seq {
					all = append(all, arrival{x, e, since})
				}
			}
		}
		return all
	})
}

// arrivalsIn are those of which both ends lie in the window, the quickest first.
func (r *run) arrivalsIn(w sim.Window) (in []arrival) {
	for _, a := range r.arrivals() {
		if w.Has(a.event.At) && w.Has(a.since.At) {
			in = append(in, a)
		}
	}
	slices.SortStableFunc(in, func(a, b arrival) int { return cmp.Compare(a.late(), b.late()) })
	return in
}
