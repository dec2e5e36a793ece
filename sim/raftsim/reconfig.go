package raftsim

import (
	"errors"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"

	"quorumlab/internal/outages"
	"quorumlab/sim"
)

// The rules by which etcd's server takes a change of the membership or refuses it, in its words: what the leader checks
// when it is asked (mayAddMember, mayPromoteMember, mayRemoveMember and isLearnerReady in etcdserver/server.go), and
// what every member checks when it applies the entry (ValidateConfigurationChange in api/membership/cluster.go).

// The refusals, as etcd's clients see them.
var (
	errUnhealthy       = errors.New("etcdserver: unhealthy cluster")
	errNotStarted      = errors.New("etcdserver: re-configuration failed due to not enough started members")
	errLearnerNotReady = errors.New("etcdserver: can only promote a learner member which is in sync with leader")
	errNotLearner      = errors.New("etcdserver: can only promote a learner member")
	errMemberNotFound  = errors.New("etcdserver: member not found")
	errMemberExists    = errors.New("etcdserver: Peer URLs already exists") // a member's address is always the same
	errManyLearners    = errors.New("etcdserver: too many learner members in cluster")
)

// healthInterval is for how long members must have been connected to count as healthy: etcd's HealthInterval.
const healthInterval = 5 * time.Second

// may returns the leader's refusal of a change, or nil.
func (m *member) may(c sim.MemberChange) error {
	strict := m.r.s.Cluster.StrictReconfigCheck.On()
	conf := newConfig(m.conf, 0)
	switch c.What {
	case sim.AddLearner:
		if n := conf.voters(); strict && n > 1 && m.healthy(conf) < quorum(n+1) {
			return sim.RefusedBy(m.id, errUnhealthy)
		}
	case sim.Promote:
		if err := m.mayPromote(c.Who); err != nil {
			return sim.RefusedBy(m.id, err)
		}
		if n := conf.voters(); strict && 1+m.startedVoters(conf, 0) < quorum(n+1) {
			return sim.RefusedBy(m.id, errNotStarted)
		}
	case sim.Remove:
		if strict {
			return m.mayRemove(conf, c.Who)
		}
		if conf.role(c.Who) == sim.Follower && conf.voters() == 1 {
			return refused("%s is the only voter", m.r.member(c.Who).name) // raft itself would end
		}
	}
	return nil
}

// mayPromote checks that a learner has nine tenths of the leader's log.
func (m *member) mayPromote(who sim.MemberID) error {
	var own, learner uint64
	found := false
	m.node.WithProgress(func(id uint64, _ raft.ProgressType, p tracker.Progress) {
		switch id {
		case uint64(m.id):
			own = p.Match
		case uint64(who):
			learner = p.Match
		default:
			return
		}
		found = found || id == uint64(who)
	})
	switch {
	case !found:
		return errMemberNotFound
	case learner*10 < own*9:
		return errLearnerNotReady
	}
	return nil
}

// mayRemove is the strict check of a removal. One that is down already is no part of the quorum that works.
func (m *member) mayRemove(conf config, who sim.MemberID) error {
	if conf.role(who) == sim.Learner {
		return nil
	}
	others := conf.voters()
	if conf.role(who) == sim.Follower {
		others--
	}
	if m.startedVoters(conf, who) < quorum(others) {
		return sim.RefusedBy(m.id, errNotStarted)
	}
	if _, connected := m.r.connectedSince(m.id, who); who != m.id && !connected {
		return nil
	}
	if m.healthy(conf)-1 < 1+(conf.voters()-1)/2 {
		return sim.RefusedBy(m.id, errUnhealthy)
	}
	return nil
}

func quorum(n int) int { return n/2 + 1 }

// startedVoters is how many voters but one have published their name, as a member does when it first follows a leader.
func (m *member) startedVoters(conf config, but sim.MemberID) (n int) {
	for _, o := range m.r.members {
		if conf.role(o.id) == sim.Follower && o.id != but && o.published {
			n++
		}
	}
	return n
}

// healthy is how many voters, itself included, the member has been connected to for long enough.
func (m *member) healthy(conf config) (n int) {
	for _, o := range m.r.members {
		if conf.role(o.id) != sim.Follower {
			continue
		}
		since, connected := m.r.connectedSince(m.id, o.id)
		if o == m || connected && m.r.now-since > healthInterval {
			n++
		}
	}
	return n
}

// connectedSince is since when two members have been connected to each other. They get so once both run and no link
// between them is cut, and stay so as long as both run: a silent cut leaves their connections open, and so does a
// process that stands still. etcd means to give up a connection on
// which nothing comes in for five seconds (rafthttp's ConnReadTimeout), but sets that on a dialer that its transport
// does not use (Dial beside DialContext, client/pkg/transport of 3.7), so its server goes on counting such a member.
func (r *run) connectedSince(a, b sim.MemberID) (since time.Duration, connected bool) {
	m, o := r.member(a), r.member(b)
	if !m.up || !o.up {
		return 0, false
	}
	if a == b {
		return m.booted, true
	}
	there, back := r.link(a, b), r.link(b, a)
	since, connected = outages.FirstClear(max(m.booted, o.booted), &there.cuts, &back.cuts)
	return since + r.usual(there) + r.usual(back), connected
}

// validate returns why a change in the log can't be made in the member's present configuration, or nil.
func (m *member) validate(c *pb.ConfChange) error {
	conf := newConfig(m.conf, 0)
	role := conf.role(sim.MemberID(c.GetNodeId()))
	switch c.GetType() {
	case pb.ConfChangeAddLearnerNode:
		switch {
		case role != sim.RoleNone:
			return errMemberExists
		case len(m.conf.GetLearners()) >= m.r.s.Cluster.MaxLearners.N():
			return errManyLearners
		}
	case pb.ConfChangeAddNode:
		switch role {
		case sim.RoleNone:
			return errMemberNotFound
		case sim.Follower:
			return errNotLearner
		}
	case pb.ConfChangeRemoveNode:
		if role == sim.RoleNone {
			return errMemberNotFound
		}
	}
	return nil
}
