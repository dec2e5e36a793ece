package whatetcdis

import (
	"time"

	"quorumlab/sim"
)

// entry is a place in a member's log.
type entry struct {
	Term, Hash uint64
	At         time.Duration // when it was appended
}

// logs are what a trace tells of the members' logs up to a moment.
type logs struct {
	entries map[sim.MemberID]map[uint64]entry // by index
	commit  map[sim.MemberID]uint64
}

// logsAt reads the logs as they were at a moment, from the events that made them.
func logsAt(t *sim.Trace, at time.Duration) logs {
	l := logs{entries: map[sim.MemberID]map[uint64]entry{}, commit: map[sim.MemberID]uint64{}}
	for i := range t.Members {
		l.entries[sim.MemberID(i+1)] = map[uint64]entry{}
	}
	for i := range t.Events {
		e := &t.Events[i]
		if e.At > at {
			break
		}
		switch e.Kind {
		case sim.KindAppended:
			l.entries[e.Member][e.Index] = entry{e.Term, e.Value, e.At}
		case sim.KindTruncated, sim.KindLost:
			for index := range l.entries[e.Member] {
				if index >= e.Index {
					delete(l.entries[e.Member], index)
				}
			}
		case sim.KindCommitted:
			l.commit[e.Member] = max(l.commit[e.Member], e.Index)
		}
	}
	return l
}

// last is the last index of a member's log.
func (l logs) last(m sim.MemberID) (last uint64) {
	for index := range l.entries[m] {
		last = max(last, index)
	}
	return last
}

// committed is the highest index that any member knows as committed.
func (l logs) committed() (index uint64) {
	for _, c := range l.commit {
		index = max(index, c)
	}
	return index
}

// gone counts the entries of a member that another log of it no longer has.
func (l logs) gone(m sim.MemberID, after logs) (n int) {
	for index, e := range l.entries[m] {
		if after.entries[m][index].Hash != e.Hash {
			n++
		}
	}
	return n
}
