package check

import "quorumlab/sim"

func init() {
	register("reads.stale", sim.Count, sim.OfOperations,
		"gets that returned a value older than one already acknowledged when they began; linearizable reads have none, "+
			"serializable ones may",
		func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for _, o := range r.staleReads() {
				if w.Has(r.counted(o)) {
					n++
				}
			}
			return count(n)
		})
	explain("reads.stale", func(r *run, w sim.Window) (ns []uint64) {
		for _, o := range r.staleReads() {
			if w.Has(r.counted(o)) && len(ns) < maxEvents {
				ns = append(ns, o.call.Seq, o.ret.Seq)
			}
		}
		return ns
	})
}

// staleReads lists the stale gets in order of their calls. A get is stale when the
// state that answered it is of a lower revision than a write of the key that was
// acknowledged before the call, or when the write of the value that it returned is.
// A value whose write has an unknown outcome has no known revision and is judged
// by the state alone.
func (r *run) staleReads() []*op {
	return r.stale.get(func() (stale []*op) {
		revision := map[keyValue]uint64{}
		acked := map[string]uint64{}   // the newest acknowledged revision of a key
		var atCall, byID paged[uint64] // what it was at a call; an operation's place, from 1
		ops := r.ops()
		for i := range ops {
			o := &ops[i]
			*byID.at(o.call.ID) = uint64(i + 1)
			if o.wrote() {
				revision[keyValue{o.call.Key, o.call.Value}] = o.ret.Revision
			}
		}
		for i := range r.quiet.Events {
			e := &r.quiet.Events[i]
			if e.Kind != sim.KindCall && e.Kind != sim.KindReturn || *byID.at(e.ID) == 0 {
				continue
			}
			o := &ops[*byID.at(e.ID)-1]
			switch {
			case e == o.call && e.Op == sim.OpGet:
				*atCall.at(e.ID) = acked[e.Key]
			case e == o.ret && o.wrote():
				acked[o.call.Key] = max(acked[o.call.Key], e.Revision)
			case e == o.ret && o.call.Op == sim.OpGet && e.Result == sim.OutcomeOK:
				newest := *atCall.at(e.ID)
				written, known := revision[keyValue{o.call.Key, e.Value}]
				known = known || e.Value == 0
				if e.Revision > 0 && e.Revision < newest || known && written < newest {
					stale = append(stale, o)
				}
			}
		}
		return stale
	})
}
