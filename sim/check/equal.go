package check

import (
	"fmt"

	"quorumlab/sim"
)

func init() {
	registerCheck("equal-state",
		"members that have applied the log up to the same index end with the same keys and values; judged by the hashes "+
			"after the run",
		true, equalState)
}

// place is how far a member's state machine is: by the log, or, where an engine
// can't see that, by the store's revision alone.
type place struct{ index, revision, comparison uint64 }

// equalState compares the hashes of members at the same place. A member that has
// fallen behind, being cut off or slow, is at another place and can't be compared:
// nothing is wrong with that.
func equalState(r *run) sim.Verdict {
	first := map[place]*sim.Event{}
	hashes, compared := 0, 0
	for _, e := range r.kinds()[sim.KindHash] {
		p := place{index: e.Index, comparison: e.ID}
		if e.ID == 0 {
			hashes++
		}
		if e.Index == 0 {
			p.revision = e.Revision
		}
		o := first[p]
		switch {
		case o == nil:
			first[p] = e
		case o.Value != e.Value || o.Revision != e.Revision:
			what := "ended with different states"
			if e.ID > 0 {
				what = "had different states when they were compared at " + moment(e.At) + ","
			}
			return broken("equal-state", fmt.Sprintf("%s and %s %s at %s",
				r.t.Name(o.Member), r.t.Name(e.Member), what, p.words(e, o)), o, e)
		case e.ID == 0:
			compared++
		}
	}
	v := sim.Verdict{Check: "equal-state", OK: true}
	switch {
	case hashes == 0:
		v.Why = "not applicable: the trace has no hashes of the members' states"
	case hashes == 1:
		v.Why = "only one member was up, so there was nothing to compare"
	case compared == 0:
		v.Why = fmt.Sprintf("no two of the %s that were up ended at the same point, so there was nothing to compare",
			number(hashes, "member"))
	case compared == hashes-1:
		v.Why = fmt.Sprintf("all %s that were up ended with the same state", number(hashes, "member"))
		if hashes == 2 {
			v.Why = "both members that were up ended with the same state"
		}
	default:
		v.Why = fmt.Sprintf("of the %s that were up, those that ended at the same point have the same state; the others "+
			"were behind", number(hashes, "member"))
	}
	return v
}

// words says where two members were when they differed.
func (p place) words(a, b *sim.Event) string {
	switch {
	case p.index == 0:
		return fmt.Sprintf("revision %d", p.revision)
	case a.Revision != b.Revision:
		return fmt.Sprintf("index %d: revisions %d and %d", p.index, b.Revision, a.Revision)
	}
	return fmt.Sprintf("index %d, revision %d", p.index, a.Revision)
}

// finalHashes counts the hashes at the end of the run.
func (r *run) finalHashes() (n int) {
	for _, e := range r.kinds()[sim.KindHash] {
		if e.ID == 0 {
			n++
		}
	}
	return n
}
