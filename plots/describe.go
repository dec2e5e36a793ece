package plots

import (
	"fmt"
	"strings"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// Describe is an event as a line for people, without its time:
// "n4 becomes leader in term 3".
func Describe(t *sim.Trace, e *sim.Event) string {
	d := describer{t, e}
	tell := sayings[e.Kind]
	if tell == nil {
		tell = describer.other
	}
	return chart.Printable(tell(d))
}

type describer struct {
	t *sim.Trace
	e *sim.Event
}

var sayings = map[sim.Kind]func(describer) string{
	sim.KindSent:              describer.message,
	sim.KindDelivered:         describer.message,
	sim.KindDropped:           describer.message,
	sim.KindState:             describer.state,
	sim.KindAppended:          describer.log,
	sim.KindCommitted:         describer.log,
	sim.KindApplied:           describer.log,
	sim.KindTruncated:         describer.log,
	sim.KindCompacted:         describer.log,
	sim.KindSnapshotMade:      describer.snapshot,
	sim.KindSnapshotInstalled: describer.snapshot,
	sim.KindCall:              describer.call,
	sim.KindReturn:            describer.result,
	sim.KindFaultBegun:        describer.fault,
	sim.KindFaultEnded:        describer.fault,
	sim.KindFaultFailed:       describer.fault,
	sim.KindFaultDone:         describer.fault,
	sim.KindLinkCut:           describer.link,
	sim.KindLinkMended:        describer.link,
	sim.KindMembership:        describer.membership,
	sim.KindAlert:             describer.alert,
	sim.KindMetric:            describer.metric,
	sim.KindStoreSize:         describer.store,
	sim.KindStoreCompacted:    describer.store,
	sim.KindDefragBegun:       describer.store,
	sim.KindDefragEnded:       describer.store,
	sim.KindAlarm:             describer.alarm,
	sim.KindSnapshotSaved:     describer.backup,
	sim.KindNewCluster:        describer.backup,
	sim.KindDamaged:           describer.backup,
	sim.KindWatchBegun:        describer.watch,
	sim.KindWatchEvent:        describer.watch,
	sim.KindWatchEnded:        describer.watch,
	sim.KindWatchProgress:     describer.watch,
	sim.KindLeaseAsked:        describer.lease,
	sim.KindLeaseAnswered:     describer.lease,
	sim.KindLease:             describer.lease,
	sim.KindNote:              func(d describer) string { return d.e.Note },
}

func (d describer) name() string { return d.t.Name(d.e.Member) }
func (d describer) peer() string { return d.t.Name(d.e.Peer) }

func (d describer) message() string {
	e := d.e
	what := fmt.Sprintf("%v in term %d", e.Msg, e.Term)
	if e.Index > 0 {
		what += fmt.Sprintf(", index %d", e.Index)
	}
	if e.Count > 0 {
		what += fmt.Sprintf(", %d entries", e.Count)
	}
	if e.Reject {
		what += ", a refusal"
	}
	switch e.Kind {
	case sim.KindSent:
		return fmt.Sprintf("%s sends %s: %s", d.name(), d.peer(), what)
	case sim.KindDelivered:
		return fmt.Sprintf("%s receives from %s: %s", d.name(), d.peer(), what)
	}
	return fmt.Sprintf("lost on the way from %s to %s (%s): %s", d.name(), d.peer(), e.Note, what)
}

func (d describer) state() string {
	s := fmt.Sprintf("%s is %v in term %d", d.name(), d.e.Role, d.e.Term)
	switch d.e.Peer {
	case 0:
		return s + " and knows no leader"
	case d.e.Member:
		return s
	}
	return s + " and follows " + d.peer()
}

func (d describer) log() string {
	e := d.e
	switch e.Kind {
	case sim.KindAppended:
		return fmt.Sprintf("%s appends entry %d of term %d", d.name(), e.Index, e.Term)
	case sim.KindCommitted:
		return fmt.Sprintf("%s knows that entries up to %d are committed", d.name(), e.Index)
	case sim.KindApplied:
		return fmt.Sprintf("%s applies entry %d of term %d", d.name(), e.Index, e.Term)
	case sim.KindTruncated:
		return fmt.Sprintf("%s removes entries from %d on: they conflict with the leader's", d.name(), e.Index)
	}
	return fmt.Sprintf("%s drops entries up to %d: a snapshot holds them", d.name(), e.Index)
}

func (d describer) snapshot() string {
	if d.e.Kind == sim.KindSnapshotMade {
		return fmt.Sprintf("%s makes a snapshot at index %d", d.name(), d.e.Index)
	}
	return fmt.Sprintf("%s installs a snapshot at index %d from %s", d.name(), d.e.Index, d.peer())
}

// operation is what a client asked for.
func (d describer) operation() string {
	e := d.e
	s := fmt.Sprintf("client %d, operation %d: %v %s", e.Client, e.ID, e.Op, e.Key)
	switch {
	case e.Kind == sim.KindReturn:
	case e.Op == sim.OpPut:
		s += fmt.Sprintf(" = %d", e.Value)
	case e.Op == sim.OpCAS:
		s += fmt.Sprintf(" from %d to %d", e.Old, e.Value)
	}
	return s
}

func (d describer) call() string { return d.operation() + ", asked" }

func (d describer) result() string {
	e := d.e
	s := fmt.Sprintf("%s, %v", d.operation(), e.Result)
	if e.Op == sim.OpGet && e.Result == sim.OutcomeOK || e.Result == sim.OutcomeMismatch {
		s += fmt.Sprintf(", found %d", e.Value)
	}
	if e.Revision > 0 {
		s += fmt.Sprintf(", revision %d", e.Revision)
	}
	if e.Member > 0 {
		s += ", answered by " + d.name()
	}
	return s + d.note()
}

func (d describer) fault() string {
	switch d.e.Kind {
	case sim.KindFaultBegun:
		return "fault: " + d.e.Note
	case sim.KindFaultEnded:
		return "ended: " + d.e.Note
	case sim.KindFaultDone:
		return "done: " + d.e.Note
	}
	return string(sim.NotDoneOutcome(d.e)) + ": " + d.e.Note
}

func (d describer) link() string {
	if d.e.Kind == sim.KindLinkCut {
		return fmt.Sprintf("%s no longer reaches %s", d.name(), d.peer())
	}
	return fmt.Sprintf("%s reaches %s again", d.name(), d.peer())
}

func (d describer) membership() string {
	if d.e.Role == sim.RoleNone {
		return fmt.Sprintf("for %s, %s is no longer a member", d.name(), d.peer())
	}
	return fmt.Sprintf("for %s, %s is now a %v", d.name(), d.peer(), map[bool]string{true: "learner",
		false: "voter"}[d.e.Role == sim.Learner])
}

func (d describer) alert() string {
	s := fmt.Sprintf("alert %s is %v", d.e.Key, sim.AlertState(d.e.Count))
	if d.e.Member > 0 {
		s += " for " + d.name()
	}
	return s + d.note()
}

func (d describer) metric() string {
	if d.e.Count == 0 {
		return fmt.Sprintf("a scrape of %s does not find %s", d.name(), d.e.Key)
	}
	return fmt.Sprintf("a scrape of %s finds %s at %d", d.name(), d.e.Key, d.e.Value)
}

func (d describer) store() string {
	sizes := fmt.Sprintf("%s, %s of it in use", sim.Size(d.e.Value).Rounded(), sim.Size(d.e.Old).Rounded())
	switch d.e.Kind {
	case sim.KindStoreCompacted:
		return fmt.Sprintf("%s has dropped the revisions up to %d", d.name(), d.e.Revision)
	case sim.KindDefragBegun:
		return d.name() + " stalls while its database file is defragmented"
	case sim.KindDefragEnded:
		return fmt.Sprintf("%s goes on with a database file of %s", d.name(), sizes)
	}
	return fmt.Sprintf("%s's database file has %s", d.name(), sizes)
}

func (d describer) alarm() string {
	what := map[uint32]string{sim.AlarmNoSpace: "NOSPACE: writes are refused", sim.AlarmCorrupt: "CORRUPT: requests are " +
		"refused"}[d.e.Count]
	if d.e.Value == 0 {
		return fmt.Sprintf("%s's alarm is cleared (%s)", d.name(), what)
	}
	return fmt.Sprintf("%s raises the alarm %s", d.name(), what)
}

func (d describer) backup() string {
	e := d.e
	switch {
	case e.Kind == sim.KindSnapshotSaved:
		return fmt.Sprintf("a snapshot of %s at revision %d is saved, %d bytes", d.name(), e.Revision, e.Value)
	case e.Kind == sim.KindDamaged:
		return fmt.Sprintf("the %s of %s is damaged%s", e.Key, d.name(), d.note())
	case e.Member > 0:
		return fmt.Sprintf("%s is a new cluster of its own, with the data that it has", d.name())
	case e.Count > 0:
		return fmt.Sprintf("a new cluster begins at revision %d, from a snapshot at revision %d; everything before is "+
			"compacted", e.Revision, e.Old)
	}
	return fmt.Sprintf("a new cluster begins at revision %d, that of the snapshot", e.Revision)
}

func (d describer) watch() string {
	e := d.e
	who := fmt.Sprintf("client %d, watch %d of %s: ", e.Client, e.ID, e.Key)
	switch {
	case e.Kind == sim.KindWatchBegun:
		return who + fmt.Sprintf("begins at revision %d", e.Revision)
	case e.Kind == sim.KindWatchProgress:
		return who + fmt.Sprintf("has had everything up to revision %d", e.Revision)
	case e.Kind == sim.KindWatchEvent && e.Value == 0:
		return who + fmt.Sprintf("the key was deleted in revision %d", e.Revision)
	case e.Kind == sim.KindWatchEvent:
		return who + fmt.Sprintf("value %d, written in revision %d", e.Value, e.Revision)
	case e.Result == sim.OutcomeFailed && e.Revision > 0:
		return who + fmt.Sprintf("ended by the server: compacted up to revision %d", e.Revision)
	}
	return who + "ended" + d.note()
}

// other tells an event of a kind that needs no sentence of its own.
func (d describer) other() string {
	e := d.e
	s := d.name() + " " + strings.ReplaceAll(e.Kind.String(), "-", " ")
	for _, f := range []struct {
		name  string
		value uint64
	}{{"term", e.Term}, {"index", e.Index}, {"entries", uint64(e.Count)}, {"revision", e.Revision}} {
		if f.value > 0 {
			s += fmt.Sprintf(", %s %d", f.name, f.value)
		}
	}
	if e.Key != "" {
		s += fmt.Sprintf(", %s = %d", e.Key, e.Value)
	}
	return s + d.note()
}

func (d describer) note() string {
	if d.e.Note == "" {
		return ""
	}
	return " (" + d.e.Note + ")"
}
