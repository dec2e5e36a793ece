package cluster

import (
	"context"
	"sync"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim/etcdsim/cluster/apart"
)

// apartNode stands before a member's raft, and lets what the member itself asks of it have moments of their own, as
// messages have. raft's goroutine takes what is there in any order, by a choice of Go's runtime: a proposal that waits
// for a leader may or may not be in the first batch that the leader writes, and a question for a read that follows from
// applied entries may or may not be in the next one.
type apartNode struct {
	raft.Node
	lead         func() uint64   // whom the member follows, 0 for nobody
	over         <-chan struct{} // closed when the member is cut off
	propose, ask *apart.Turns

	mu    sync.Mutex
	known chan struct{} // closed while there is a leader
	is    bool
}

func newApartNode(n raft.Node, member int, lead func() uint64, over <-chan struct{}) *apartNode {
	return &apartNode{Node: n, lead: lead, over: over, known: make(chan struct{}),
		propose: apart.NewTurns(apart.Of(apart.Proposal, member, 0)), ask: apart.NewTurns(apart.Of(apart.Read, member, 0))}
}

// look notices that a leader is there, or is not any more. raft's loop calls it with each batch.
func (n *apartNode) look() {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch is := n.lead() != 0; {
	case is && !n.is:
		close(n.known)
		n.is = true
	case !is && n.is:
		n.known, n.is = make(chan struct{}), false
	}
}

// led waits until there is a leader, or somebody has no time for that any more.
func (n *apartNode) led(ctx context.Context) {
	n.mu.Lock()
	known := n.known
	n.mu.Unlock()
	select {
	case <-known:
	case <-n.over:
	case <-ctx.Done():
	}
}

// Propose is raft's, at a moment of its own after there is a leader.
func (n *apartNode) Propose(ctx context.Context, data []byte) error {
	n.led(ctx)
	n.propose.Await(data)
	return n.Node.Propose(ctx, data)
}

// ProposeConfChange is like Propose.
func (n *apartNode) ProposeConfChange(ctx context.Context, cc raftpb.ConfChangeI) error {
	n.led(ctx)
	n.propose.Await(nil)
	return n.Node.ProposeConfChange(ctx, cc)
}

// Step is raft's: messages are apart already, but for proposals of others that wait for a leader.
func (n *apartNode) Step(ctx context.Context, m *raftpb.Message) error {
	if m.GetType() != raftpb.MsgProp {
		return n.Node.Step(ctx, m)
	}
	n.led(ctx)
	var data []byte
	for _, e := range m.GetEntries() {
		data = append(data, e.GetData()...)
	}
	n.propose.Await(data)
	return n.Node.Step(ctx, m)
}

// ReadIndex is raft's, at a moment of its own.
func (n *apartNode) ReadIndex(ctx context.Context, what []byte) error {
	n.ask.Await(what)
	return n.Node.ReadIndex(ctx, what)
}
