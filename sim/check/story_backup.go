package check

import (
	"fmt"
	"time"

	"quorumlab/sim"
)

// backup tells of snapshots, new clusters, damage and alarms.
func (f *episodeFold) backup(now *episode, e *sim.Event) {
	switch e.Kind {
	case sim.KindSnapshotSaved:
		now.change(e.At, fmt.Sprintf("the snapshot was complete: revision %d, from %s, %s", e.Revision,
			f.t.Name(e.Member), sizeOf(e.Value)), e.Seq)
	case sim.KindNewCluster:
		now.change(e.At, newClusterStands(f.t, e), e.Seq)
		now.weight += weightOfPanic
	case sim.KindDamaged:
		now.change(e.At, fmt.Sprintf("the %s of %s was damaged (%s)", e.Key, f.t.Name(e.Member), brief(e.Note)), e.Seq)
		now.weight += weightOfPanic
	case sim.KindAlarm:
		if e.Count == sim.AlarmCorrupt {
			what := "cleared"
			if e.Value == 1 {
				what = "raised"
			}
			now.change(e.At, fmt.Sprintf("the CORRUPT alarm was %s for %s", what, f.t.Name(e.Member)), e.Seq)
			now.weight += weightOfPanic
		}
	case sim.KindWatchEnded:
		if e.Result == sim.OutcomeFailed && e.Revision == 0 {
			now.change(e.At, fmt.Sprintf("the server ended the watch of %s (%s)", e.Key, brief(e.Note)), e.Seq)
			now.weight += time.Second
		} else if e.Result == sim.OutcomeFailed {
			now.change(e.At, fmt.Sprintf("the server ended the watch of %s, since what it asked for had been compacted up to "+
				"revision %d", e.Key, e.Revision), e.Seq)
		}
	}
}

// newClusterStands says what a new cluster starts with.
func newClusterStands(t *sim.Trace, e *sim.Event) string {
	switch {
	case e.Member != 0:
		return "a new cluster of " + t.Name(e.Member) + " alone was up"
	case e.Count > 0:
		return fmt.Sprintf("a new cluster was up at revision %d, with everything before it compacted (the snapshot is of "+
			"revision %d)", e.Revision, e.Old)
	}
	return fmt.Sprintf("a new cluster was up at revision %d, that of the snapshot", e.Revision)
}

// tellBackups tells what restores cost, and what comparisons found.
func (r *run) tellBackups(eps []*episode) {
	lost := map[*sim.Event]int{}
	for _, l := range r.lostWrites() {
		if l.proof.Kind == sim.KindNewCluster {
			lost[l.proof]++
		}
	}
	for _, e := range r.restores() {
		if n := lost[e]; n > 0 {
			during(eps, e.Seq).effect(fmt.Sprintf("%s from after the snapshot %s gone", number(n, "acknowledged write"),
				map[bool]string{true: "was", false: "were"}[n == 1]), e.Seq)
		}
	}
	for _, c := range r.comparisons() {
		e := during(eps, c[0].Seq)
		var other []sim.MemberID
		for _, h := range outvoted(c) {
			other = appendMember(other, h.Member)
		}
		if len(other) > 0 {
			e.change(c[0].At, fmt.Sprintf("%s turned out to differ from the rest at revision %d", names(r.t, other),
				c[0].Revision), c[0].Seq)
		} else {
			e.change(c[0].At, fmt.Sprintf("all were equal at revision %d", c[0].Revision), c[0].Seq)
		}
	}
}

// watchesAtTheEnd tells of watches that missed something without knowing.
func (r *run) watchesAtTheEnd() (parts []string) {
	for _, x := range r.watches() {
		if n := len(r.missedBy(x, sim.Window{})); n > 0 {
			parts = append(parts, fmt.Sprintf("the watch of %s had missed %s, and its client was never told", x.begun.Key,
				number(n, "acknowledged write")))
		}
	}
	return parts
}

// sizeOf is a number of bytes for people: to three digits.
func sizeOf(bytes uint64) string {
	switch b := float64(bytes); {
	case b < 1<<10:
		return fmt.Sprintf("%d B", bytes)
	case b < 1<<20:
		return fmt.Sprintf("%.3g KiB", b/(1<<10))
	default:
		return fmt.Sprintf("%.3g MiB", b/(1<<20))
	}
}
