package check

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"quorumlab/sim"
)

func init() {
	registerCheck("linearizable",
		"every client operation appears to take effect at one moment between its call and its return, in one order for all "+
			"clients; judged key by key",
		false, func(r *run) sim.Verdict { return r.linearizable(searchBudget) })
}

// ruling is what can be said of a history.
type ruling uint8

const (
	possible ruling = iota // there is an order
	impossible
	undecided
)

// linearizable judges the history key by key: a history is linearizable if that of
// each key is. What the reads promise decides which of them count: serializable
// ones do not; lease reads do, since they promise as much as long as clocks behave.
func (r *run) linearizable(budget int) sim.Verdict {
	v := sim.Verdict{Check: "linearizable", OK: true}
	histories := r.keyHistories()
	judged := 0
	var open []string
	for _, h := range histories {
		judged += len(h.ops) - 1 // less the beginning
		switch h.judge(&budget) {
		case impossible:
			return h.blame().verdict(r.t)
		case undecided:
			open = append(open, h.key)
		}
	}
	switch {
	case len(open) > 0:
		v.OK, v.Unknown = false, true
		v.Why = fmt.Sprintf("undecided: %s was written the same value twice, and no order was found within the search budget",
			list(open))
		return v
	case judged == 0:
		v.Why = "not applicable: no client operation had an effect or saw one"
	default:
		v.Why = fmt.Sprintf("%s on %s have an order that every client agrees with", number(judged, "operation"),
			number(len(histories), "key"))
	}
	if r.t.Scenario.Workload.Reads == sim.ReadSerializable {
		v.Why += "; reads were serializable and do not count"
	}
	return v
}

// judge decides whether the key's operations have an order: by zones where every
// value was written once, as the workloads do, and otherwise by searching.
func (h *keyHistory) judge(budget *int) ruling {
	if h.repeats {
		return h.search(budget)
	}
	return h.zones()
}

// blame finds the operation that no order explains: the first whose answer makes
// the history up to there impossible. A history that is impossible stays so however
// it goes on, so that bisection finds it.
func (h *keyHistory) blame() *culprit {
	var answers []*op
	for _, o := range h.from {
		if o.answered() {
			answers = append(answers, o)
		}
	}
	slices.SortFunc(answers, func(a, b *op) int { return cmp.Compare(a.ret.Seq, b.ret.Seq) })
	prefix := func(i int) *keyHistory { return newKeyHistory(h.key, h.from, h.reads, answers[i].ret.Seq) }
	at := sort.Search(len(answers)-1, func(i int) bool {
		budget := searchBudget
		return prefix(i).judge(&budget) == impossible
	})
	return &culprit{history: prefix(at), op: answers[at]}
}
