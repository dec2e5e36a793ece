package plots

import (
	"time"

	"quorumlab/sim"
)

// Run is a trace with what several figures need of it, read once. It is not
// changed afterwards, so that figures can be drawn side by side.
type Run struct {
	*sim.Trace
	Span   time.Duration // length of the time axis, above 0
	Faults []Fault       // in order of their beginning
	Lives  [][]Stay      // by member, from 0

	// Messages is the window of the messages figure; the zero value lets it choose.
	Messages sim.Window
}

// Read reads a trace for the figures.
func Read(t *sim.Trace) *Run {
	r := &Run{Trace: t, Span: max(t.End(), time.Millisecond)}
	r.Faults = readFaults(t, r.Span)
	r.Lives = readLives(t, r.Span)
	return r
}

// member tells whether an event's member is one that the header names: figures
// leave out the others, which only a damaged trace has.
func (r *Run) member(m sim.MemberID) bool { return m > 0 && int(m) <= len(r.Members) }
