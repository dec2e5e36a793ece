package peerlink

import (
	"go.etcd.io/raft/v3/raftpb"
)

// Fate is what happened to a message on its way.
type Fate uint8

// A message is sent once and then delivered or dropped once. Delivered means written to the
// receiver's connection; a receiver that is paused reads it later.
const (
	Sent Fate = iota + 1
	Delivered
	Dropped
)

func (f Fate) String() string {
	switch f {
	case Sent:
		return "sent"
	case Delivered:
		return "delivered"
	case Dropped:
		return "dropped"
	}
	return "unknown"
}

// Message is what an observer learns of a raft message. It is flat, so that it can be compared and
// kept.
type Message struct {
	ID       uint64 // the same at each of its fates; unique in a network
	From, To int    // member numbers, from 1
	Type     raftpb.MessageType
	Term     uint64
	LogTerm  uint64 // term of the entry at Index
	Index    uint64 // of the entry before the first one carried; in a MsgSnap the snapshot's
	Commit   uint64
	Entries  int    // the number of entries it carries
	Reject   bool   // the answer is no
	Bytes    int    // on the wire, framing included; of a snapshot the raft message alone
	Why      Reason // of a dropped message
}

// Reason is why a message was dropped.
type Reason string

// The reasons. Down: the receiver or the connection to it was gone.
const (
	LostByCut  Reason = "cut"
	LostByLuck Reason = "loss"
	LostDown   Reason = "down"
)

func describe(from, to int, m *raftpb.Message, size int) Message {
	d := Message{
		From: from, To: to, Type: m.GetType(), Term: m.GetTerm(), LogTerm: m.GetLogTerm(),
		Index: m.GetIndex(), Commit: m.GetCommit(), Entries: len(m.Entries), Reject: m.GetReject(), Bytes: size,
	}
	if d.Type == raftpb.MsgSnap && m.Snapshot != nil {
		d.Index, d.LogTerm = m.Snapshot.Metadata.GetIndex(), m.Snapshot.Metadata.GetTerm()
	}
	return d
}
