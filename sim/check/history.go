package check

import (
	"time"

	"quorumlab/sim"
)

// op is one operation of a client: its call, and its return if it came back
// before the trace ended.
type op struct {
	call, ret *sim.Event
}

// outcome is how the operation ended. One that never came back may have had its
// effect if it is a write, and told its client nothing if it is a read.
func (o *op) outcome() sim.Outcome {
	switch {
	case o.ret != nil:
		return o.ret.Result
	case o.call.Op.IsWrite():
		return sim.OutcomeUnknown
	}
	return sim.OutcomeFailed
}

// answered reports whether the cluster did what was asked, which for a
// compare-and-swap includes the answer that another value stands there.
func (o *op) answered() bool {
	return o.outcome() == sim.OutcomeOK || o.outcome() == sim.OutcomeMismatch
}

// wrote reports whether the operation is an acknowledged write.
func (o *op) wrote() bool { return o.call.Op.IsWrite() && o.outcome() == sim.OutcomeOK }

// refused reports whether the operation is a write that the cluster did not take: it had no effect.
// A get that fails has told its client nothing, which is no answer.
func (o *op) refused() bool { return o.call.Op.IsWrite() && o.outcome() == sim.OutcomeFailed }

// read reports whether the operation answered with a value that it found, and which.
// A compare-and-swap that succeeded found what it expected.
func (o *op) read() (value uint64, ok bool) {
	switch {
	case o.call.Op == sim.OpGet && o.outcome() == sim.OutcomeOK, o.outcome() == sim.OutcomeMismatch:
		return o.ret.Value, true
	case o.call.Op == sim.OpCAS && o.outcome() == sim.OutcomeOK:
		return o.call.Old, true
	}
	return 0, false
}

// latency is how long the client waited.
func (o *op) latency() time.Duration { return o.ret.At - o.call.At }

// ended is when the client knew the outcome; the end of the run if it never did.
func (r *run) ended(o *op) time.Duration {
	if o.ret == nil {
		return r.end
	}
	return o.ret.At
}

// counted is when the operation counts: when it ended, or at the end of a run that left it under way.
func (r *run) counted(o *op) time.Duration { return min(r.ended(o), r.length) }

// lies reports whether both the call and the return are in the window.
func (o *op) lies(w sim.Window) bool { return o.ret != nil && w.Has(o.call.At) && w.Has(o.ret.At) }

// ops lists the operations in order of their calls.
func (r *run) ops() []op { return r.history.get(func() []op { return history(r.quiet) }) }

// history pairs calls and returns by number; a return without a call is left out.
func history(t *sim.Trace) (ops []op) {
	var place paged[int32] // from 1; 0: no such operation
	for i := range t.Events {
		e := &t.Events[i]
		switch e.Kind {
		case sim.KindCall:
			if p := place.at(e.ID); *p == 0 {
				ops = append(ops, op{call: e})
				*p = int32(len(ops))
			}
		case sim.KindReturn:
			if p := *place.at(e.ID); p != 0 && ops[p-1].ret == nil {
				ops[p-1].ret = e
			}
		}
	}
	return ops
}

// opsIn visits the operations that count in the window.
func (r *run) opsIn(w sim.Window, visit func(o *op)) {
	ops := r.ops()
	for i := range ops {
		o := &ops[i]
		if w.Has(r.counted(o)) {
			visit(o)
		}
	}
}
