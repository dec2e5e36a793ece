package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// episodes cuts the run at the moments of the script. The first episode is the
// start of the run.
func (r *run) episodes() []*episode {
	f := episodeFold{t: r.t, view: newView(r.t), failed: map[uint64]*sim.Event{}, begun: map[uint64]*sim.Event{}}
	for _, e := range r.kinds()[sim.KindFaultFailed] {
		if e.ID > 0 {
			f.failed[e.ID] = e
		}
	}
	start := &episode{seq: 1, leads: []string{"the " + started(len(r.t.Scenario.Cluster.Members)) + " started"}}
	f.eps = []*episode{start}
	f.roles, f.paused = map[sim.MemberID]sim.Role{}, map[string]bool{}
	for i, m := range r.t.Scenario.Cluster.Members {
		f.roles[sim.MemberID(i+1)] = m.Role
	}
	for i := range r.quiet.Events {
		e := &r.quiet.Events[i]
		f.next(e)
		f.view.apply(e)
	}
	return f.eps
}

// started are the members that a cluster begins with.
func started(n int) string {
	if n == 1 {
		return "only member"
	}
	return number(n, "member")
}

type episodeFold struct {
	t     *sim.Trace
	view  *view // before the event at hand
	eps   []*episode
	roles map[sim.MemberID]sim.Role // in the configuration

	paused map[string]bool // clients

	failed map[uint64]*sim.Event // how statements failed that had begun, by the fault's number
	begun  map[uint64]*sim.Event // and how they had begun, up to the event at hand
}

// next looks at an event for what is worth telling, other than who leads.
func (f *episodeFold) next(e *sim.Event) {
	now := f.eps[len(f.eps)-1]
	switch e.Kind {
	case sim.KindFaultBegun, sim.KindFaultEnded, sim.KindFaultFailed:
		if e.Kind == sim.KindFaultBegun {
			f.begun[e.ID] = e
		}
		if !f.void(e) {
			f.script(e)
		}
	case sim.KindFaultDone:
		if b := f.begun[e.ID]; b != nil && e.At-b.At >= longWay && !showsItself(e.Note) {
			now.change(e.At, fmt.Sprintf("%q was done, %s after it had started", e.Note, length(e.At-b.At)), e.Seq)
		}
	case sim.KindState:
		m := f.view.member(e.Member)
		if m == nil {
			break
		}
		if m.role == sim.Leader && e.Role != sim.Leader {
			now.stepDown(e.At, f.t.Name(e.Member), e.Seq)
		}
		if e.Peer != 0 && e.Peer != e.Member && e.Peer != m.leader {
			now.found = append(now.found, e)
		}
	case sim.KindPanicked:
		now.change(e.At, fmt.Sprintf("%s panicked (%s)", f.t.Name(e.Member), brief(e.Note)), e.Seq)
		now.weight += weightOfPanic
	case sim.KindSnapshotInstalled:
		now.snapshots, now.snapshotAt = appendMember(now.snapshots, e.Member), e.At
		now.events = append(now.events, e.Seq)
	case sim.KindMembership:
		f.membership(now, e)
	case sim.KindClient:
		if what := sim.ClientChange(e.Count); what == sim.ClientPaused || what == sim.ClientResumed {
			f.paused[sim.ClientName(int(e.Client))] = what == sim.ClientPaused
		}
	default:
		f.backup(now, e)
	}
}

// showsItself reports whether the cluster's own events tell when a statement is done.
func showsItself(statement string) bool {
	st, err := script.Parse(statement)
	return err == nil && (needs(st, sim.PowerMembers) || needs(st, sim.PowerTransfer))
}

// longWay is how long a statement takes of which it is told when it was done.
const longWay = time.Second

// void reports whether an event says that a statement took effect, or no longer has one,
// that never had any.
func (f *episodeFold) void(e *sim.Event) bool {
	failed := f.failed[e.ID]
	if failed == nil || e.Kind == sim.KindFaultFailed {
		return false
	}
	switch sim.NotDoneOutcome(failed) {
	case sim.StepUndone:
		return e.Kind == sim.KindFaultEnded
	case sim.StepRefused:
		return e.Kind == sim.KindFaultEnded || failed.At-e.At < sameMoment
	}
	return e.Kind == sim.KindFaultBegun && failed.At-e.At < sameMoment
}

