package raftsim

import (
	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
)

// newNode is the member's raft, made from its disk and its configuration.
func (m *member) newNode() (*raft.RawNode, peek) {
	c := &m.has
	reads := raft.ReadOnlySafe
	if m.r.s.Workload.Reads == sim.ReadLease {
		reads = raft.ReadOnlyLeaseBased
	}
	n, err := raft.NewRawNode(&raft.Config{
		ID:                 uint64(m.id),
		ElectionTick:       m.lo,
		HeartbeatTick:      m.beat,
		Storage:            storage{m},
		Applied:            m.applied,
		AsyncStorageWrites: c.Disk.Mode == "async",
		MaxSizePerMsg:      1 << 20, // this and the next are etcd's
		MaxInflightMsgs:    512,
		CheckQuorum:        c.CheckQuorum,
		PreVote:            c.PreVote,
		ReadOnlyOption:     reads,
		StepDownOnRemoval:  c.StepDownOnRemoval,
		Logger:             logger{},
	})
	if err != nil {
		panic(err) // the scenario was checked: a bug of ours
	}
	widen(n, m.conf)
	return n, peekInto(n)
}

// widen brings a new node from the one voter of firstOf to a configuration, by one joint
// change. raft itself adds the members one by one and copies those it has for each, which
// takes the third power of the cluster's size until all of it is up.
func widen(n *raft.RawNode, conf *pb.ConfState) {
	if rest := restOf(conf); len(rest) > 0 {
		n.ApplyConfChange(&pb.ConfChangeV2{Transition: pb.ConfChangeTransitionJointExplicit.Enum(), Changes: rest})
		n.ApplyConfChange(&pb.ConfChangeV2{})
	}
}

// firstOf is a configuration's first voter alone. A joint one, which few have for long, stays whole.
func firstOf(c *pb.ConfState) *pb.ConfState {
	if isJoint(c) {
		return c
	}
	return &pb.ConfState{Voters: c.GetVoters()[:min(1, len(c.GetVoters()))]}
}

// restOf are the changes that lead from there to the whole.
func restOf(c *pb.ConfState) (rest []*pb.ConfChangeSingle) {
	add := func(kind pb.ConfChangeType, ids []uint64) {
		for _, id := range ids {
			rest = append(rest, &pb.ConfChangeSingle{Type: kind.Enum(), NodeId: new(id)})
		}
	}
	if len(c.GetVoters()) > 0 && !isJoint(c) {
		add(pb.ConfChangeAddNode, c.GetVoters()[1:])
		add(pb.ConfChangeAddLearnerNode, c.GetLearners())
	}
	return rest
}
