package check

import (
	"slices"
	"time"

	"quorumlab/sim"
)

// Reader reads single measures off a trace without judging it: it is what measures many
// runs. It works out once what measures share. It is not safe for concurrent use.
type Reader struct{ run *run }

// Read takes a trace, which may be recorded without its high-rate events if the
// measures that are asked for do not need them. The trace must not change afterwards.
func Read(t *sim.Trace) *Reader { return &Reader{newRun(t)} }

// Measure reads a measure over a window; false: there is nothing to measure, or no measure
// of that name.
func (r *Reader) Measure(name string, w sim.Window) (float64, bool) {
	m := MeasureNamed(name)
	if m == nil {
		return 0, false
	}
	return measured(r.run, m, w)
}

// Latencies are the times that the answered operations of a kind took, shortest first, of
// those that were requested and returned in the window.
func (r *Reader) Latencies(k sim.OpKind, w sim.Window) []time.Duration {
	return slices.Clone(r.run.latenciesIn(k, r.run.window(w)))
}
