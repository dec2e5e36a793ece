package check

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"quorumlab/sim"
)

// searchBudget bounds the searches of a run together. It counts work and not time,
// so that a run has the same verdict on every machine. A unit is about a word of
// memory: all of it is 64 MB, and takes about a second.
const searchBudget = 8 << 20

// content is what a key holds.
type content uint64

// step reports whether the operation can come next, and what the key holds then. A
// compare-and-swap of unknown outcome can always: it may have found another value.
func (c content) step(q *request) (bool, content) {
	switch {
	case q.looks && content(q.found) != c:
		return q.open(), c
	case q.writes:
		return true, content(q.value)
	}
	return true, c
}

// model is the register for porcupine.
var model = porcupine.Model{
	Init:              func() any { return content(0) },
	Step:              func(state, input, _ any) (bool, any) { return state.(content).step(input.(*request)) },
	Equal:             func(a, b any) bool { return a.(content) == b.(content) },
	Hash:              func(state any) uint64 { return uint64(state.(content)) * 0x9e3779b97f4a7c15 },
	DescribeOperation: func(input, _ any) string { return input.(*request).String() },
	DescribeState:     func(state any) string { return holds(uint64(state.(content))) },
}

// operations is the history for porcupine.
func (h *keyHistory) operations() []porcupine.Operation {
	ops := make([]porcupine.Operation, 0, len(h.ops))
	for _, q := range h.ops[1:] {
		ops = append(ops, porcupine.Operation{ClientId: int(q.op.call.Client), Input: q, Call: q.called, Return: q.until})
	}
	return ops
}

// search tries orders one after the other. A step keeps a bitmap of the history
// and a score of words in porcupine's cache. One history may use up half of the
// budget, so that a hard one leaves something for the others.
func (h *keyHistory) search(budget *int) ruling {
	ops := h.operations()
	cost, limit, spent := 20+len(ops)/64, *budget/2, 0
	m := model
	m.Step = func(state, input, output any) (bool, any) {
		if spent += cost; spent > limit {
			return false, state // as will every further step: the search unwinds
		}
		return model.Step(state, input, output)
	}
	found := porcupine.CheckOperations(m, ops)
	*budget -= min(spent, limit)
	switch {
	case found:
		return possible
	case spent > limit:
		return undecided
	}
	return impossible
}

// String is the operation in a picture.
func (q *request) String() string {
	open := ""
	if q.open() {
		open = " ?"
	}
	switch {
	case q.looks && q.writes:
		return fmt.Sprintf("cas %d → %d%s", q.found, q.value, open)
	case q.writes:
		return fmt.Sprintf("put %d%s", q.value, open)
	case q.op.call.Op == sim.OpCAS:
		return fmt.Sprintf("cas %d → %d: found %d", q.op.call.Old, q.op.call.Value, q.found)
	}
	return fmt.Sprintf("get: %d", q.found)
}