// What counts as one moment. On real members a statement takes its time: those of
// one step come a little apart, and the faults that a restart ends, when it is done.
const (
	sameMoment = 5 * time.Millisecond
	sameMend   = 250 * time.Millisecond
)

// script tells what a statement did, in the episode of its moment.
func (f *episodeFold) script(e *sim.Event) {
	now := f.eps[len(f.eps)-1]
	if e.Kind == sim.KindFaultEnded && now.mended && e.At-now.from < sameMend {
		return
	}
	if e.At-now.from >= sameMoment {
		now = &episode{from: e.At, seq: e.Seq, leader: f.view.leader()}
	}
	if now.seq == e.Seq {
		f.eps = append(f.eps, now)
	}
	now.leads = append(now.leads, f.lead(now, e))
	now.events = append(now.events, e.Seq)
}

// stopLoad is the statement with which a live cluster begins: its clients wait for load.
const stopLoad = "stop-load"

// lead is the statement in words.
func (f *episodeFold) lead(now *episode, e *sim.Event) string {
	if e.Kind == sim.KindFaultFailed {
		return script.TellNotDone(e, f.t.Name)
	}
	st, err := script.Parse(e.Note)
	if err != nil {
		return fmt.Sprintf("%q %s", e.Note, map[sim.Kind]string{sim.KindFaultBegun: "began",
			sim.KindFaultEnded: "ended"}[e.Kind])
	}
	verb := script.VerbNamed(st.Verb)
	if e.Kind == sim.KindFaultBegun && f.failed[e.ID] != nil && !verb.Lasts {
		return fmt.Sprintf("%q was asked for", e.Note)
	}
	if e.Kind == sim.KindFaultEnded {
		return script.Tell(st, verb.Over, func(name string) string { return name })
	}
	now.mended = now.mended || !verb.Lasts
	if now == f.eps[0] && st.Verb == stopLoad { // nothing has been asked for that could stop
		return "the clients wait"
	}
	l := f.view.leader()
	return script.TellBegan(st, f.running, func(name string) string {
		if l.member != 0 && name == f.t.Name(l.member) {
			return fmt.Sprintf("%s (leader of term %d)", name, l.term)
		}
		return name
	})
}

// running reports whether the member of a name is up, and whether it is paused.
func (f *episodeFold) running(name string) (up, paused bool) {
	if client, ok := strings.CutPrefix(name, "client "); ok {
		return true, f.paused[client]
	}
	m := f.view.member(sim.MemberID(slices.Index(f.t.Members, name) + 1))
	return m == nil || m.up, m != nil && m.paused
}

// membership tells a change of the configuration, when the first member applies it.
func (f *episodeFold) membership(now *episode, e *sim.Event) {
	m := f.view.member(e.Peer)
	was, known := f.roles[e.Peer]
	if m == nil || e.Index < m.configAt || known && was == e.Role {
		return
	}
	f.roles[e.Peer] = e.Role
	what := "got a vote"
	switch e.Role {
	case sim.Learner:
		what = "joined as a learner"
	case sim.RoleNone:
		what = "left the cluster"
	}
	now.change(e.At, f.t.Name(e.Peer)+" "+what, e.Seq)
	now.weight += weightOfMembership
}

// tellSnapshots tells who got a snapshot in each episode.
func (r *run) tellSnapshots(eps []*episode) {
	for _, e := range eps {
		switch n := len(e.snapshots); {
		case n == 1:
			e.change(e.snapshotAt, names(r.t, e.snapshots)+", too far behind for the log, got a snapshot")
		case n > 1:
			e.change(e.snapshotAt, names(r.t, e.snapshots)+", too far behind for the log, got snapshots")
		}
	}
}

// brief is the beginning of a message.
func brief(s string) string {
	const most = 100
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
