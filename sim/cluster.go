package sim

import "time"

// Power is something small that a fault may ask of a running cluster. An engine
// that lacks one refuses the statements that need it before a run starts.
type Power string

// The powers.
const (
	PowerCut       Power = "cut links"
	PowerDelay     Power = "delay links"
	PowerLose      Power = "lose messages"
	PowerDuplicate Power = "duplicate messages"
	PowerReorder   Power = "reorder messages"
	PowerLimit     Power = "limit a link's speed"
	PowerCrash     Power = "crash and start members"
	PowerPause     Power = "pause members"
	PowerSlowDisk  Power = "slow a disk"
	PowerStallDisk Power = "stall a disk"
	PowerFillDisk  Power = "fill a disk"
	PowerLoseDisk  Power = "lose unsynced writes"
	PowerWipe      Power = "wipe a disk"
	PowerDrift     Power = "drift a clock"
	PowerMembers   Power = "change the membership"
	PowerTransfer  Power = "move the leadership"
	PowerLoad      Power = "change the load"
	PowerPut       Power = "write a key"
	PowerCompact   Power = "compact the store"
)

// MemberStatus is what a selector needs to know of a member.
type MemberStatus struct {
	ID      MemberID
	Up      bool // its process runs (a paused one is up)
	Learner bool
}

// Cluster is a running cluster as the statements see it: a few small powers. Its
// methods are called one at a time, from the goroutine that carries out the
// script. They act at once and return; what follows from them shows in the trace.
//
// Setting a link or a disk replaces its whole state, and the state it had before
// is the injector's business: an engine keeps no history of faults.
type Cluster interface {
	// Members lists those that belong to the cluster now, in order of their IDs.
	Members() []MemberStatus
	// Leader is the member that leads in the highest term and is up, or 0.
	Leader() MemberID

	SetLink(from, to MemberID, s LinkState)
	SetDisk(m MemberID, s DiskState)
	// SetDrift makes the member's clock run fast (above 0) or slow by a share.
	SetDrift(m MemberID, s Share)
	// SetLoad sets the open loop's rate, stops the load (0), or lets each client go
	// on in a closed loop (ClosedLoop).
	SetLoad(rate int)

	// Crash kills the member's process: what its disk kept stays. Start starts it again
	// from there. Both do nothing on a member that is so already.
	Crash(m MemberID) error
	Start(m MemberID) error
	// Pause stops the process where it stands, as SIGSTOP does; Resume continues it.
	Pause(m MemberID) error
	Resume(m MemberID) error
	// Wipe empties the disk of a member that is down.
	Wipe(m MemberID) error

	// Change begins a change of the membership. The engine proposes it to the leader
	// until it is accepted or the run ends: a promotion waits until the learner has
	// caught up.
	Change(c Change, m MemberID) error
	// MoveLeader begins a transfer of the leadership.
	MoveLeader(to MemberID) error
	// Put writes a key as one more client would; it is part of the history.
	Put(key, text string) error
	// Compact drops the store's revisions up to rev, or up to the newest one (0).
	Compact(rev int64) error
}

// Change is a change of the membership.
type Change uint8

// The changes. AddLearner also starts the new member; Remove stops the removed one.
const (
	AddLearner Change = iota + 1
	Promote
	Remove
)

// LinkState is everything that is wrong with a link in one direction at the
// moment, on top of its healthy latency and loss. The zero value is a healthy link.
type LinkState struct {
	Cut       bool // nothing arrives; connections stay up, as behind a silent firewall
	Delay     Law
	Loss      Share
	Duplicate Share
	Reorder   Share // of the messages are held back by up to four times the latency and let later ones pass
	Limit     Size  // bytes a second; 0: none
}

// DiskState is everything that is wrong with a disk at the moment. The zero value
// is a healthy disk.
type DiskState struct {
	Slow    Law  // added to each fsync
	Stalled bool // no write ends
	Full    bool // every write fails, and etcd stops on the first
	Lying   bool // fsync returns but keeps nothing: a crash loses all since the fault began
}

// ClosedLoop is the rate of a load without one: see Workload.
const ClosedLoop = -1

// RetryEvery is how long an engine waits before it tries a statement again that
// needs a leader while there is none.
const RetryEvery = 10 * time.Millisecond
