package check

import (
	"fmt"
	"strings"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// episodes cuts the run at the moments of the script. The first episode is the
// start of the run.
func (r *run) episodes() []*episode {
	f := episodeFold{t: r.t, view: newView(r.t)}
	start := &episode{seq: 1, leads: []string{"the " + number(len(r.t.Scenario.Cluster.Members), "member") + " started"}}
	f.eps = []*episode{start}
	f.roles = map[sim.MemberID]sim.Role{}
	for i, m := range r.t.Scenario.Cluster.Members {
		f.roles[sim.MemberID(i+1)] = m.Role
	}
	for i := range r.t.Events {
		e := &r.t.Events[i]
		f.next(e)
		f.view.apply(e)
	}
	return f.eps
}

type episodeFold struct {
	t     *sim.Trace
	view  *view // before the event at hand
	eps   []*episode
	roles map[sim.MemberID]sim.Role // in the configuration
}

// next looks at an event for what is worth telling, other than who leads.
func (f *episodeFold) next(e *sim.Event) {
	now := f.eps[len(f.eps)-1]
	switch e.Kind {
	case sim.KindFaultBegun, sim.KindFaultEnded, sim.KindFaultFailed:
		f.script(e)
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
	default:
		f.backup(now, e)
	}
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

// lead is the statement in words.
func (f *episodeFold) lead(now *episode, e *sim.Event) string {
	if e.Kind == sim.KindFaultFailed {
		statement, why, _ := strings.Cut(e.Note, ": ")
		return fmt.Sprintf("%q could not be carried out: %s", statement, why)
	}
	st, err := script.Parse(e.Note)
	if err != nil {
		return fmt.Sprintf("%q %s", e.Note, map[sim.Kind]string{sim.KindFaultBegun: "began",
			sim.KindFaultEnded: "ended"}[e.Kind])
	}
	verb := script.VerbNamed(st.Verb)
	if e.Kind == sim.KindFaultEnded {
		return script.Tell(st, verb.Over, func(name string) string { return name })
	}
	now.mended = now.mended || !verb.Lasts
	l := f.view.leader()
	return script.Tell(st, verb.Began, func(name string) string {
		if l.member != 0 && name == f.t.Name(l.member) {
			return fmt.Sprintf("%s (leader of term %d)", name, l.term)
		}
		return name
	})
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
