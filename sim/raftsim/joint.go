package raftsim

import (
	"encoding/binary"
	"slices"

	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"quorumlab/sim"
)

// Several changes at once, by joint consensus (Raft dissertation, section 4.3; raft's ConfChangeV2): from one entry
// on, what is committed and who is elected takes a majority of the old voters and one of the new, until a second
// entry, which the leader adds by itself, leaves the old ones behind.

// ChangeJointly begins such a change.
func (c cluster) ChangeJointly(cs []sim.MemberChange) error {
	r := c.r
	made := &change{todo: cs, done: []func(error){r.errand.begin()}, errand: r.errand, joint: true}
	r.numberChange(made)
	r.changes = append(r.changes, made)
	r.askChanges()
	return nil
}

// isJoint reports whether a configuration is one of two.
func isJoint(c *pb.ConfState) bool { return len(c.GetVotersOutgoing()) > 0 }

// mayMake returns the leader's refusal of a change, or nil.
func (m *member) mayMake(c *change) error {
	if !c.joint {
		return m.may(c.todo[0])
	}
	return m.mayJointly(c.todo)
}

// mayJointly returns why changes can't be made together, in etcd's words where it has some, or nil.
func (m *member) mayJointly(cs []sim.MemberChange) error {
	conf := newConfig(m.conf, 0)
	voters := conf.voters()
	for _, c := range cs {
		role := conf.role(c.Who)
		switch {
		case c.What == sim.Remove && role == sim.RoleNone:
			return sim.RefusedBy(m.id, errMemberNotFound)
		case c.What == sim.AddVoter && role == sim.Follower:
			return sim.RefusedBy(m.id, errMemberExists)
		case c.What == sim.AddVoter:
			voters++
		case role == sim.Follower:
			voters--
		}
	}
	if voters < 1 {
		return refused("no voter would be left")
	}
	return nil
}

// proposeAny steps a change into the leader's raft.
func (m *member) proposeAny(c *change) {
	if !c.joint {
		m.proposeChange(c)
		return
	}
	v2 := &pb.ConfChangeV2{Transition: pb.ConfChangeTransitionJointImplicit.Enum(),
		Context: binary.AppendUvarint(nil, c.number)}
	for _, one := range c.todo {
		kind := pb.ConfChangeAddNode
		if one.What == sim.Remove {
			kind = pb.ConfChangeRemoveNode
		}
		v2.Changes = append(v2.Changes, &pb.ConfChangeSingle{Type: kind.Enum(), NodeId: new(uint64(one.Who))})
	}
	data, err := proto.Marshal(v2)
	if err != nil {
		panic(err) // plain numbers always encode
	}
	msg := &pb.Message{Type: pb.MsgProp.Enum(), From: new(uint64(m.id)), Entries: []*pb.Entry{{
		Type: pb.EntryConfChangeV2.Enum(), Data: data,
	}}}
	term := m.peek.term()
	if m.node.Step(msg) == nil && msg.Entries[0].GetType() == pb.EntryConfChangeV2 {
		c.term, c.by = term, m.id
	}
}

// applyJoint enters a joint configuration, or leaves one. A change that is not possible any more changes nothing.
func (m *member) applyJoint(e *pb.Entry) {
	v2 := &pb.ConfChangeV2{}
	if err := proto.Unmarshal(e.GetData(), v2); err != nil {
		panic(err) // this engine wrote it, or raft
	}
	if len(v2.GetChanges()) == 0 {
		m.adopt(m.node.ApplyConfChange(v2), e.GetIndex())
		m.jointChange(func(c *change) bool { return c.halfway }, func(c *change) { m.r.endChange(c, nil) })
		return
	}
	number, _ := binary.Uvarint(v2.GetContext())
	err := m.mayJointly(changesIn(v2))
	if err == nil {
		m.adopt(m.node.ApplyConfChange(v2), e.GetIndex())
	} else {
		none := &pb.ConfChange{Type: pb.ConfChangeAddNode.Enum(), NodeId: new(uint64(0))}
		m.adopt(m.node.ApplyConfChange(none), e.GetIndex())
	}
	m.jointChange(func(c *change) bool { return c.number == number && c.term != 0 && !c.halfway }, func(c *change) {
		if err != nil {
			m.r.refuseChange(c, err)
			m.r.askChangesIn(0)
		} else {
			c.halfway = true
		}
	})
}

func changesIn(v2 *pb.ConfChangeV2) (cs []sim.MemberChange) {
	for _, one := range v2.GetChanges() {
		what := sim.AddVoter
		if one.GetType() == pb.ConfChangeRemoveNode {
			what = sim.Remove
		}
		cs = append(cs, sim.MemberChange{What: what, Who: sim.MemberID(one.GetNodeId())})
	}
	return cs
}

// jointChange does something with the joint change that fits, if there is one.
func (m *member) jointChange(fits func(*change) bool, do func(*change)) {
	if i := slices.IndexFunc(m.r.changes, func(c *change) bool { return c.joint && fits(c) }); i >= 0 {
		do(m.r.changes[i])
	}
}
