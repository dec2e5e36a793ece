package check

import (
	"time"

	"quorumlab/sim"
)

func init() {
	register("downtime.longest", sim.Millis,
		"the longest time in which clients asked for writes and none succeeded",
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
// stretches of a healthy run are as long as a write takes. Without a success it
// ends when the script has stopped the load and the last write has come back, or
// with the run.
func (r *run) outageSpans() []span {
	return r.outages.get(func() []span {
		f := outageFold{pending: map[uint64]bool{}}
		for i := range r.t.Events {
			f.next(&r.t.Events[i])
		}
		if len(f.pending) > 0 {
			f.last, f.lastSeq = r.end, 0
		}
		f.close()
		return f.spans
	})
}

type outageFold struct {
	spans   []span
	pending map[uint64]bool // writes under way
	stopped bool            // the script stopped the load
	asking  bool            // gap has begun
	gap     span
	last    time.Duration // the last return of a write
	lastSeq uint64
}

func (f *outageFold) next(e *sim.Event) {
	switch {
	case e.Kind == sim.KindCall && e.Op.IsWrite():
		f.pending[e.ID] = true
		f.stopped = false
		if !f.asking {
			f.open(e)
		}
	case e.Kind == sim.KindReturn && f.pending[e.ID]:
		delete(f.pending, e.ID)
		f.last, f.lastSeq = e.At, e.Seq
		if e.Result == sim.OutcomeOK || e.Result == sim.OutcomeMismatch {
			f.close()
			if len(f.pending) > 0 {
				f.open(e)
			}
		}
	case e.Kind == sim.KindFaultBegun && stopsLoad(e.Note):
		f.stopped = true
	}
	if f.stopped && len(f.pending) == 0 {
		f.close()
	}
}

func (f *outageFold) open(e *sim.Event) {
	f.asking, f.gap = true, span{from: e.At, fromSeq: e.Seq}
}

// close ends the stretch with the last return.
func (f *outageFold) close() {
	if f.asking {
		f.gap.to, f.gap.toSeq = f.last, f.lastSeq
		f.spans = append(f.spans, f.gap)
	}
	f.asking = false
}

// stopsLoad tells whether a statement lets the clients begin no more operations.
func stopsLoad(statement string) bool {
	st, err := sim.ParseStatement(statement)
	return err == nil && (st.Verb == "stop-load" || st.Verb == "load" && st.Rate == 0)
}
