package check

import (
	"slices"

	"quorumlab/sim"
)

func init() {
	size := func(e *sim.Event) float64 { return float64(e.Value) }
	inUse := func(e *sim.Event) float64 { return float64(e.Old) }
	free := func(e *sim.Event) float64 { return 1 - float64(e.Old)/float64(max(e.Value, 1)) }

	const only = "; only in runs on real members that involve the store"
	atTheEnd("db.size", sim.Bytes, "the size of the largest database file of any member, at the end"+only, size)
	atTheEnd("db.in-use", sim.Bytes, "the most that is in use of any member's database file, at the end"+only, inUse)
	atTheEnd("db.free", sim.Shares, "the largest share of any member's database file that is free for new pages but not "+
		"returned to the disk, at the end"+only, free)
	register("db.size.max", sim.Bytes, sim.OfState, "the largest size that a member's database file had"+only,
		func(r *run, w sim.Window) (float64, bool) {
			e := r.largestFile(w)
			if e == nil {
				return 0, false
			}
			return size(e), true
		})
	explain("db.size.max", func(r *run, w sim.Window) []uint64 {
		if e := r.largestFile(w); e != nil {
			return seqs(e.Seq)
		}
		return nil
	})

	register("defrags", sim.Count, sim.OfEvents, "how many database files were rewritten by a defragmentation",
		func(r *run, w sim.Window) (float64, bool) { return count(r.number(sim.KindDefragEnded, w)) })
	register("defrag.pause", sim.Millis, sim.OfLongest,
		"the longest time that a member was blocked by a defragmentation of its "+
			"database file",
		func(r *run, w sim.Window) (float64, bool) {
			s, ok := r.longestDefrag(w)
			if !ok {
				return 0, false
			}
			return millis(r.within(s.span, w))
		})
	explain("defrag.pause", func(r *run, w sim.Window) []uint64 {
		s, _ := r.longestDefrag(w)
		return seqs(s.fromSeq, s.toSeq)
	})

	register("compactions", sim.Count, sim.OfEvents,
		"how often old revisions were dropped, counted once for all members",
		func(r *run, w sim.Window) (float64, bool) {
			n, revisions := 0, map[uint64]bool{}
			r.each(sim.KindStoreCompacted, sim.Window{}, func(e *sim.Event) {
				if !revisions[e.Revision] && w.Has(e.At) {
					n++
				}
				revisions[e.Revision] = true
			})
			return count(n)
		})
	register("alarms.nospace", sim.Count, sim.OfEvents, "how often a NOSPACE alarm was raised while none was on",
		func(r *run, w sim.Window) (float64, bool) { return count(len(r.fullIn(w))) })
	explain("alarms.nospace", func(r *run, w sim.Window) (ns []uint64) {
		for _, s := range r.fullIn(w) {
			ns = append(ns, seqs(s.fromSeq, s.toSeq)...)
		}
		return ns
	})
	register("nospace.total", sim.Millis, sim.OfTime, "the total time for which NOSPACE alarms were on",
		func(r *run, w sim.Window) (float64, bool) {
			return millis(r.total(r.full(), w))
		})
	register("writes.nospace", sim.Count, sim.OfOperations,
		"writes that were refused because the database space was exceeded; whether "+
			"one took effect is unknown, since etcd applies the write that exceeds the space before it refuses it",
		func(r *run, w sim.Window) (float64, bool) {
			n := 0
			r.opsIn(w, func(o *op) {
				if o.outOfSpace() {
					n++
				}
			})
			return count(n)
		})
	explain("writes.nospace", func(r *run, w sim.Window) (ns []uint64) {
		r.opsIn(w, func(o *op) {
			if o.outOfSpace() && len(ns) < maxEvents {
				ns = append(ns, o.ret.Seq)
			}
		})
		return ns
	})
}

// outOfSpace reports whether the operation was refused by a store without space.
func (o *op) outOfSpace() bool {
	return o.ret != nil && o.ret.Count == sim.AlarmNoSpace
}

