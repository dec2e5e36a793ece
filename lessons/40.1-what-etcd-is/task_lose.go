package whatetcdis

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"quorumlab/lessons"
	"quorumlab/sim"
)

//go:embed task-lose-start.yaml
var loseStart []byte

// loseJudge asks for a lost acknowledged write, by as little as it takes.
var loseJudge = lessons.ScenarioJudge{
	Engine: "sim", Seeds: 5,
	Given: lessons.SameAs(loseStart, func(s *sim.Scenario) {
		s.Steps, s.Run = nil, 0
	}),
	Must: []lessons.Criterion{
		{Points: 3, What: "an acknowledged write is lost", Expect: "writes.lost >= 1",
			Hint: "a write is acknowledged once a quorum has it on disk, where neither a crash nor a partition can touch it. " +
				"`quorumlab list faults` has one that makes a disk forget"},
		{Points: 1, What: "the cluster recovers: it acknowledges writes in the last three seconds", Shows: goesOn,
			Hint: "bring back enough members to elect a leader, and give them time"},
		{Points: 2, What: "at least one disk keeps everything written to it", Shows: oneDiskKeeps,
			Hint: "a quorum that has forgotten can outvote a member that has not, if that member is not up in time"},
	},
}

// goesOn tells whether writes are acknowledged to the end.
func goesOn(t *sim.Trace) (bool, string) {
	from := t.Scenario.Run - 3e9
	n := 0
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == sim.KindReturn && e.Op.IsWrite() && e.Result == sim.OutcomeOK && e.At >= from {
			n++
		}
	}
	return n > 0, fmt.Sprintf("%d writes were acknowledged from %s on", n, sim.FormatDuration(from))
}

// oneDiskKeeps tells whether a member's disk lost nothing that it had confirmed.
func oneDiskKeeps(t *sim.Trace) (bool, string) {
	lost := lostDisks(t)
	if len(lost) == 0 {
		return false, "no disk lost anything, so this shows nothing"
	}
	return len(lost) < len(t.Members), "disks that lost something: " + strings.Join(lost, ", ")
}

// lostDisks names the members whose disks lost what they had confirmed: a wiped one everything, and one
// that keeps nothing what it had not written when its member crashed. What a crash alone takes was
// never confirmed.
func lostDisks(t *sim.Trace) (names []string) {
	refused := map[uint64]bool{}
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == sim.KindFaultFailed {
			refused[e.ID] = true
		}
	}
	lying := map[string]bool{} // members with a disk that keeps nothing
	lost := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for i := range t.Events {
		e := &t.Events[i]
		// The note names the members that the statement hit.
		words := strings.Fields(e.Note)
		switch {
		case e.Kind == sim.KindFaultBegun && words[0] == "lose-unsynced":
			for _, name := range words[1:] {
				lying[name] = true
			}
		case e.Kind == sim.KindFaultBegun && words[0] == "wipe" && !refused[e.ID]:
			for _, name := range words[1:] {
				lost(name)
			}
		case e.Kind == sim.KindLost && lying[memberName(t, e.Member)]:
			lost(memberName(t, e.Member))
		}
	}
	slices.Sort(names)
	return names
}

func memberName(t *sim.Trace, id sim.MemberID) string { return t.Scenario.MemberName(id) }
