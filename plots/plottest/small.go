package plottest

import (
	"time"

	"quorumlab/sim"
)

// Small is a trace that one can check by hand: three members, a leader that is cut
// off, one that crashes, five operations.
func Small() *sim.Trace {
	const ms = time.Millisecond
	p := &player{rng: sim.Stream(1, "small")}
	for m := sim.MemberID(1); m <= 3; m++ {
		p.add(0, sim.Event{Kind: sim.KindStarted, Member: m})
		p.state(0, m, sim.Follower, 1, 0)
	}
	p.state(100*ms, 1, sim.Candidate, 2, 0)
	p.send(100*ms, 110*ms, sim.KindDelivered, sim.Event{Member: 1, Peer: 2, Msg: sim.MsgVote, Term: 2})
	p.state(110*ms, 2, sim.Follower, 2, 0)
	p.send(110*ms, 120*ms, sim.KindDelivered, sim.Event{Member: 2, Peer: 1, Msg: sim.MsgVoteResp, Term: 2})
	p.state(120*ms, 1, sim.Leader, 2, 1)
	p.state(130*ms, 2, sim.Follower, 2, 1)
	p.state(130*ms, 3, sim.Follower, 2, 1)
	p.operation(200*ms, 210*ms, sim.OutcomeOK, 1)
	p.commits(210*ms, 1, 1, 2, 3)
	p.fault(300*ms, 700*ms, 1, "isolate n1")
	p.link(300*ms, 700*ms, 1, 2)
	p.link(300*ms, 700*ms, 1, 3)
	p.send(310*ms, 310*ms, sim.KindDropped, sim.Event{Member: 1, Peer: 2, Msg: sim.MsgHeartbeat, Term: 2, Note: "cut"})
	p.operation(320*ms, 560*ms, sim.OutcomeUnknown, 0)
	p.operation(330*ms, 340*ms, sim.OutcomeFailed, 0)
	p.state(450*ms, 3, sim.PreCandidate, 2, 0)
	p.send(450*ms, 460*ms, sim.KindDelivered, sim.Event{Member: 3, Peer: 2, Msg: sim.MsgPreVote, Term: 3})
	p.send(460*ms, 470*ms, sim.KindDelivered, sim.Event{Member: 2, Peer: 3, Msg: sim.MsgPreVoteResp, Term: 3})
	p.state(470*ms, 3, sim.Candidate, 3, 0)
	p.state(500*ms, 3, sim.Leader, 3, 3)
	p.state(510*ms, 2, sim.Follower, 3, 3)
	p.operation(520*ms, 530*ms, sim.OutcomeMismatch, 3)
	p.commits(530*ms, 2, 2, 3)
	p.state(710*ms, 1, sim.Follower, 3, 3)
	p.commits(720*ms, 2, 1)
	p.add(800*ms, sim.Event{Kind: sim.KindFaultBegun, ID: 2, Count: 2, Member: 2, Note: "crash n2"})
	p.add(800*ms, sim.Event{Kind: sim.KindCrashed, Member: 2})
	p.add(900*ms, sim.Event{Kind: sim.KindFaultFailed, Count: 3, Note: "move-leader n2: n2 is down"})
	p.add(950*ms, sim.Event{Kind: sim.KindCall, ID: 99, Client: 1, Op: sim.OpGet, Key: "k"})
	p.scrapes(100*ms, 1, 2, 3)
	p.alert(600*ms, "etcdNoLeader", 1, sim.AlertPending)
	p.alert(650*ms, "etcdNoLeader", 1, sim.AlertFiring)
	p.alert(750*ms, "etcdNoLeader", 1, sim.AlertInactive)
	p.metric(600*ms, 1, "etcd_server_has_leader", 1, 0)
	p.metric(750*ms, 1, "etcd_server_has_leader", 1, 1)
	p.metric(850*ms, 2, "up", 1, 0)
	p.metric(850*ms, 2, "etcd_server_has_leader", 0, 0)
	p.alert(850*ms, "etcdInsufficientMembers", 0, sim.AlertPending)
	return p.trace(time.Second, 3)
}

// scrapes are good answers of members.
func (p *player) scrapes(at time.Duration, of ...sim.MemberID) {
	for _, m := range of {
		p.metric(at, m, "up", 1, 1)
		p.metric(at, m, "etcd_server_has_leader", 1, 1)
	}
}

// metric adds what a scrape found; there is 0 for a metric that is not there.
func (p *player) metric(at time.Duration, m sim.MemberID, name string, there uint32, v uint64) {
	p.add(at, sim.Event{Kind: sim.KindMetric, Member: m, Key: name, Count: there, Value: v})
}

func (p *player) alert(at time.Duration, rule string, m sim.MemberID, s sim.AlertState) {
	p.add(at, sim.Event{Kind: sim.KindAlert, Member: m, Key: rule, Count: uint32(s)})
}

// send adds a message and what became of it.
func (p *player) send(at, till time.Duration, end sim.Kind, e sim.Event) {
	p.msgs++
	e.ID, e.Kind = p.msgs, sim.KindSent
	p.add(at, e)
	e.Kind = end
	if end == sim.KindDelivered {
		e.Member, e.Peer = e.Peer, e.Member
	}
	p.add(till, e)
}

func (p *player) operation(at, till time.Duration, o sim.Outcome, by sim.MemberID) {
	p.opsDone++
	e := sim.Event{Kind: sim.KindCall, ID: p.opsDone, Client: 1, Op: sim.OpPut, Key: "k", Value: p.opsDone}
	p.add(at, e)
	e.Kind, e.Result, e.Member = sim.KindReturn, o, by
	p.add(till, e)
}

func (p *player) commits(at time.Duration, index uint64, by ...sim.MemberID) {
	for _, m := range by {
		p.add(at, sim.Event{Kind: sim.KindCommitted, Member: m, Index: index})
	}
}
