package raftsim

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"quorumlab/sim"
)

// TestQueueAgainstSort holds the heap against a sorted list.
func TestQueueAgainstSort(t *testing.T) {
	type item struct {
		at   time.Duration
		rank uint64
		id   uint64
	}
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var list []item
		for n := range uint64(rapid.IntRange(1, 300).Draw(t, "steps")) {
			if rapid.IntRange(0, 2).Draw(t, "pop") == 0 && len(list) > 0 {
				at, ok := q.next()
				if e := q.pop(); !ok || at != list[0].at || e.id != list[0].id {
					t.Fatalf("got event %d at %v, want %d at %v", e.id, at, list[0].id, list[0].at)
				}
				list = list[1:]
				continue
			}
			it := item{at: time.Duration(rapid.IntRange(0, 20).Draw(t, "at")), rank: firstRank + n, id: n}
			if m := rapid.IntRange(0, 9).Draw(t, "member"); m > 5 { // one tick a member and time, as a ticker has it
				it.rank = uint64(m)
				if slices.ContainsFunc(list, func(o item) bool { return o.at == it.at && o.rank == it.rank }) {
					continue
				}
				q.pushTick(it.at, event{id: n, to: sim.MemberID(m)})
			} else {
				q.push(it.at, event{id: n})
			}
			list = append(list, it)
			slices.SortFunc(list, func(a, b item) int {
				if a.at != b.at {
					return int(a.at - b.at)
				}
				return int(a.rank) - int(b.rank)
			})
		}
		if _, ok := q.next(); ok != (len(list) > 0) {
			t.Fatalf("the queue has events: %v, the list %d", ok, len(list))
		}
	})
}
