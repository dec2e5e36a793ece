package check

import (
	"fmt"

	"quorumlab/sim"
)

func init() {
	registerCheck("revisions",
		"no two writes got the same revision, and no client saw the store's revision go backwards",
		true, revisions)
}

// revisions asks each answer with a revision two things: is it the only
// acknowledged write of its revision, and is it at least as new as the newest
// answer that its client had when it asked? An answer to a get that may come from
// a member's local state owes its client nothing.
func revisions(r *run) sim.Verdict {
	t := r.quiet
	f := revisionFold{seen: map[uint32]*sim.Event{}, asked: map[uint64]*sim.Event{}, written: map[uint64]*sim.Event{},
		local: t.Scenario.Workload.Reads == sim.ReadSerializable}
	for i := range t.Events {
		e := &t.Events[i]
		switch e.Kind {
		case sim.KindNewCluster:
			f.restored = e
		case sim.KindCall:
			f.asked[e.ID] = f.seen[e.Client]
		case sim.KindReturn:
			if v, ok := f.answer(e); !ok {
				return v
			}
			delete(f.asked, e.ID)
		}
	}
	v := sim.Verdict{Check: "revisions", OK: true, Why: "no answer had a revision"}
	if f.answers > 0 {
		v.Why = fmt.Sprintf("in %s no revision was assigned twice, and no client saw one go backwards",
			number(f.answers, "answer"))
	}
	return v
}

type revisionFold struct {
	seen    map[uint32]*sim.Event // a client's answer of the highest revision so far
	asked   map[uint64]*sim.Event // what it was when the client called
	written map[uint64]*sim.Event // the write of a revision
	local   bool                  // gets are answered from local state

	restored *sim.Event // the newest new cluster
	answers  int
}

// answer judges a return.
func (f *revisionFold) answer(e *sim.Event) (sim.Verdict, bool) {
	answered := e.Result == sim.OutcomeOK || e.Result == sim.OutcomeMismatch
	if !answered || e.Revision == 0 || f.local && e.Op == sim.OpGet {
		return sim.Verdict{}, true
	}
	f.answers++
	if before := f.asked[e.ID]; before != nil && before.Revision > e.Revision {
		return broken("revisions", fmt.Sprintf("client %d's %s of %s was answered at %s with revision %d, but the client "+
				"had already seen revision %d at %s, before it asked",
				e.Client, e.Op, e.Key, moment(e.At), e.Revision, before.Revision, moment(before.At))+f.since(before), before, e),
			false
	}
	if e.Op.IsWrite() && e.Result == sim.OutcomeOK {
		if first := f.written[e.Revision]; first != nil {
			return broken("revisions", fmt.Sprintf("revision %d was assigned twice: to client %d's %s of %s, answered at %s, "+
				"and to client %d's %s of %s, answered at %s",
				e.Revision, first.Client, first.Op, first.Key, moment(first.At), e.Client, e.Op, e.Key, moment(e.At))+
				f.since(first), first, e), false
		}
		f.written[e.Revision] = e
	}
	if top := f.seen[e.Client]; top == nil || top.Revision < e.Revision {
		f.seen[e.Client] = e
	}
	return sim.Verdict{}, true
}

// since is the new cluster that explains why a revision came again, if there is one.
func (f *revisionFold) since(before *sim.Event) string {
	if f.restored == nil || f.restored.Seq < before.Seq {
		return ""
	}
	return "; between the two the cluster was " + newClusterWords(f.restored)
}
