package check

import (
	"cmp"
	"math"
	"slices"

	"quorumlab/sim"
)

// request is an operation as a register sees it: what it found there, if it
// looked, and what it wrote, if it did. Moments are the numbers of events: a
// return that was recorded before a call happened before it.
type request struct {
	op            *op // nil for the beginning, when the key does not exist
	looks, writes bool
	found, value  uint64
	called, until int64
}

// never is the return of an operation whose outcome is not known: it may happen
// any time after its call.
const never = math.MaxInt64

func (q *request) open() bool { return q.until == never }

// keyHistory is what is judged of a key: the operations that had an effect or saw
// one, in order of their calls, after a write of "absent" before all of them.
type keyHistory struct {
	key     string
	reads   sim.ReadMode
	from    []*op // all operations on the key
	ops     []*request
	repeats bool // a value was written twice
}

// keyHistories splits the history by key, in order of their names.
func (r *run) keyHistories() []*keyHistory {
	byKey := map[string][]*op{}
	ops := r.ops()
	for i := range ops {
		byKey[ops[i].call.Key] = append(byKey[ops[i].call.Key], &ops[i])
	}
	hs := make([]*keyHistory, 0, len(byKey))
	for key, ops := range byKey {
		hs = append(hs, newKeyHistory(key, ops, r.t.Scenario.Workload.Reads, math.MaxUint64))
	}
	slices.SortFunc(hs, func(a, b *keyHistory) int { return cmp.Compare(a.key, b.key) })
	return hs
}

// newKeyHistory makes the history of a key as it was known after the event with
// number until. Reads without an answer and writes that were refused saw and did
// nothing, and writes of unknown outcome count if they were seen (see dropUnseen).
func newKeyHistory(key string, ops []*op, reads sim.ReadMode, until uint64) *keyHistory {
	h := &keyHistory{key: key, reads: reads, from: ops}
	h.ops = append(h.ops, &request{writes: true, called: -2, until: -1})
	for _, o := range ops {
		if o.call.Seq > until || o.call.Op == sim.OpGet && reads == sim.ReadSerializable {
			continue
		}
		if o.ret != nil && o.ret.Seq > until {
			o = &op{call: o.call} // still under way
		}
		if o.answered() || o.outcome() == sim.OutcomeUnknown && o.call.Op.IsWrite() {
			h.ops = append(h.ops, newRequest(o))
		}
	}
	if h.repeats = h.findRepeats(); !h.repeats {
		h.dropUnseen()
	}
	return h
}

func newRequest(o *op) *request {
	q := &request{op: o, called: int64(o.call.Seq), until: never}
	if o.answered() {
		q.until = int64(o.ret.Seq)
	}
	if q.found, q.looks = o.read(); !q.looks && o.call.Op == sim.OpCAS {
		q.found, q.looks = o.call.Old, true // if it happens, it finds this
	}
	if o.call.Op.IsWrite() && o.outcome() != sim.OutcomeMismatch {
		q.writes, q.value = true, o.call.Value
	}
	return q
}

// findRepeats reports whether a value was written twice.
func (h *keyHistory) findRepeats() bool {
	written := map[uint64]bool{}
	for _, q := range h.ops {
		if q.writes && written[q.value] {
			return true
		}
		written[q.value] = written[q.value] || q.writes
	}
	return false
}

// dropUnseen leaves out the writes of unknown outcome that nobody saw. Since every
// value was written once, a write was seen if a get found its value or if a
// compare-and-swap did, whether it had expected it or not; but one of unknown
// outcome counts only if it was seen itself.
//
// Leaving them out decides nothing. In an order that includes such a write, what
// stands between it and the next write neither is a read nor a compare-and-swap,
// or its value would have been seen; so without it the order still is one. And
// from an order without it one gets to one with it by putting it last.
func (h *keyHistory) dropUnseen() {
	writer := map[uint64]*request{}
	var look []*request // those whose finding counts
	for _, q := range h.ops {
		if q.writes && q.open() {
			writer[q.value] = q
		} else {
			look = append(look, q)
		}
	}
	seen := map[*request]bool{}
	for len(look) > 0 {
		q := look[len(look)-1]
		look = look[:len(look)-1]
		if w := writer[q.found]; q.looks && w != nil && !seen[w] {
			seen[w] = true
			look = append(look, w)
		}
	}
	h.ops = slices.DeleteFunc(h.ops, func(q *request) bool { return q.open() && !seen[q] })
}
