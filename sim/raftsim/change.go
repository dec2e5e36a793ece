package raftsim

import (
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
	"google.golang.org/protobuf/proto"

	"quorumlab/sim"
)

// change is a change of the membership that has been requested but not applied yet. They
// are made one after the other: raft takes no second one before the first is
// applied.
type change struct {
	what   sim.Change
	who    sim.MemberID
	name   string
	number uint64 // names it in the log
	term   uint64 // in which it stands in a leader's log; 0: in none
	done   func(error)
}

func (c *change) String() string {
	return [...]string{sim.AddLearner: "add-learner", sim.Promote: "promote", sim.Remove: "remove"}[c.what] + " " + c.name
}

// Change begins a change of the membership.
func (c cluster) Change(what sim.Change, who sim.MemberID) error {
	r := c.r
	r.changeCount++
	r.changes = append(r.changes, &change{what: what, who: who, name: r.member(who).name, number: r.changeCount,
		done: r.errand.begin()})
	if len(r.changes) == 1 {
		r.tryChange(r.changes[0])
	}
	return nil
}

// tryChange proposes the first change in line, again every RetryEvery until a
// leader takes it into its log.
func (r *run) tryChange(c *change) {
	if r.over || len(r.changes) == 0 || r.changes[0] != c || c.term != 0 {
		return
	}
	settled, err := r.settled(c)
	if settled || err != nil {
		r.nextChange(err)
		return
	}
	if l := r.leader(); l != nil && !l.paused && l.ready(c) {
		l.do(func() { l.proposeChange(c) })
	}
	if c.term == 0 {
		r.after(sim.RetryEvery, func() { r.tryChange(c) })
	}
}

// nextChange ends the first change in line, with what was wrong with it, and goes on with
// the next.
func (r *run) nextChange(err error) {
	done := r.changes[0].done
	r.changes = r.changes[1:]
	done(err)
	if len(r.changes) > 0 {
		next := r.changes[0]
		r.after(0, func() { r.tryChange(next) })
	}
}

// settled reports whether there is nothing to do, or why it can't be done.
func (r *run) settled(c *change) (bool, error) {
	role := r.config.role(c.who)
	in := role != sim.RoleNone
	switch {
	case c.what == sim.AddLearner:
		if r.member(c.who).removed {
			return false, refused("%s was removed; a new member needs a new name", c.name)
		}
		return in, nil
	case c.what == sim.Remove && in && role == sim.Follower && r.config.voters() == 1:
		return false, refused("%s is the only voter", c.name)
	case c.what == sim.Remove:
		return !in, nil
	case !in:
		return false, refused("%s is not a member", c.name)
	}
	return role == sim.Follower, nil
}

// ready reports whether the leader would take the change: a learner must have nine
// tenths of its log to be promoted, as in etcd.
func (m *member) ready(c *change) bool {
	if c.what != sim.Promote {
		return true
	}
	var own, learner uint64
	m.node.WithProgress(func(id uint64, _ raft.ProgressType, p tracker.Progress) {
		switch id {
		case uint64(m.id):
			own = p.Match
		case uint64(c.who):
			learner = p.Match
		}
	})
	return learner*10 >= own*9 && learner > 0
}

// proposeChange steps the change into the leader's raft, which may refuse it: it
// then puts an empty entry in its place.
func (m *member) proposeChange(c *change) {
	kind := map[sim.Change]pb.ConfChangeType{sim.AddLearner: pb.ConfChangeAddLearnerNode,
		sim.Promote: pb.ConfChangeAddNode, sim.Remove: pb.ConfChangeRemoveNode}[c.what]
	msg := &pb.Message{Type: pb.MsgProp.Enum(), From: new(uint64(m.id)), Entries: []*pb.Entry{{
		Type: pb.EntryConfChange.Enum(),
		Data: encodeChange(&pb.ConfChange{Id: new(c.number), Type: kind.Enum(), NodeId: new(uint64(c.who))}),
	}}}
	term := m.peek.term()
	if m.node.Step(msg) == nil && msg.Entries[0].GetType() == pb.EntryConfChange {
		c.term = term
	}
}

