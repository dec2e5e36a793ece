package check

import (
	"time"

	"quorumlab/sim"
)

// leadership is who led and when.
type leadership struct {
	first      led
	firstAt    time.Duration
	firstSeq   uint64
	leaderless []span // after the first leader; the whole run if there was none
	failovers  []failover
	turns      []turn
}

// turn is a change of who can lead. The zero led stands for nobody: before the
// first leader, and after the last turn of a run that ends without one.
type turn struct {
	before, after led
	span          // from when before could no longer lead until after could
}

// failover is how a lost leader was replaced.
type failover struct {
	old, new         led
	lost, known      time.Duration // the fault; all connected voters follow the new leader
	lostSeq          uint64        // the crash, pause or cut
	newSeq, knownSeq uint64        // the election; when the last of the voters knew
}

func (r *run) leaderships() *leadership {
	return r.leadership.get(func() *leadership { return newLeadership(r.quiet, r.end) })
}

// newLeadership folds the trace.
func newLeadership(t *sim.Trace, end time.Duration) *leadership {
	f := leadershipFold{view: newView(t), leadership: &leadership{}}
	for i := range t.Events {
		if e := &t.Events[i]; f.view.apply(e) {
			f.next(e)
		}
	}
	if f.leader == (led{}) {
		f.gap.to = end
		f.leaderless = append(f.leaderless, f.gap)
		f.turns = append(f.turns, turn{f.last, led{}, f.gap})
	}
	return f.leadership
}

type leadershipFold struct {
	*leadership
	view    *view
	leader  led
	last    led      // the last one that was not nobody
	gap     span     // while there is no leader
	pending failover // while a lost leader has no successor that all know
}

// next looks at the cluster after an event that changed it.
func (f *leadershipFold) next(e *sim.Event) {
	now := f.view.leader()
	switch {
	case f.leader == (led{}) && now != (led{}):
		f.gap.to, f.gap.toSeq = e.At, e.Seq
		f.turns = append(f.turns, turn{f.last, now, f.gap})
		if f.first == (led{}) {
			f.first, f.firstAt, f.firstSeq = now, e.At, e.Seq
		} else {
			f.leaderless = append(f.leaderless, f.gap)
		}
	case f.leader != (led{}) && now == (led{}):
		f.gap = span{from: e.At, fromSeq: e.Seq}
		if unseats(e, f.leader.member) {
			f.pending = failover{old: f.leader, lost: e.At, lostSeq: e.Seq}
		}
	}
	if f.leader != now && f.leader != (led{}) && now != (led{}) {
		f.turns = append(f.turns, turn{f.leader, now, span{e.At, e.At, e.Seq, e.Seq}})
	}
	if f.leader = now; now != (led{}) {
		f.last = now
	}
	f.follow(e)
}

// unseats reports whether the event takes the leader away by force, as opposed to
// its stepping down.
func unseats(e *sim.Event, leader sim.MemberID) bool {
	switch e.Kind {
	case sim.KindCrashed, sim.KindPanicked, sim.KindPaused:
		return e.Member == leader
	case sim.KindLinkCut:
		return e.Member == leader || e.Peer == leader
	}
	return false
}

// follow takes the pending failover a step further.
func (f *leadershipFold) follow(e *sim.Event) {
	p := &f.pending
	if p.lostSeq == 0 || f.leader == (led{}) {
		return
	}
	if f.leader == p.old { // it came back before the others had noticed
		*p = failover{}
		return
	}
	if f.leader != p.new {
		p.new, p.newSeq = f.leader, e.Seq
	}
	if f.view.knownToOthers(f.leader) {
		p.known, p.knownSeq = e.At, e.Seq
		f.failovers = append(f.failovers, *p)
		*p = failover{}
	}
}