// atTheEnd registers a measure of the database files as they are at the end of a
// window, of the member that has most of it. The event that says so explains it.
func atTheEnd(name string, u sim.Unit, about string, of func(e *sim.Event) float64) {
	most := func(r *run, w sim.Window) (top *sim.Event) {
		last := make([]*sim.Event, len(r.t.Members)+1)
		r.filesUntil(w, func(e *sim.Event) { last[e.Member] = e })
		for _, e := range last {
			if e != nil && (top == nil || of(e) > of(top)) {
				top = e
			}
		}
		return top
	}
	register(name, u, sim.OfState, about, func(r *run, w sim.Window) (float64, bool) {
		if e := most(r, w); e != nil {
			return of(e), true
		}
		return 0, false
	})
	explain(name, func(r *run, w sim.Window) []uint64 {
		if e := most(r, w); e != nil {
			return seqs(e.Seq)
		}
		return nil
	})
}

// filesUntil visits the events that give the sizes of a database file, in order, up
// to the end of a window of the run.
func (r *run) filesUntil(w sim.Window, visit func(e *sim.Event)) {
	if w.From > r.length {
		return
	}
	var found []*sim.Event
	for _, k := range []sim.Kind{sim.KindStoreSize, sim.KindDefragEnded} {
		r.each(k, sim.Window{To: w.To}, func(e *sim.Event) {
			if e.Member > 0 && int(e.Member) <= len(r.t.Members) {
				found = append(found, e)
			}
		})
	}
	slices.SortFunc(found, func(a, b *sim.Event) int { return int(a.Seq) - int(b.Seq) })
	for _, e := range found {
		visit(e)
	}
}

// largestFile is the event of the largest size that a file had in the window, be it
// from before.
func (r *run) largestFile(w sim.Window) (top *sim.Event) {
	before := make([]*sim.Event, len(r.t.Members)+1)
	take := func(e *sim.Event) {
		if e != nil && (top == nil || e.Value > top.Value) {
			top = e
		}
	}
	r.filesUntil(w, func(e *sim.Event) {
		if e.At < w.From {
			before[e.Member] = e
			return
		}
		take(e)
	})
	for _, e := range before {
		take(e)
	}
	return top
}

// standstill is the time for which a member's defragmentation blocked it.
type standstill struct {
	span
	member sim.MemberID
}

// longestDefrag is the defragmentation of which most lies in the window. One that
// the member did not survive ended with it, and one without an end with the run.
func (r *run) longestDefrag(w sim.Window) (longest standstill, ok bool) {
	for _, s := range r.defrags() {
		touches := s.to >= w.From && (w.To == 0 || s.from < w.To)
		if touches && (!ok || r.within(s.span, w) > r.within(longest.span, w)) {
			longest, ok = s, true
		}
	}
	return longest, ok
}

func (r *run) defrags() (all []standstill) {
	open := map[sim.MemberID]int{} // a span's place, from 1
	for i := range r.quiet.Events {
		e := &r.quiet.Events[i]
		switch e.Kind {
		case sim.KindDefragBegun:
			all = append(all, standstill{span{from: e.At, to: r.end, fromSeq: e.Seq}, e.Member})
			open[e.Member] = len(all)
		case sim.KindDefragEnded, sim.KindCrashed, sim.KindPanicked:
			if p := open[e.Member]; p > 0 {
				all[p-1].to, all[p-1].toSeq = e.At, e.Seq
				delete(open, e.Member)
			}
		}
	}
	return all
}

// full are the times in which any NOSPACE alarm was on.
func (r *run) full() (all []span) {
	on := map[sim.MemberID]bool{}
	r.each(sim.KindAlarm, sim.Window{}, func(e *sim.Event) {
		if e.Count != sim.AlarmNoSpace {
			return
		}
		if e.Value == 1 {
			if len(on) == 0 {
				all = append(all, span{from: e.At, to: r.end, fromSeq: e.Seq})
			}
			on[e.Member] = true
			return
		}
		delete(on, e.Member)
		if len(on) == 0 && len(all) > 0 {
			all[len(all)-1].to, all[len(all)-1].toSeq = e.At, e.Seq
		}
	})
	return all
}

// fullIn are those that began in the window.
func (r *run) fullIn(w sim.Window) []span {
	return slices.DeleteFunc(r.full(), func(s span) bool { return !w.Has(s.from) })
}
