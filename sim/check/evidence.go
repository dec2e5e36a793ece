package check

import (
	"slices"

	"quorumlab/sim"
)

// maxEvents bounds the evidence of a verdict: enough to look at.
const maxEvents = 20

// appendMember adds members that are not in the list yet, in order of their IDs.
func appendMember(ms []sim.MemberID, add ...sim.MemberID) []sim.MemberID {
	for _, m := range add {
		if at, found := slices.BinarySearch(ms, m); !found && m != 0 {
			ms = slices.Insert(ms, at, m)
		}
	}
	return ms
}

// removeMember takes a member out of the list.
func removeMember(ms []sim.MemberID, m sim.MemberID) []sim.MemberID {
	return slices.DeleteFunc(ms, func(o sim.MemberID) bool { return o == m })
}

// broken is the verdict that a check failed, proved by the events.
func broken(check, why string, es ...*sim.Event) sim.Verdict {
	v := sim.Verdict{Check: check, Why: why}
	for _, e := range es {
		v.Events = append(v.Events, e.Seq)
		v.Members = appendMember(v.Members, e.Member)
	}
	return v
}
