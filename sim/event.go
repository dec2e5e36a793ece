package sim

import "time"

// Event is one thing that happened. It is flat and comparable; which fields a
// kind uses, and for what, stands at the kind.
type Event struct {
	Seq    uint64        // place in the run, from 1; verdicts and the report point at it
	At     time.Duration // since the start: virtual time on sim, wall time on etcd
	Kind   Kind
	Member MemberID // where it happened; 0 is the cluster
	Peer   MemberID // the other member, if there is one

	Msg    MsgType // messages: raft's type
	Role   Role
	Op     OpKind
	Result Outcome
	Reject bool   // a message says no
	Count  uint32 // how many: entries, bytes; see the kind
	Client uint32 // client operations: which client, from 1

	ID      uint64 // pairs the two halves of a thing: a message's number, an operation's, a fault's
	Term    uint64
	Index   uint64
	LogTerm uint64
	Commit  uint64

	Key      string
	Value    uint64 // a value's number, unique in a run; 0 is "no such key". Also a hash; see the kind
	Old      uint64 // the value that a compare-and-swap expects
	Revision uint64 // etcd's revision of the whole store

	Note string // a statement's text at fault events; elsewhere for people, and no check reads it
}

// Kind says what an event is.
type Kind uint8

// The kinds, with the fields that each uses besides Seq, At and Kind.
const (
	KindNone Kind = iota

	// Messages. Member is where it happened (the sender of sent, the receiver of
	// delivered, the sender of dropped), Peer the other end, ID the message's number,
	// the same at both ends; Msg, Term, Index, LogTerm, Commit, Reject as in raft's
	// message, Count its entries. Dropped has the reason as Note: "cut", "loss",
	// "down", "paused", "queue full".
	KindSent
	KindDelivered
	KindDropped

	// KindState: Member is now Role in Term and takes Peer for the leader (0: it
	// knows none). Written whenever one of the three changes.
	KindState

	// The log. Appended: an entry of Term at Index, after an entry of LogTerm, with
	// content hash Value, became part of Member's log (in memory; KindSyncDone says
	// when it is on disk). Committed: Member's commit index is now Index. Applied:
	// Member's state machine took the entry of Term at Index, hash Value, which
	// carries the client operation ID (0: none); the store's revision is then
	// Revision. Truncated: entries from Index on were removed from
	// Member's log because they conflict. Compacted: entries up to Index were
	// removed because a snapshot holds them.
	KindAppended
	KindCommitted
	KindApplied
	KindTruncated
	KindCompacted

	// Snapshots of the state machine at Index and Term: made by Member for itself,
	// or installed on Member, received from Peer. Revision is the store's.
	KindSnapshotMade
	KindSnapshotInstalled

	// The disk of Member. SyncBegun: a write of Count entries up to Index is on its
	// way; ID pairs it with SyncDone. Lost: a crash lost what was written but not
	// synced, from Index on (Count entries); Note says what else.
	KindSyncBegun
	KindSyncDone
	KindLost

	// A client's operation. Call: Client asks for Op on Key; Value is what a put or
	// a compare-and-swap writes, Old what the latter expects; ID is the operation's
	// number. Return: the same ID, Client, Op and Key; Result; Value is what a get
	// read (0: absent) or what a compare-and-swap that did not match found there;
	// Value is the written number when a write succeeded; Revision is the answer's
	// revision; Member is who answered, as far as known; Note is the error, and Count
	// the alarm because of which the store refused (0: another reason).
	KindCall
	KindReturn

	// Faults. Begun: a statement took effect; ID is its number, Note its text with
	// the selectors replaced by members, Count the step's place in the script from
	// 1, Member the member it hit when it is exactly one. Statements that last
	// (a partition, a crash) get an Ended with the same ID and Note; those that are
	// over at once (put, move-leader, heal) have only Begun. Failed: the statement was not
	// carried out, or not in full; Count as before, ID too unless nothing had begun, Note is
	// text and reason, and Result the outcome (NotDoneOutcome): failed, it was refused, by Peer
	// if that is a member, and had no effect; unknown, the run ended before it was done; none,
	// it went wrong on the way; ok, it had been carried out and was undone before its time. A Begun
	// before it then, but for the last, only says that it was asked for.
	KindFaultBegun
	KindFaultEnded
	KindFaultFailed

	// Links: data from Member no longer reaches Peer, or does again.
	KindLinkCut
	KindLinkMended

	// A member's process. Started: also at the beginning of the run; Index is the
	// last entry of the log that its disk kept and LogTerm that entry's term, Commit
	// the commit index that it kept (all 0 on an empty disk, and where an engine
	// can't see them). What memory and disk lost is gone from the member's log by
	// then, whether or not a KindLost said so. Panicked: raft or etcd gave up; Note
	// is its message, and the member is down.
	KindStarted
	KindCrashed
	KindPaused
	KindResumed
	KindPanicked

	// KindMembership: Member applied a configuration in which Peer is Role, or no
	// longer a member (RoleNone). Index is the entry's.
	KindMembership

	// The store. StoreCompacted: Member dropped revisions up to Revision. Hash:
	// Member's key-value state at Index and Revision has content hash Value;
	// written at the end of a run for each member that is up, and by compare-hashes,
	// which gives those of one comparison its number as ID (from 1) and knows no
	// Index. Final: a linearizable
	// read of Key after the last operation found Value (0: absent), which the write
	// of Revision put there; written at the end of a run for each key that the
	// clients used, unless the cluster no longer answers. It shows whether
	// an acknowledged write was lost.
	KindStoreCompacted
	KindHash
	KindFinal

	// KindNote is a remark for people. Count 0.
	KindNote

	// The database file of Member. StoreSize: it has Value bytes, of which Old are in
	// use, and the store is at Revision; written when one of the sizes has changed.
	// DefragBegun and DefragEnded: the file is being rewritten, during which the member
	// answers nobody; the latter has the sizes after it, as StoreSize. Alarm: Count is
	// AlarmNoSpace or AlarmCorrupt; Value 1 raises it, 0 clears it.
	KindStoreSize
	KindDefragBegun
	KindDefragEnded
	KindAlarm

	// KindDamaged: a file of Member was damaged; Key says which (DataFile), Note where.
	KindDamaged

	// Backups. SnapshotSaved: a client saved Member's store at Revision, Value bytes.
	// NewCluster: the members are a new cluster from here on, whose terms and indexes
	// begin anew. It was restored from a snapshot of revision Old and is at Revision
	// (higher by the bump, if there was one; Count 1: the revisions up to there count
	// as compacted), or, with Member set, forced from that member's data (Old and
	// Revision 0). Restored, its voters are all that belonged to the old cluster, learners
	// too; forced, Member alone. It is written before the first of them starts.
	KindSnapshotSaved
	KindNewCluster

	// A watch of Key by Client, ID its number. Begun: from Revision on, also when the client goes on after the server has
	// ended it; Count 1 is a watch of all keys that begin so; Member is the one that is asked, if it is exactly one.
	// Event: the write of Value to Key in Revision arrived (0: deleted), in the answer number Count of the watch. Ended:
	// by the server (Result failed), since what it asks for is compacted up to Revision, or, with Revision 0, for the
	// reason in Note; or by the script (ok).
	KindWatchBegun
	KindWatchEvent
	KindWatchEnded

	// Access. Access: a client of the kind Client (ClientKindOf) wanted Op on Key at
	// Member and came as far as Count (AccessStage). Result: ok; failed, it was refused
	// there; or unknown, something else kept it from finding out. Note is the error that
	// it saw. Certificate: from now on Member shows a new certificate, of serial number
	// Value, to those that connect; Key says to whom, "clients" or "peers".
	KindAccess
	KindCertificate

	// KindAlert: the alert rule Key is now in the state Count for Member (0: for the
	// cluster): 0 inactive, 1 pending, 2 firing (AlertState). Note is the value and what
	// it is about. Metric: a scrape of Member found the metric Key at Value, or did not
	// find it (Count 0, otherwise 1); written when that has changed.
	KindAlert
	KindMetric

	// KindFaultDone: the last part of a statement that takes its time was done; ID, Note and
	// Count as in its Begun. A statement that is done as soon as it has begun has none, nor have
	// the traces of earlier versions.
	KindFaultDone

	// Leases. Asked: Client asks for something of the lease with the number ID and the name Key; Count says what
	// (LeaseGrant and so on), and Index numbers the requests of one lease. For a grant, Value is its time to live and
	// Old how many keys are on it. Answered: the same ID, Client, Key, Count and Index; Result; Value is the time to
	// live from then on, in milliseconds, and 0 when the cluster has no such lease; Member is who answered, as far as
	// known; Note is the error. Lease: Count says what became of it (LeaseKept and so on): its Client keeps it alive
	// from now on, or no longer, by the script (Result ok) or because it has given up (failed); its keys were written
	// in Revision; or it has ended, so that they are gone in Revision, which Member showed first.
	KindLeaseAsked
	KindLeaseAnswered
	KindLease

	// KindWatchProgress: the server said that the watch ID of Key by Client has had everything up to Revision.
	KindWatchProgress

	kinds // how many there are
)

