package sim

import (
	"fmt"
	"time"
)

// Power is a small thing that a fault may ask of a running cluster. An engine
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
	PowerJoint     Power = "change several members at once" // JointChanger
	PowerTransfer  Power = "move the leadership"
	PowerCampaign  Power = "call an election" // Campaigner
	PowerLoad      Power = "change the load"
	PowerPut       Power = "write a key"
	PowerCompact   Power = "compact the store"
	PowerStore     Power = "fill, defragment or limit a database file" // StoreOperator
	PowerBackup    Power = "save and restore snapshots"                // BackupOperator
	PowerOldData   Power = "put old data back"                         // DataKeeper
	PowerDamage    Power = "damage a member's files"                   // Damager
	PowerWatch     Power = "watch a key"                               // Watcher
	PowerAccess    Power = "tell clients apart by their certificates"  // AccessOperator
	PowerClients   Power = "cut off, delay and pause clients"          // ClientHost
	PowerLease     Power = "grant leases"                              // LeaseOperator
	PowerLock      Power = "have clients take locks"                   // LockOperator
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
	// SetLoad has the clients begin their operations at a pace from now on.
	SetLoad(p Pace)

	// Crash kills the member's process: what its disk kept stays. Start starts it again
	// from there. Both do nothing if the member is in that state already.
	Crash(m MemberID) error
	Start(m MemberID) error
	// Pause stops the process where it stands, as SIGSTOP does; Resume continues it.
	Pause(m MemberID) error
	Resume(m MemberID) error
	// Wipe empties the disk of a member that is down.
	Wipe(m MemberID) error

	// Change begins changes of the membership, one after the other. Each waits for a leader where there is none.
	// What the leader refuses, by the rules of etcd's server, is over; with retry it is asked for again until it
	// is taken, or the run ends.
	Change(cs []MemberChange, retry bool) error
	// MoveLeader begins a transfer of the leadership.
	MoveLeader(to MemberID) error
	// Put writes a key as one more client would; it is part of the history.
	Put(key, text string) error
	// Compact drops the store's revisions up to rev, or up to the newest one (0).
	Compact(rev int64) error
}

// JointChanger is a Cluster that can make several changes of its members at once (PowerJoint).
type JointChanger interface {
	// ChangeJointly begins changes (AddVoter and Remove) that take effect together, by joint consensus. It waits
	// for a leader as Cluster.Change does, and a refusal is over.
	ChangeJointly(cs []MemberChange) error
}

// Campaigner is a Cluster whose members can be told to campaign
// (PowerCampaign).
type Campaigner interface {
	// Campaign has a member that is up campaign without waiting for its
	// election timeout.
	Campaign(m MemberID) error
}

// Configurer is a Cluster whose members can differ in their settings.
type Configurer interface {
	// Configure changes settings of a member from its next start on. The error is that the member could not
	// start with them.
	Configure(m MemberID, s MemberSettings) error
}

// StoreOperator is a Cluster whose members have database files (PowerStore). As
// with Cluster its methods begin what takes time, and the trace says what came of
// it; an error means that it could not begin. Fill, Delete, Defrag, Disarm and
// Compact are carried out in the order of their calls, each when the one before it
// is done: on a slow machine the stages of a script come late, but do not overlap.
type StoreOperator interface {
	// Fill writes n keys (FillKey) of that many bytes each, a few at a time, as fast as
	// the cluster answers. A second Fill overwrites them. It tries again what was not
	// acknowledged, and ends early when the store refuses for lack of space.
	Fill(n int64, value Size) error
	// Delete removes the first n of these keys, in one request.
	Delete(n int64) error
	// Defrag rewrites the members' database files one after the other, the leader's last.
	// A member that is asked while somebody reads a snapshot from it stands still until
	// that read has ended.
	Defrag(ms []MemberID) error
	// SetQuota limits the size of the database files, from each member's next start.
	SetQuota(q Size) error
	// Disarm clears all alarms.
	Disarm() error
	// HoldSnapshot asks the member for a snapshot and reads no more than its first bytes,
	// so that the read transaction behind it stays open; release lets it go.
	HoldSnapshot(m MemberID) (release func() error, err error)
	// Kubernetes adds the load that a Kubernetes cluster of this many nodes and pods puts
	// on etcd, until stop is called.
	Kubernetes(nodes, pods int64) (stop func() error, err error)
}

