package memberlog

import (
	"regexp"
	"strconv"

	"go.uber.org/zap/zapcore"
)

// Kind is what a Fact says.
type Kind uint8

const (
	// Follower, PreCandidate, Candidate and Leader: the member took this role in Term.
	Follower Kind = iota + 1
	PreCandidate
	Candidate
	Leader
	// KnowsLeader: the member learned that Peer leads Term.
	KnowsLeader
	// LostLeader: the member no longer knows a leader; Peer was it.
	LostLeader
	// QuorumLost: a leader stepped down because it did not hear from a quorum.
	QuorumLost
	// Voted and VotedPre: the member gave Peer its vote, or the promise of one. Term is its own when
	// it promised.
	Voted
	VotedPre
	// Refused and RefusedPre: it did not.
	Refused
	RefusedPre
	// Truncated: entries from Index on conflicted with the leader's and were replaced.
	Truncated
	// SavedSnapshot: the member wrote its own snapshot at Index.
	SavedSnapshot
	// RestoredSnapshot: the member took over a leader's snapshot at Index.
	RestoredSnapshot
	// AddedVoter, AddedLearner, Promoted and Removed: the member applied a change of the membership
	// about Peer, or found it in its store when it started.
	AddedVoter
	AddedLearner
	Promoted
	Removed
)

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

var kindNames = [...]string{
	"unknown", "follower", "pre-candidate", "candidate", "leader", "knows leader", "lost leader",
	"quorum lost", "voted", "voted (pre)", "refused", "refused (pre)", "truncated", "saved snapshot",
	"restored snapshot", "added voter", "added learner", "promoted", "removed",
}

// Fact is one thing that etcd's log says. Fields that its kind does not name are 0.
type Fact struct {
	Kind  Kind
	Term  uint64
	Index uint64
	Peer  uint64 // etcd's id of another member, or its own
}

// The lines of raft/v3 v3.7.0. The groups are named after the fields of Fact.
var lines = []struct {
	kind Kind
	re   *regexp.Regexp
}{
	{Follower, regexp.MustCompile(`^[0-9a-f]+ became follower at term (?P<term>\d+)$`)},
	{PreCandidate, regexp.MustCompile(`^[0-9a-f]+ became pre-candidate at term (?P<term>\d+)$`)},
	{Candidate, regexp.MustCompile(`^[0-9a-f]+ became candidate at term (?P<term>\d+)$`)},
	{Leader, regexp.MustCompile(`^[0-9a-f]+ became leader at term (?P<term>\d+)$`)},
	{KnowsLeader, regexp.MustCompile(`^raft\.node: [0-9a-f]+ elected leader (?P<peer>[0-9a-f]+) at term (?P<term>\d+)$`)},
	{KnowsLeader, regexp.MustCompile(`^raft\.node: [0-9a-f]+ changed leader from [0-9a-f]+ to (?P<peer>[0-9a-f]+) at term (?P<term>\d+)$`)},
	{LostLeader, regexp.MustCompile(`^raft\.node: [0-9a-f]+ lost leader (?P<peer>[0-9a-f]+) at term (?P<term>\d+)$`)},
	{QuorumLost, regexp.MustCompile(`^[0-9a-f]+ stepped down to follower since quorum is not active$`)},
	{Voted, regexp.MustCompile(`^[0-9a-f]+ \[.*\] cast MsgVote for (?P<peer>[0-9a-f]+) \[.*\] at term (?P<term>\d+)$`)},
	{VotedPre, regexp.MustCompile(`^[0-9a-f]+ \[.*\] cast MsgPreVote for (?P<peer>[0-9a-f]+) \[.*\] at term (?P<term>\d+)$`)},
	{Refused, regexp.MustCompile(`^[0-9a-f]+ \[.*\] (?:rejected|ignored) MsgVote from (?P<peer>[0-9a-f]+) \[.*\] at term (?P<term>\d+)`)},
	{RefusedPre, regexp.MustCompile(`^[0-9a-f]+ \[.*\] (?:rejected|ignored) MsgPreVote from (?P<peer>[0-9a-f]+) \[.*\] at term (?P<term>\d+)`)},
	{Truncated, regexp.MustCompile(`^found conflict at index (?P<index>\d+) `)},
	{RestoredSnapshot, regexp.MustCompile(`^[0-9a-f]+ \[commit: \d+\] restored snapshot \[index: (?P<index>\d+), term: (?P<term>\d+)\]$`)},
}

// The lines of etcd v3.7.3, which come with fields. peer is the one with etcd's id of the member.
var events = map[string]struct {
	kind          Kind
	peer, learner string
}{
	"saved snapshot to disk":            {kind: SavedSnapshot},
	"added member":                      {AddedVoter, "added-peer-id", "added-peer-is-learner"},
	"recovered/added member from store": {AddedVoter, "recovered-remote-peer-id", "recovered-remote-peer-is-learner"},
	"promote member":                    {kind: Promoted, peer: "promoted-member-id"},
	"removed member":                    {kind: Removed, peer: "removed-remote-peer-id"},
}

// parse reads a line of the log.
func parse(line string, fields []zapcore.Field) (Fact, bool) {
	if e, ok := events[line]; ok {
		f := Fact{Kind: e.kind, Index: number(fields, "snapshot-index"), Peer: id(fields, e.peer)}
		if number(fields, e.learner) == 1 {
			f.Kind = AddedLearner
		}
		return f, true
	}
	for _, l := range lines {
		if m := l.re.FindStringSubmatch(line); m != nil {
			return fact(l.kind, l.re.SubexpNames(), m), true
		}
	}
	return Fact{}, false
}

func fact(k Kind, names, values []string) Fact {
	f := Fact{Kind: k}
	for i, name := range names {
		switch name {
		case "term":
			f.Term, _ = strconv.ParseUint(values[i], 10, 64) // the expression admits digits alone
		case "index":
			f.Index, _ = strconv.ParseUint(values[i], 10, 64)
		case "peer":
			f.Peer, _ = strconv.ParseUint(values[i], 16, 64)
		}
	}
	return f
}

// number reads a field that holds a number or a truth (1); 0 if there is none.
func number(fields []zapcore.Field, key string) uint64 {
	for _, f := range fields {
		if f.Key == key {
			return uint64(f.Integer)
		}
	}
	return 0
}

// id reads a field that holds a member's id in hexadecimal; 0 if there is none.
func id(fields []zapcore.Field, key string) uint64 {
	for _, f := range fields {
		if f.Key == key {
			n, _ := strconv.ParseUint(f.String, 16, 64) // etcd wrote it
			return n
		}
	}
	return 0
}
