package plottest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"quorumlab/sim"
)

// leadership is a stretch of a played run: who leads whom.
type leadership struct {
	from   time.Duration
	leader sim.MemberID // 0: nobody
	term   uint64
	with   []sim.MemberID // the leader's followers
}

// Play writes a trace as a run would, without an engine: five members, a
// partition that cuts the leader off, a crash, a pause. It stands in for real
// runs where a test needs one that no engine's change can move.
func Play(length time.Duration, rate int) *sim.Trace {
	p := &player{rng: sim.Stream(7, "play"), end: length}
	at := func(share float64) time.Duration {
		return time.Duration(share * float64(length)).Round(time.Millisecond)
	}
	all := []sim.MemberID{1, 2, 3, 4, 5}
	for _, m := range all {
		p.add(0, sim.Event{Kind: sim.KindStarted, Member: m})
		p.state(0, m, sim.Follower, 1, 0)
	}
	p.elect(at(.02), 1, 2, all)
	p.fault(at(.15), at(.35), 1, "partition n1 n2 | n3 n4 n5")
	for _, a := range all[:2] {
		for _, b := range all[2:] {
			p.link(at(.15), at(.35), a, b)
		}
	}
	p.elect(at(.15)+1200*time.Millisecond, 4, 3, all[2:])
	p.state(at(.15)+1500*time.Millisecond, 1, sim.Follower, 2, 0)
	for _, m := range all[:2] {
		p.state(at(.35)+40*time.Millisecond, m, sim.Follower, 3, 4)
	}
	p.leaderships = append(p.leaderships, leadership{at(.35) + 40*time.Millisecond, 4, 3, all})
	p.fault(at(.45), at(.6), 2, "crash n4")
	p.add(at(.45), sim.Event{Kind: sim.KindCrashed, Member: 4})
	p.leaderships = append(p.leaderships, leadership{from: at(.45)})
	p.elect(at(.45)+1400*time.Millisecond, 2, 4, []sim.MemberID{1, 2, 3, 5})
	p.add(at(.6), sim.Event{Kind: sim.KindStarted, Member: 4})
	p.state(at(.6)+90*time.Millisecond, 4, sim.Follower, 4, 2)
	p.leaderships = append(p.leaderships, leadership{at(.6) + 90*time.Millisecond, 2, 4, all})
	p.fault(at(.65), at(.85), 3, "slow-disk n2 200ms")
	p.fault(at(.7), at(.8), 4, "pause n5")
	p.add(at(.7), sim.Event{Kind: sim.KindPaused, Member: 5})
	p.add(at(.8), sim.Event{Kind: sim.KindResumed, Member: 5})
	p.add(at(.9), sim.Event{Kind: sim.KindFaultBegun, ID: 5, Count: 5, Note: "move-leader n3"})
	p.elect(at(.9)+30*time.Millisecond, 3, 5, all)
	p.scrapes(at(.02), all...)
	p.metric(at(.2), 1, "etcd_server_has_leader", 1, 0)
	p.metric(at(.36), 1, "etcd_server_has_leader", 1, 1)
	p.alert(at(.2), "etcdNoLeader", 1, sim.AlertPending)
	p.alert(at(.25), "etcdNoLeader", 1, sim.AlertFiring)
	p.alert(at(.36), "etcdNoLeader", 1, sim.AlertInactive)
	p.metric(at(.46), 4, "up", 1, 0)
	p.metric(at(.61), 4, "up", 1, 1)
	p.alert(at(.46), "etcdMembersDown", 0, sim.AlertPending)
	p.alert(at(.61), "etcdMembersDown", 0, sim.AlertInactive)
	p.alert(at(.7), "etcdHighFsyncDurations", 2, sim.AlertPending)
	p.alert(at(.8), "etcdHighFsyncDurations", 2, sim.AlertFiring)
	p.load(rate)
	p.heartbeats()
	return p.trace(length, 5)
}

type player struct {
	rng         *rand.Rand
	end         time.Duration
	events      []sim.Event
	leaderships []leadership
	msgs        uint64

	opsDone uint64
}

func (p *player) add(at time.Duration, e sim.Event) {
	e.At = at
	p.events = append(p.events, e)
}

func (p *player) state(at time.Duration, m sim.MemberID, r sim.Role, term uint64, leader sim.MemberID) {
	p.add(at, sim.Event{Kind: sim.KindState, Member: m, Role: r, Term: term, Peer: leader})
}

func (p *player) fault(from, to time.Duration, id uint64, text string) {
	p.add(from, sim.Event{Kind: sim.KindFaultBegun, ID: id, Count: uint32(id), Note: text})
	p.add(to, sim.Event{Kind: sim.KindFaultEnded, ID: id, Count: uint32(id), Note: text})
}

func (p *player) link(from, to time.Duration, a, b sim.MemberID) {
	for range 2 {
		p.add(from, sim.Event{Kind: sim.KindLinkCut, Member: a, Peer: b})
		p.add(to, sim.Event{Kind: sim.KindLinkMended, Member: a, Peer: b})
		a, b = b, a
	}
}