func encodeChange(c *pb.ConfChange) []byte {
	b, err := proto.Marshal(c)
	if err != nil {
		panic(err) // plain numbers always encode
	}
	return b
}

// judgeChanges finds out that the change under way, or a compaction, is lost: an entry of a
// later term is applied, and it was not among those before.
func (r *run) judgeChanges(term uint64) {
	r.endCompactions(func(c *compaction) bool { return c.term < term }, errLost)
	if len(r.changes) == 0 {
		return
	}
	if c := r.changes[0]; c.term != 0 && c.term < term {
		c.term = 0
		r.after(sim.RetryEvery, func() { r.tryChange(c) })
	}
}

// applyChange takes a new configuration from the log.
func (m *member) applyChange(e *pb.Entry) {
	c := &pb.ConfChange{}
	if err := proto.Unmarshal(e.GetData(), c); err != nil {
		panic(err) // this engine wrote it
	}
	m.adopt(m.node.ApplyConfChange(c), e.GetIndex())
	if len(m.r.changes) > 0 && m.r.changes[0].number == c.GetId() && c.GetId() != 0 {
		m.r.nextChange(nil)
	}
}

// adopt makes a configuration the member's own and sees to what follows from it.
func (m *member) adopt(conf *pb.ConfState, index uint64) {
	before, after := newConfig(m.conf, 0), newConfig(conf, index)
	m.conf = conf
	m.disk.confs = append(m.disk.confs, confAt{index, conf})
	for _, o := range m.r.members {
		was, is := before.role(o.id), after.role(o.id)
		if was == is {
			continue
		}
		m.record(sim.Event{Kind: sim.KindMembership, Peer: o.id, Role: is, Index: index})
		if is == sim.RoleNone {
			m.showOut(o)
		} else if !o.started {
			m.r.after(0, func() { o.join() })
		}
	}
	if index > m.r.config.index {
		m.r.config = after
	}
}

// join starts a new member on its empty disk.
func (m *member) join() {
	if !m.started {
		m.restart()
	}
}

// leaveDelay is how long etcd lets a member run that has removed itself, so that
// the others hear of it.
const leaveDelay = time.Second

// showOut stops a removed member, which hears of it from itself or from the first
// member that closes the connection.
func (m *member) showOut(o *member) {
	o.removed = true
	if o == m {
		m.later(leaveDelay, m.leave)
		return
	}
	m.turnAway(o)
}

// turnedAway reports whether a message comes from a removed member, and lets that one
// know.
func (m *member) turnedAway(from sim.MemberID) bool {
	o := m.r.member(from)
	if !o.removed || newConfig(m.conf, 0).role(from) != sim.RoleNone {
		return false
	}
	m.turnAway(o)
	return true
}

// turnAway tells a removed member so, if the links between the two work.
func (m *member) turnAway(o *member) {
	to, back := m.r.link(m.id, o.id), m.r.link(o.id, m.id)
	if o.up && !to.state.Cut && !back.state.Cut {
		o.later(m.r.latency(to), o.leave)
	}
}

// leave ends the process of a removed member.
func (m *member) leave() {
	m.record(sim.Event{Kind: sim.KindCrashed, Note: "removed from the cluster"})
	m.stop()
}

// config is a configuration and the index of the entry that made it.
type config struct {
	index uint64
	roles []sim.Role // by member: Follower for those that vote
}

func newConfig(c *pb.ConfState, index uint64) config {
	out := config{index: index}
	set := func(ids []uint64, role sim.Role) {
		for _, id := range ids {
			for uint64(len(out.roles)) <= id {
				out.roles = append(out.roles, sim.RoleNone)
			}
			out.roles[id] = role
		}
	}
	set(c.GetVoters(), sim.Follower)
	set(c.GetLearners(), sim.Learner)
	return out
}

// role is a member's, or RoleNone.
func (c config) role(m sim.MemberID) sim.Role {
	if int(m) < len(c.roles) {
		return c.roles[m]
	}
	return sim.RoleNone
}

func (c config) voters() (n int) {
	for _, role := range c.roles {
		if role == sim.Follower {
			n++
		}
	}
	return n
}
