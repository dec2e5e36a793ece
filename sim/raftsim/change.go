package raftsim

import (
	"errors"
	"slices"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"quorumlab/sim"
)

// change is what a statement asked for: changes of the membership, one after the other, and
// who hears of the end of each. Of all statements' one at a time is in a log: raft takes no second one
// before the first is applied.
type change struct {
	todo    []sim.MemberChange
	done    []func(error)
	retry   bool
	errand  *errand
	joint   bool          // all at once, by joint consensus
	halfway bool          // of which the first half is made
	number  uint64        // names the first one in the log
	term    uint64        // in which it stands in a leader's log; 0: in none
	by      sim.MemberID  // who leads there, and answers
	rests   time.Duration // until when, as it was refused and is to be asked for again
}

// Change begins changes of the membership.
func (c cluster) Change(cs []sim.MemberChange, retry bool) error {
	r := c.r
	made := &change{todo: cs, retry: retry, errand: r.errand}
	for range cs {
		made.done = append(made.done, r.errand.begin())
	}
	r.numberChange(made)
	r.changes = append(r.changes, made)
	r.askChanges()
	return nil
}

func (r *run) numberChange(c *change) {
	r.changeCount++
	c.number = r.changeCount
}

// askChanges asks the leader for the changes in the order of their statements, one at a time. One that was
// refused and is to be asked for again lets the others pass meanwhile.
func (r *run) askChanges() {
	for len(r.changes) > 0 && !r.over {
		i := slices.IndexFunc(r.changes, func(c *change) bool { return r.now >= c.rests })
		if i < 0 || slices.ContainsFunc(r.changes, func(c *change) bool { return c.term != 0 }) {
			return
		}
		c := r.changes[i]
		l := r.leader()
		if l == nil || l.paused {
			r.askChangesIn(sim.RetryEvery)
			return
		}
		if err := l.mayMake(c); err != nil {
			r.refuseChange(c, err)
			continue
		}
		l.do(func() { l.proposeAny(c) })
		if c.term == 0 && slices.Contains(r.changes, c) { // raft did not take it
			r.askChangesIn(sim.RetryEvery)
			return
		}
	}
}

func (r *run) askChangesIn(d time.Duration) { r.after(d, r.askChanges) }

// refuseChange takes the cluster's refusal of a change.
func (r *run) refuseChange(c *change, err error) {
	if !c.retry || alreadyMade(c.todo[0].What, err) {
		r.endChange(c, err)
		return
	}
	c.term, c.rests, c.errand.why = 0, r.now+sim.RetryEvery, err
	r.askChangesIn(sim.RetryEvery)
}

// alreadyMade reports whether a refusal says that there is nothing left to do: it would be repeated for ever.
func alreadyMade(what sim.Change, err error) bool {
	return errors.Is(err, map[sim.Change]error{sim.AddLearner: errMemberExists, sim.Promote: errNotLearner,
		sim.Remove: errMemberNotFound}[what])
}

// endChange ends the change that a statement waits for, with what was wrong with it, and goes on
// with the next.
func (r *run) endChange(c *change, err error) {
	c.term = 0
	done := c.done[0]
	c.todo, c.done = c.todo[1:], c.done[1:]
	if c.joint {
		c.todo = nil
	}
	if len(c.todo) == 0 {
		r.changes = slices.DeleteFunc(r.changes, func(o *change) bool { return o == c })
	} else {
		r.numberChange(c)
	}
	done(err)
	if len(r.changes) > 0 {
		r.askChangesIn(0)
	}
}

// proposeChange steps the change into the leader's raft, which may refuse it: it
// then puts an empty entry in its place.
func (m *member) proposeChange(c *change) {
	first := c.todo[0]
	kind := map[sim.Change]pb.ConfChangeType{sim.AddLearner: pb.ConfChangeAddLearnerNode,
		sim.Promote: pb.ConfChangeAddNode, sim.Remove: pb.ConfChangeRemoveNode}[first.What]
	msg := &pb.Message{Type: pb.MsgProp.Enum(), From: new(uint64(m.id)), Entries: []*pb.Entry{{
		Type: pb.EntryConfChange.Enum(),
		Data: encodeChange(&pb.ConfChange{Id: new(c.number), Type: kind.Enum(), NodeId: new(uint64(first.Who))}),
	}}}
	term := m.peek.term()
	if m.node.Step(msg) == nil && msg.Entries[0].GetType() == pb.EntryConfChange {
		c.term, c.by = term, m.id
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
	for _, c := range r.changes {
		if c.term != 0 && c.term < term && !c.halfway {
			c.term = 0
			r.askChangesIn(sim.RetryEvery)
		}
	}
}

// applyChange takes a new configuration from the log. One that is not possible any more changes nothing. Those of a
// cluster's first members have no number, and are not judged.
func (m *member) applyChange(e *pb.Entry) {
	if e.GetType() == pb.EntryConfChangeV2 {
		m.applyJoint(e)
		return
	}
	c := &pb.ConfChange{}
	if err := proto.Unmarshal(e.GetData(), c); err != nil {
		panic(err) // this engine wrote it
	}
	var err error
	if c.GetId() != 0 {
		if err = m.validate(c); err != nil {
			c.NodeId = new(uint64(raft.None))
		}
	}
	m.adopt(m.node.ApplyConfChange(c), e.GetIndex())
	for _, asked := range m.r.changes {
		if asked.number != c.GetId() || asked.term == 0 {
			continue
		}
		if err != nil {
			m.r.refuseChange(asked, sim.RefusedBy(asked.by, err))
			m.r.askChangesIn(0) // others, if it is to be asked again
		} else {
			m.r.endChange(asked, nil)
		}
		break
	}
}

// adopt makes a configuration the member's own and sees to what follows from it.
func (m *member) adopt(conf *pb.ConfState, index uint64) {
	before, after := newConfig(m.conf, 0), newConfig(conf, index)
	m.conf = conf
	m.disk.confs = append(m.disk.confs, confAt{index, conf})
	for _, o := range m.r.members {
		was, is := before.role(o.id), after.role(o.id)
		if was == is || index < o.changedAt && o == m {
			continue // of an earlier member of its name it takes no notice
		}
		m.record(sim.Event{Kind: sim.KindMembership, Peer: o.id, Role: is, Index: index})
		if index < o.changedAt {
			continue // what has become of it since is known
		}
		o.changedAt = index
		if is == sim.RoleNone {
			m.showOut(o)
		} else if !o.started || o.removed {
			m.r.after(0, func() { o.join() })
		}
	}
	if index > m.r.config.index {
		m.r.config = after
	}
}

// join starts a new member on its empty disk. It may have the name of one that was removed: of that one nothing is
// left, and messages of and to it are dropped, as those with an ID that was removed are in etcd.
func (m *member) join() {
	if m.started && !m.removed {
		return
	}
	if m.up {
		m.crash()
	}
	if m.removed {
		m.disk.wipe()
		m.removed, m.published = false, false
		m.bearer++
		m.bornAt = m.changedAt
	}
	m.restart()
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
	set(c.GetVotersOutgoing(), sim.Follower) // they vote until the joint configuration is left
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