var kindNames = [...]string{"", "sent", "delivered", "dropped", "state",
	"appended", "committed", "applied", "truncated", "compacted",
	"snapshot-made", "snapshot-installed", "sync-begun", "sync-done", "lost",
	"call", "return", "fault-begun", "fault-ended", "fault-failed",
	"link-cut", "link-mended", "started", "crashed", "paused", "resumed", "panicked",
	"membership", "store-compacted", "hash", "final", "note",
	"store-size", "defrag-begun", "defrag-ended", "alarm", "damaged", "snapshot-saved", "new-cluster",
	"watch-begun", "watch-event", "watch-ended", "access", "certificate", "alert", "metric", "fault-done",
	"lease-asked", "lease-answered", "lease", "watch-progress"}

func (k Kind) String() string { return name(kindNames[:], int(k)) }

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name; an unknown one is an error.
func (k *Kind) UnmarshalText(b []byte) error { return parseName(k, kindNames[:], "event kind", b) }

// The alarms of a store, with etcd's numbers. While one is on, etcd refuses what it
// forbids: NOSPACE, raised by the first write that finds a database file above its
// quota, all writes but deletes; CORRUPT, all requests. That first write is applied
// before it is refused, so the outcome of a write that a store without space refuses
// is unknown.
const (
	AlarmNoSpace uint32 = 1
	AlarmCorrupt uint32 = 2
)