// FillKey is the key that Fill writes as number i, from 0. Keys sort by number, so
// that one request can delete a range of them.
func FillKey(i int64) string { return fmt.Sprintf("fill/%08d", i) }

// BackupOperator is a Cluster that can be saved and restored (PowerBackup).
type BackupOperator interface {
	// Snapshot saves the store as one member has it.
	Snapshot() error
	// Restore ends all members and starts a new cluster of the same names from the
	// newest snapshot. With bump above 0 its revision is that much higher than the
	// snapshot's, and all revisions up to there count as compacted.
	Restore(bump int64) error
	// ForceNewCluster starts a member that is down as the only one in a new cluster
	// with its old data; the others no longer belong to it.
	ForceNewCluster(m MemberID) error
	// CompareHashes has the members' key-value states compared at one revision, as
	// etcd's corruption check does.
	CompareHashes() error
}

// DataKeeper is a Cluster whose members' data can be copied and put back (PowerOldData).
type DataKeeper interface {
	// CopyData keeps a copy of what the member's disk holds now, under a name; an older copy of that name is replaced.
	CopyData(m MemberID, name string) error
	// RestoreData replaces the data of a member that is down by its copy of that name.
	RestoreData(m MemberID, name string) error
}

// Rememberer is a Cluster that knows who belonged to it.
type Rememberer interface {
	// Was reports whether a member is none any more, but has run: its data are still there.
	Was(m MemberID) bool
}

// DataFile is a kind of file that a member keeps.
type DataFile string

// The files. The WAL is the log, the database holds the keys and values, the
// snapshot file says where the log begins.
const (
	FileWAL      DataFile = "WAL"
	FileSnapshot DataFile = "snapshot"
	FileDatabase DataFile = "database"
)

// Damager is a Cluster whose members' files can be damaged (PowerDamage).
type Damager interface {
	// Damage flips bits in the newest file of the kind. A process that has read the file
	// already does not notice until its next start.
	Damage(m MemberID, f DataFile) error
}

// Watcher is a Cluster whose clients can watch (PowerWatch).
type Watcher interface {
	// Watch has a client follow the key, across lost connections as etcd's client does, until stop. The client knows
	// the members of via alone, or all without any.
	Watch(key string, how WatchHow, via []MemberID) (stop func() error, err error)
}

// AccessOperator is a Cluster with TLS (PowerAccess).
type AccessOperator interface {
	// Connect has a client of this kind connect, read a key and write one; the trace
	// says how far it got.
	Connect(k ClientKind) error
	// RotateCerts gives the members new certificates from the same authority, while they run.
	RotateCerts(ms []MemberID) error
}

// ClientHost is a Cluster whose clients have a place (PowerClients). Clients are counted from 1.
type ClientHost interface {
	// SetClientLink changes what is wrong with one direction of a client's way to a member: to the member, or back.
	// Only Cut and Delay are set. As with TCP, nothing gets lost: what was sent meanwhile arrives when a cut has ended.
	SetClientLink(client int, m MemberID, toMember bool, s LinkState)
	// SetClientPaused stops a client's process where it stands, or continues it.
	SetClientPaused(client int, paused bool) error
}

// Change is a change of the membership.
type Change uint8

// The changes. AddLearner also starts the new member, as AddVoter does, which only a JointChanger knows; Remove stops
// the removed one.
const (
	AddLearner Change = iota + 1
	Promote
	Remove
	AddVoter
)

// MemberChange is a change of the membership and whom it concerns.
type MemberChange struct {
	What Change
	Who  MemberID
}

// LinkState is everything that is wrong with a link in one direction at the
// moment, on top of its healthy latency and loss. The zero value is a healthy link.
type LinkState struct {
	Cut       bool // nothing arrives; connections stay up, as behind a silent firewall
	Delay     Distribution
	Loss      Share
	Duplicate Share
	Reorder   Share // of the messages are held back by up to four times the latency and let later ones pass
	Limit     Size  // bytes a second; 0: none
}

// DiskState is everything that is wrong with a disk at the moment. The zero value
// is a healthy disk.
type DiskState struct {
	Slow    Distribution // added to each fsync
	Stalled bool         // no write ends
	Full    bool         // every write fails, and etcd stops on the first
	Lying   bool         // fsync returns but keeps nothing: a crash loses all since the fault began
}

// RetryEvery is how long an engine waits before it tries a statement again that
// needs a leader while there is none.
const RetryEvery = 10 * time.Millisecond