// elect lets m win an election among the voters.
func (p *player) elect(at time.Duration, m sim.MemberID, term uint64, voters []sim.MemberID) {
	p.leaderships = append(p.leaderships, leadership{from: at - 1100*time.Millisecond})
	p.state(at-60*time.Millisecond, m, sim.PreCandidate, term-1, 0)
	p.state(at-30*time.Millisecond, m, sim.Candidate, term, 0)
	for _, v := range voters {
		if v == m {
			continue
		}
		p.message(at-30*time.Millisecond, m, v, sim.MsgVote, term)
		p.state(at-20*time.Millisecond, v, sim.Follower, term, 0)
		p.message(at-20*time.Millisecond, v, m, sim.MsgVoteResp, term)
	}
	p.state(at, m, sim.Leader, term, m)
	for _, v := range voters {
		if v != m {
			p.state(at+5*time.Millisecond, v, sim.Follower, term, m)
		}
	}
	p.leaderships = append(p.leaderships, leadership{at, m, term, voters})
}

func (p *player) message(at time.Duration, from, to sim.MemberID, t sim.MsgType, term uint64) time.Duration {
	p.msgs++
	e := sim.Event{Kind: sim.KindSent, Member: from, Peer: to, Msg: t, Term: term, ID: p.msgs}
	p.add(at, e)
	arrives := at + 300*time.Microsecond + time.Duration(p.rng.IntN(4_000_000))
	if p.rng.IntN(20) == 0 {
		e.Kind, e.Note = sim.KindDropped, "loss"
		p.add(arrives, e)
		return arrives
	}
	e.Kind, e.Member, e.Peer = sim.KindDelivered, to, from
	p.add(arrives, e)
	return arrives
}

// leadershipAt is who leads at a moment, and when the next leader begins.
func (p *player) leadershipAt(at time.Duration) (now leadership, next time.Duration) {
	for _, r := range p.leaderships {
		if r.from <= at {
			now = r
		}
	}
	for _, r := range p.leaderships {
		if r.from > at && r.leader != 0 {
			return now, r.from
		}
	}
	return now, p.end
}

// load plays clients: writes that commit on the leader's side or wait.
func (p *player) load(rate int) {
	if rate == 0 {
		return
	}
	const patience = 2 * time.Second
	index := uint64(1)
	for i := range uint64(int64(p.end-p.end/20) * int64(rate) / int64(time.Second)) {
		at := p.end/40 + time.Duration(i)*time.Second/time.Duration(rate)
		r, next := p.leadershipAt(at)
		op := sim.Event{Client: uint32(i%8) + 1, Op: sim.OpPut, ID: i + 1, Key: "k1", Value: i + 1}
		call, ret := op, op
		call.Kind, ret.Kind = sim.KindCall, sim.KindReturn
		p.add(at, call)
		took := time.Duration(1+p.rng.ExpFloat64()*3) * time.Millisecond
		if r.leader == 0 {
			took += next - at
		}
		switch ret.Member, ret.Result = r.leader, sim.OutcomeOK; {
		case took > patience:
			took, ret.Result, ret.Note = patience, sim.OutcomeUnknown, "time-out"
		case r.leader == 0 && p.rng.IntN(4) == 0:
			took, ret.Result, ret.Note = took/2, sim.OutcomeFailed, "no leader"
		default:
			index++
			p.commit(at, r, index)
		}
		p.add(at+took, ret)
	}
}

func (p *player) commit(at time.Duration, r leadership, index uint64) {
	for _, m := range r.with {
		if m == r.leader {
			p.add(at+2*time.Millisecond, sim.Event{Kind: sim.KindCommitted, Member: m, Index: index, Term: r.term})
			continue
		}
		got := p.message(at, r.leader, m, sim.MsgApp, r.term)
		p.add(got, sim.Event{Kind: sim.KindAppended, Member: m, Index: index, Term: r.term})
		p.message(got, m, r.leader, sim.MsgAppResp, r.term)
		p.add(got+2*time.Millisecond, sim.Event{Kind: sim.KindCommitted, Member: m, Index: index, Term: r.term})
	}
}

func (p *player) heartbeats() {
	for at := time.Duration(0); at < p.end; at += 100 * time.Millisecond {
		r, _ := p.leadershipAt(at)
		for _, m := range r.with {
			if m != r.leader {
				got := p.message(at, r.leader, m, sim.MsgHeartbeat, r.term)
				p.message(got, m, r.leader, sim.MsgHeartbeatResp, r.term)
			}
		}
	}
}

func (p *player) trace(length time.Duration, members int) *sim.Trace {
	slices.SortStableFunc(p.events, func(a, b sim.Event) int { return cmp.Compare(a.At, b.At) })
	for i := range p.events {
		p.events[i].Seq = uint64(i + 1)
	}
	s := sim.Scenario{Name: "played", Title: "A leader is cut off, another one crashes", Run: length, Seed: 7,
		Alerts: sim.AlertSpec{Scrape: time.Second, Pace: 30},
		About:  "Watch the side with the majority elect, and the old leader step down."}
	t := &sim.Trace{Header: sim.Header{Format: sim.TraceFormat, Engine: "sim", Seed: 7, Version: "test", Scenario: s},
		Events: p.events}
	for i := range members {
		spec := sim.MemberSpec{Name: sim.MemberID(i + 1).String(), Role: sim.Follower}
		t.Members = append(t.Members, spec.Name)
		t.Scenario.Cluster.Members = append(t.Scenario.Cluster.Members, spec)
	}
	return t
}
