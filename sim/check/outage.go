package check

import (
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

func init() {
	register("downtime.longest", sim.Millis, sim.OfLongest,
		"the longest time in which clients requested writes and none succeeded",
		func(r *run, w sim.Window) (float64, bool) {
			_, d := r.longest(r.outageSpans(), w)
			return sim.MillisOf(d), len(r.outageSpans()) > 0
		})
	explain("downtime.longest", func(r *run, w sim.Window) []uint64 {
		s, _ := r.longest(r.outageSpans(), w)
		return seqs(s.fromSeq, s.toSeq)
	})
}

// outageSpans lists the stretches in which clients asked for writes and none
// succeeded. A stretch begins with the last success if another write was under way
// by then, otherwise with the next call, and ends with the next success; the
// stretches of a healthy run are as long as a write takes. When the load ends, by
// the script or with the run, so does the stretch: writes that are still under way
// may hang where no one else would have asked.
func (r *run) outageSpans() []span {
	return r.outages.get(func() []span {
		f := outageFold{pending: map[uint64]bool{}}
		until := r.length
		for i := range r.quiet.Events {
			e := &r.quiet.Events[i]
			if e.At > until {
				break
			}
			f.next(e)
		}
		f.close(until, 0)
		return f.spans
	})
}

type outageFold struct {
	spans   []span
	pending map[uint64]bool // writes under way
	stopped bool            // the script stopped the load
	asking  bool            // gap has begun
	gap     span
}

func (f *outageFold) next(e *sim.Event) {
	switch {
	case e.Kind == sim.KindCall && e.Op.IsWrite():
		f.pending[e.ID], f.stopped = true, false
		if !f.asking {
			f.open(e)
		}
	case e.Kind == sim.KindReturn && f.pending[e.ID]:
		delete(f.pending, e.ID)
		if e.Result == sim.OutcomeOK || e.Result == sim.OutcomeMismatch {
			f.close(e.At, e.Seq)
			if len(f.pending) > 0 && !f.stopped {
				f.open(e)
			}
		}
	case e.Kind == sim.KindFaultBegun && stopsLoad(e.Note):
		f.stopped = true
		f.close(e.At, e.Seq)
	}
}

func (f *outageFold) open(e *sim.Event) {
	f.asking, f.gap = true, span{from: e.At, fromSeq: e.Seq}
}

func (f *outageFold) close(at time.Duration, seq uint64) {
	if f.asking {
		f.gap.to, f.gap.toSeq = at, seq
		f.spans = append(f.spans, f.gap)
	}
	f.asking = false
}

// stopsLoad reports whether a statement stops the clients from beginning operations.
func stopsLoad(statement string) bool {
	st, err := script.Parse(statement)
	return err == nil && needs(st, sim.PowerLoad) && st.Pace == sim.Pace{}
}
