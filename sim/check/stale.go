package check

import "quorumlab/sim"

func init() {
	register("reads.stale", sim.Count,
		"gets that returned an older value than one that was already acknowledged when they began; linearizable reads have none, serializable ones may",
		func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for _, o := range r.staleReads() {
				if w.Has(o.ret.At) {
					n++
				}
			}
			return count(n)
		})
	explain("reads.stale", func(r *run, w sim.Window) (ns []uint64) {
		for _, o := range r.staleReads() {
			if w.Has(o.ret.At) && len(ns) < maxEvents {
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
		acked := map[string]uint64{} // the newest acknowledged revision of a key
		atCall := map[uint64]uint64{}
		ops := r.ops()
		byID := make(map[uint64]*op, len(ops))
		for i := range ops {
			o := &ops[i]
			byID[o.call.ID] = o
			if o.wrote() {
				revision[keyValue{o.call.Key, o.call.Value}] = o.ret.Revision
			}
		}
		for i := range r.t.Events {
			e := &r.t.Events[i]
			if e.Kind != sim.KindCall && e.Kind != sim.KindReturn {
				continue
			}
			o := byID[e.ID]
			if o == nil {
				continue
			}
			switch {
			case e == o.call && e.Op == sim.OpGet:
				atCall[e.ID] = acked[e.Key]
			case e == o.ret && o.wrote():
				acked[o.call.Key] = max(acked[o.call.Key], e.Revision)
			case e == o.ret && e.Op == sim.OpGet && e.Result == sim.OutcomeOK:
				written, known := revision[keyValue{o.call.Key, e.Value}]
				known = known || e.Value == 0
				if e.Revision > 0 && e.Revision < atCall[e.ID] || known && written < atCall[e.ID] {
					stale = append(stale, o)
				}
			}
		}
		return stale
	})
}