// KindSet is a set of kinds.
type KindSet uint64

// AllKinds holds every kind.
const AllKinds = KindSet(1<<kinds - 1)

// Kinds is the set of the given kinds.
func Kinds(ks ...Kind) KindSet {
	var s KindSet
	for _, k := range ks {
		s |= 1 << k
	}
	return s
}

// Has reports whether k is in the set.
func (s KindSet) Has(k Kind) bool { return s>>k&1 != 0 }

// HighRate are the kinds that come with each message and each log entry. A
// recorder may leave them out: the safety checks see them all the same, as
// observers, and of the measures only messages.* and catchup are then absent.
const HighRate = KindSet(1<<KindSent | 1<<KindDelivered | 1<<KindDropped |
	1<<KindAppended | 1<<KindApplied | 1<<KindCommitted | 1<<KindSyncBegun | 1<<KindSyncDone)

// MsgType is raft's message type, with raftpb's numbers.
type MsgType uint8

var msgNames = [...]string{"MsgHup", "MsgBeat", "MsgProp", "MsgApp", "MsgAppResp", "MsgVote",
	"MsgVoteResp", "MsgSnap", "MsgHeartbeat", "MsgHeartbeatResp", "MsgUnreachable",
	"MsgSnapStatus", "MsgCheckQuorum", "MsgTransferLeader", "MsgTimeoutNow", "MsgReadIndex",
	"MsgReadIndexResp", "MsgPreVote", "MsgPreVoteResp"}

// The message types that travel between members.
const (
	MsgProp           MsgType = 2
	MsgApp            MsgType = 3
	MsgAppResp        MsgType = 4
	MsgVote           MsgType = 5
	MsgVoteResp       MsgType = 6
	MsgSnap           MsgType = 7
	MsgHeartbeat      MsgType = 8
	MsgHeartbeatResp  MsgType = 9
	MsgTransferLeader MsgType = 13
	MsgTimeoutNow     MsgType = 14
	MsgReadIndex      MsgType = 15
	MsgReadIndexResp  MsgType = 16
	MsgPreVote        MsgType = 17
	MsgPreVoteResp    MsgType = 18
)

func (m MsgType) String() string { return name(msgNames[:], int(m)) }

// OpKind is what a client asks for.
type OpKind uint8

// The operations. OpCAS writes Value if the key holds Old (0: does not exist), in
// one transaction, and otherwise returns what it found.
const (
	OpNone OpKind = iota
	OpPut
	OpGet
	OpCAS
	// OpLease is a client's next step with its lease. The trace tells it by events of its own.
	OpLease
)

var opNames = [...]string{"", "put", "get", "cas", "lease"}

func (o OpKind) String() string { return name(opNames[:], int(o)) }

// MarshalText writes the operation's name.
func (o OpKind) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an operation's name; an unknown one is an error.
func (o *OpKind) UnmarshalText(b []byte) error { return parseName(o, opNames[:], "operation", b) }

// IsWrite reports whether the operation can change the store.
func (o OpKind) IsWrite() bool { return o == OpPut || o == OpCAS }

// Outcome is how an operation ended for the client that asked.
type Outcome uint8

// The outcomes. Failed has had no effect and never will; Unknown may have had or
// may still get one (a timeout, a lost connection); Mismatch is a
// compare-and-swap that found another value: it succeeded as a read.
const (
	OutcomeNone Outcome = iota
	OutcomeOK
	OutcomeFailed
	OutcomeUnknown
	OutcomeMismatch
)

var outcomeNames = [...]string{"", "ok", "failed", "unknown", "mismatch"}

func (o Outcome) String() string { return name(outcomeNames[:], int(o)) }

// MarshalText writes the outcome's name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an outcome's name; an unknown one is an error.
func (o *Outcome) UnmarshalText(b []byte) error { return parseName(o, outcomeNames[:], "outcome", b) }
