package memberlog

import (
	"regexp"
	"strconv"

	"go.uber.org/zap/zapcore"
)

// FactKind is what a LogFact says.
type FactKind uint8

const (
	// Follower, PreCandidate, Candidate and Leader: the member took this role in Term.
	Follower FactKind = iota + 1
	PreCandidate
	Candidate
	Leader
	// KnowsLeader: the member learned that Peer leads in Term, which makes it a follower if its own was lower.
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
	// about Peer; URL is the peer URL of one that was added.
	AddedVoter
	AddedLearner
	Promoted
	Removed
	// Recovered: like AddedVoter and AddedLearner, but found in the member's store when it started.
	Recovered
	// Compacted: the store dropped its revisions up to Index.
	Compacted
)

func (k FactKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

var kindNames = [...]string{
	"unknown", "follower", "pre-candidate", "candidate", "leader", "knows leader", "lost leader",
	"quorum lost", "voted", "voted (pre)", "refused", "refused (pre)", "truncated", "saved snapshot",
	"restored snapshot", "added voter", "added learner", "promoted", "removed",
	"recovered", "compacted",
}

// LogFact is one thing that etcd's log says. Fields that its kind does not name are 0.
type LogFact struct {
	Kind  FactKind
	Term  uint64
	Index uint64
	Peer  uint64 // etcd's id of another member, or its own
	URL   string
	// Applied is how far the member had applied its log, 0 while it starts. It does not come from the log.
	Applied uint64
}

// The lines of raft/v3 v3.7.0. The groups are named after the fields of LogFact.
var lines = []struct {
	kind FactKind
	re   *regexp.Regexp
}{
	{Follower, regexp.MustCompile(`^[0-9a-f]+ became follower at term (?P<term>\d+)$`)},
	{PreCandidate, regexp.MustCompile(`^[0-9a-f]+ became pre-candidate at term (?P<term>\d+)$`)},
	{Candidate, regexp.MustCompile(`^[0-9a-f]+ became candidate at term (?P<term>\d+)$`)},
	{Leader, regexp.MustCompile(`^[0-9a-f]+ became leader at term (?P<term>\d+)$`)},
	{KnowsLeader, regexp.MustCompile(`^raft\.node: [0-9a-f]+ elected leader (?P<peer>[0-9a-f]+) at term (?P<term>\d+)$`)},
	{KnowsLeader, regexp.MustCompile(`^raft\.node: [0-9a-f]+ changed leader from [0-9a-f]+ ` +
		`to (?P<peer>[0-9a-f]+) at term (?P<term>\d+)$`)},
	// Only a leader sends these. Raft says no more of it when it is the leader that the member knew before.
	{KnowsLeader, regexp.MustCompile(`^[0-9a-f]+ \[term: \d+\] received a (?:MsgApp|MsgHeartbeat|MsgSnap) message ` +
		`with higher term from (?P<peer>[0-9a-f]+) \[term: (?P<term>\d+)\]$`)},
	{LostLeader, regexp.MustCompile(`^raft\.node: [0-9a-f]+ lost leader (?P<peer>[0-9a-f]+) at term (?P<term>\d+)$`)},
	{QuorumLost, regexp.MustCompile(`^[0-9a-f]+ stepped down to follower since quorum is not active$`)},
	{Voted, regexp.MustCompile(`^[0-9a-f]+ \[.*\] cast MsgVote for (?P<peer>[0-9a-f]+) \[.*\] at term (?P<term>\d+)$`)},
	{VotedPre, regexp.MustCompile(`^[0-9a-f]+ \[.*\] cast MsgPreVote ` +
		`for (?P<peer>[0-9a-f]+) \[.*\] at term (?P<term>\d+)$`)},
	{Refused, regexp.MustCompile(`^[0-9a-f]+ \[.*\] (?:rejected|ignored) MsgVote ` +
		`from (?P<peer>[0-9a-f]+) \[.*\] at term (?P<term>\d+)`)},
	{RefusedPre, regexp.MustCompile(`^[0-9a-f]+ \[.*\] (?:rejected|ignored) MsgPreVote ` +
		`from (?P<peer>[0-9a-f]+) \[.*\] at term (?P<term>\d+)`)},
	{Truncated, regexp.MustCompile(`^found conflict at index (?P<index>\d+) `)},
	{RestoredSnapshot, regexp.MustCompile(`^[0-9a-f]+ \[commit: \d+\] restored snapshot ` +
		`\[index: (?P<index>\d+), term: (?P<term>\d+)\]$`)},
}

// The lines of etcd v3.7.3, which come with fields: the ones that hold the number, the member's id
// in hexadecimal, and its peer URLs.
var events = map[string]struct {
	kind             FactKind
	index, peer, url string
}{
	"saved snapshot to disk":            {SavedSnapshot, "snapshot-index", "", ""},
	"finished scheduled compaction":     {Compacted, "compact-revision", "", ""},
	"added member":                      {AddedVoter, "", "added-peer-id", "added-peer-peer-urls"},
	"recovered/added member from store": {Recovered, "", "recovered-remote-peer-id", "recovered-remote-peer-urls"},
	"promote member":                    {Promoted, "", "promoted-member-id", ""},
	"removed member":                    {Removed, "", "removed-remote-peer-id", ""},
}

// parse reads a line of the log.
func parse(line string, fields []zapcore.Field) (LogFact, bool) {
	if e, ok := events[line]; ok {
		f := LogFact{Kind: e.kind}
		if v, ok := field(fields, e.index); ok {
			f.Index = uint64(v.Integer)
		}
		if v, ok := field(fields, e.peer); ok {
			f.Peer, _ = strconv.ParseUint(v.String, 16, 64) // etcd wrote it
		}
		if v, ok := field(fields, e.url); ok {
			f.URL = first(v)
		}
		if v, ok := field(fields, "added-peer-is-learner"); ok && v.Integer == 1 {
			f.Kind = AddedLearner
		}
		return f, true
	}
	for _, l := range lines {
		if m := l.re.FindStringSubmatch(line); m != nil {
			return fact(l.kind, l.re.SubexpNames(), m), true
		}
	}
	return LogFact{}, false
}

func fact(k FactKind, names, values []string) LogFact {
	f := LogFact{Kind: k}
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

// field finds a field by its key.
func field(fields []zapcore.Field, key string) (zapcore.Field, bool) {
	for _, f := range fields {
		if f.Key == key && key != "" {
			return f, true
		}
	}
	return zapcore.Field{}, false
}

// first is the first element of a field that holds a list of texts.
func first(f zapcore.Field) string {
	m := zapcore.NewMapObjectEncoder()
	f.AddTo(m)
	if list, ok := m.Fields[f.Key].([]any); ok && len(list) > 0 {
		s, _ := list[0].(string)
		return s
	}
	return ""
}
