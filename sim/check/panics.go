package check

import (
	"fmt"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

func init() {
	registerCheck("no-panics",
		"no member panicked, except one whose disk the script had filled or whose files it had damaged, one that etcd "+
			"3.7 ends because it is asked for its state after it was removed, or any member once the script had made a "+
			"disk lose data",
		true, noPanics)
}

// noPanics looks for members that gave up without a reason. Raft and etcd stop
// rather than go on in an impossible state. A full disk is such a reason for the
// member that has it, and so are damaged files. A disk that lost what it had acknowledged is one for
// everybody: the log that its member offers may contradict what others committed.
func noPanics(r *run) sim.Verdict {
	t := r.quiet
	full, gone := map[sim.MemberID]bool{}, map[sim.MemberID]bool{}
	forgetful := false
	var excused, removed []sim.MemberID
	for i := range t.Events {
		e := &t.Events[i]
		switch e.Kind {
		case sim.KindFaultBegun:
			st, err := script.Parse(e.Note)
			switch {
			case err != nil:
			case needs(st, sim.PowerFillDisk, sim.PowerDamage):
				for _, m := range namedIn(t, st) {
					full[m] = true
				}
			case needs(st, sim.PowerLoseDisk, sim.PowerWipe):
				forgetful = true
			}
		case sim.KindMembership:
			gone[e.Peer] = e.Role == sim.RoleNone
		case sim.KindPanicked:
			if gone[e.Member] && e.Note == removedAndAsked {
				removed = appendMember(removed, e.Member)
				continue
			}
			if !forgetful && !full[e.Member] {
				return broken("no-panics", fmt.Sprintf("%s panicked at %s: %s", t.Name(e.Member), moment(e.At), e.Note), e)
			}
			excused = appendMember(excused, e.Member)
		}
	}
	v := sim.Verdict{Check: "no-panics", OK: true, Why: "no member panicked"}
	if len(excused) > 0 {
		v.Why = names(t, excused) + " panicked because of what the script had done to disks"
	} else if len(removed) > 0 {
		v.Why = names(t, removed) + " panicked, as etcd 3.7 may when it is asked for its state after it was removed"
	}
	return v
}

// removedAndAsked is how etcd 3.7 ends when a client asks a member for its status between its removal and its own
// stop (IsLocalMemberLearner in api/membership/cluster.go).
const removedAndAsked = "failed to find local ID in cluster members"

// namedIn lists the members that a statement of the trace names, where selectors
// are resolved already.
func namedIn(t *sim.Trace, st sim.Statement) (ms []sim.MemberID) {
	for _, g := range st.Groups {
		for _, s := range g {
			for i, name := range t.Members {
				if s.By == sim.ByName && s.Name == name {
					ms = append(ms, sim.MemberID(i+1))
				}
			}
		}
	}
	return ms
}
