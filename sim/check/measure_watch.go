package check

import "quorumlab/sim"

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
				if x.told() && w.Has(x.ended.At) {
					n++
				}
			}
			return float64(n), len(r.watches()) > 0
		})
	explain("watch.compacted", func(r *run, w sim.Window) (ns []uint64) {
		for _, x := range r.watches() {
			if x.told() && w.Has(x.ended.At) {
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
}

// watch is a client that follows a key.
type watch struct {
	begun, ended *sim.Event      // ended is nil when it lasted until the end
	arrived      map[uint64]bool // the numbers of the values
}

// told reports whether the server ended the watch.
func (x *watch) told() bool { return x.ended != nil && x.ended.Result == sim.OutcomeFailed }

// watches lists the watches in order of their beginnings.
func (r *run) watches() (all []*watch) {
	byID := map[uint64]*watch{}
	for _, e := range r.kinds()[sim.KindWatchBegun] {
		if byID[e.ID] == nil {
			byID[e.ID] = &watch{begun: e, arrived: map[uint64]bool{}}
			all = append(all, byID[e.ID])
		}
	}
	for _, e := range r.kinds()[sim.KindWatchEvent] {
		if x := byID[e.ID]; x != nil {
			x.arrived[e.Value] = true
		}
	}
	for _, e := range r.kinds()[sim.KindWatchEnded] {
		if x := byID[e.ID]; x != nil {
			x.ended = e
		}
	}
	return all
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
		if o.wrote() && o.call.Key == x.begun.Key && o.call.Seq > x.begun.Seq && o.ret.At < until-r.grace() &&
			w.Has(r.counted(o)) && !x.arrived[o.call.Value] {
			missed = append(missed, o)
		}
	}
	return missed
}
