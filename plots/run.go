package plots

import (
	"time"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// Run is a trace with what several figures need of it, read once. It is not
// changed afterwards, so that figures can be drawn in parallel.
type Run struct {
	*sim.Trace
	Span   time.Duration // length of the time axis, above 0
	Faults []chart.Fault // in order of their beginning
	Lives  [][]stay      // by member, from 0
	Ops    []op          // the clients' operations, in order of their calls

	// Messages is the window of the messages figure; the zero value lets it choose.
	Messages sim.Window
}

// Read reads a trace for the figures.
func Read(t *sim.Trace) *Run {
	r := &Run{Trace: t, Span: max(t.End(), time.Millisecond)}
	faults, lives, ops := newFaultReader(t.Members, r.Span), newLifeReader(len(t.Members)), newOpReader()
	for i := range t.Events {
		switch e := &t.Events[i]; e.Kind {
		case sim.KindFaultBegun, sim.KindFaultEnded, sim.KindFaultFailed:
			faults.take(e)
		case sim.KindCall, sim.KindReturn:
			ops.take(e)
		case sim.KindState, sim.KindStarted, sim.KindCrashed, sim.KindPanicked,
			sim.KindPaused, sim.KindResumed, sim.KindMembership:
			lives.take(e)
		}
	}
	r.Faults, r.Lives, r.Ops = faults.faults, lives.until(r.Span), ops.ops
	return r
}

// member reports whether an event's member is one that the header names: figures
// leave out the others, which only a damaged trace has.
func (r *Run) member(m sim.MemberID) bool { return m > 0 && int(m) <= len(r.Members) }
