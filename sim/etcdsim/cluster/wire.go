package cluster

import (
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// What a member in a process of its own and its parent tell each other: one JSON object a line, the
// parent's to the standard input, the member's from the standard output.

// requestKind is what a request asks for.
type requestKind string

const (
	opBoot     requestKind = "boot"
	opStatus   requestKind = "status"
	opCampaign requestKind = "campaign"
	opHash     requestKind = "hash"
	opLeave    requestKind = "leave"
	opDisk     requestKind = "disk"
	opHold     requestKind = "hold"
	opRelease  requestKind = "release"
)

// request is one line to the member. Each is answered.
type request struct {
	ID   uint64
	Kind requestKind
	Boot *bootRequest   `json:",omitempty"`
	Disk *sim.DiskState `json:",omitempty"`
}

// bootRequest is all that a member must know to start.
type bootRequest struct {
	Settings settings
	Disk     diskSettings
}

// report is one line from the member: the answer to the request of that ID, or, when it is 0,
// something that just happened. One thing besides the ID and the error is set, if any.
type report struct {
	ID     uint64             `json:",omitempty"`
	Err    string             `json:",omitempty"`
	Booted *booted            `json:",omitempty"`
	Status *Status            `json:",omitempty"`
	Hash   *Hash              `json:",omitempty"`
	Fact   *memberlog.LogFact `json:",omitempty"`
	Event  event              `json:",omitempty"`
	Died   string             `json:",omitempty"` // with these words; the process ends
}

// booted is where etcd listens.
type booted struct{ Peers, Clients string }

// event is something that happens once.
type event string

const (
	eventReady   event = "ready"   // etcd answers clients
	eventStopped event = "stopped" // it was removed, or has left
)
