package check

import (
	"fmt"
	"time"

	"quorumlab/sim"
)

// tellStores tells in each episode what became of the largest database file, the
// longest time blocked by a defragmentation, and when the space was exceeded.
func (r *run) tellStores(eps []*episode) {
	for _, s := range r.full() {
		e := during(eps, s.fromSeq)
		e.change(s.from, "the database space was exceeded (NOSPACE)", s.fromSeq)
		e.weight += r.notable()
	}
	longest := map[*episode]standstill{}
	for _, s := range r.defrags() {
		if e := during(eps, s.fromSeq); s.to-s.from > longest[e].to-longest[e].from {
			longest[e] = s
		}
	}
	sizes := r.sizesBehind(eps)
	told := &sim.Event{}
	for i, e := range eps {
		if s, ok := longest[e]; ok {
			e.effect(fmt.Sprintf("%s was blocked for %s", r.t.Name(s.member), length(s.to-s.from)), s.fromSeq, s.toSeq)
			e.weight += s.to - s.from
		}
		if is := sizes[i]; is != nil && remarkable(told, is) {
			e.effect(fmt.Sprintf("then the largest database file had %s, %s of it in use",
				sim.Size(is.Value).Rounded(), sim.Size(is.Old).Rounded()), is.Seq)
			e.weight += time.Second
			told = is
		}
	}
}

// sizesBehind is the state of the largest file at the end of each episode; nil: not known.
func (r *run) sizesBehind(eps []*episode) []*sim.Event {
	all := make([]*sim.Event, len(eps))
	last := make([]*sim.Event, len(r.t.Members)+1)
	largest := func() (top *sim.Event) {
		for _, e := range last {
			if e != nil && (top == nil || e.Value > top.Value) {
				top = e
			}
		}
		return top
	}
	now := 0
	r.filesUntil(sim.Window{}, func(e *sim.Event) {
		for now+1 < len(eps) && eps[now+1].seq <= e.Seq {
			all[now] = largest()
			now++
		}
		last[e.Member] = e
	})
	for ; now < len(eps); now++ {
		all[now] = largest()
	}
	return all
}

// remarkable reports whether a file has shrunk by more than a tenth, or grown to twice what it was when it was last
// told of, and by more than what an idle cluster writes. That a file grows as long as clients write goes without
// saying.
func remarkable(was, is *sim.Event) bool {
	const least = 256 << 10
	changed := func(before, now uint64) bool {
		if now > before {
			return now-before > least && now >= 2*before
		}
		return before-now > least && before-now > max(was.Value, is.Value)/10
	}
	return changed(was.Value, is.Value) || changed(was.Old, is.Old)
}
