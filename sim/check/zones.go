package check

import (
	"cmp"
	"slices"
)

// zone is a block of operations that stand together in every order: when its first
// operation had returned, and when its last one was called.
type zone struct{ returned, called int64 }

// forward reports whether the block takes time in every order: all of it from
// returned to called.
func (z zone) forward() bool { return z.returned < z.called }

// zones decides whether the operations of a key have an order, in the time that
// sorting takes, when every value was written once (Gibbons and Korach, "Testing
// shared memories", 1997, section 4; compare-and-swap is our addition).
//
// A value's write, then all that found the value, stand together in every order:
// nothing that writes can come between them. A compare-and-swap that succeeded is
// the last of those that found the old value and the write of the new one, so it
// chains two such groups to one block, whose inner order is given. Block P has to
// come before block Q if an operation of P returned before one of Q was called:
//
//	P.returned < Q.called
//
// There is an order if and only if no two blocks must each come before the
// other. (Longer circles do not come alone: in a shortest one of k > 2 blocks
// there is no arc from block i to i+2, so i.returned >= (i+2).called >
// (i+1).returned, all the way round.)
func (h *keyHistory) zones() ruling {
	blocks, ok := h.blocks()
	if !ok {
		return impossible
	}
	var forward, backward []zone
	for _, z := range blocks {
		if z.forward() {
			forward = append(forward, z)
		} else {
			backward = append(backward, z)
		}
	}
	slices.SortFunc(forward, func(a, b zone) int { return cmp.Compare(a.returned, b.returned) })
	for i := 1; i < len(forward); i++ {
		if forward[i].returned < forward[i-1].called {
			return impossible // two overlap
		}
	}
	for _, z := range backward {
		i, _ := slices.BinarySearchFunc(forward, z.called, func(f zone, at int64) int { return cmp.Compare(f.returned, at) })
		if i > 0 && z.returned < forward[i-1].called {
			return impossible // one lies within
		}
	}
	return possible
}

// blocks puts the operations together that belong together. False: some have no
// place, or not in their order.
func (h *keyHistory) blocks() (zs []zone, ok bool) {
	finders := map[uint64][]*request{} // of a value, without writing
	swap := map[uint64]*request{}      // the compare-and-swap that replaced a value
	left := 0                          // operations without a block so far
	for _, q := range h.ops {
		switch {
		case q.looks && q.writes:
			if swap[q.found] != nil {
				return nil, false // two replaced the same value
			}
			swap[q.found] = q
		case q.looks:
			finders[q.found] = append(finders[q.found], q)
		}
		left++
	}
	for _, q := range h.ops {
		if !q.writes || q.looks {
			continue
		}
		b := block{zone: zone{never, -2}, before: -2}
		for ; q != nil; q = swap[q.value] {
			b.add(q)
			b.add(finders[q.value]...)
			left -= 1 + len(finders[q.value])
		}
		if b.misplaced {
			return nil, false
		}
		zs = append(zs, b.zone)
	}
	return zs, left == 0 // what is left found a value that nobody wrote
}

// block is a zone in the making.
type block struct {
	zone
	before    int64 // the latest call of those that stand before the next
	misplaced bool  // an operation returned before one was called that stands before it
}

// add appends operations that may stand in any order among themselves.
func (b *block) add(qs ...*request) {
	for _, q := range qs {
		b.misplaced = b.misplaced || q.until < b.before
		b.returned, b.called = min(b.returned, q.until), max(b.called, q.called)
	}
	b.before = b.called
}
