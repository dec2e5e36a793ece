package memberlog

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"
)

// The lines are from etcd v3.7.3 and raft v3.7.0.
func TestFacts(t *testing.T) {
	for _, c := range []struct {
		line string
		want LogFact
	}{
		{"8e9e05c52164694d became follower at term 2", LogFact{Kind: Follower, Term: 2}},
		{"8e9e05c52164694d became pre-candidate at term 2", LogFact{Kind: PreCandidate, Term: 2}},
		{"8e9e05c52164694d became candidate at term 3", LogFact{Kind: Candidate, Term: 3}},
		{"8e9e05c52164694d became leader at term 3", LogFact{Kind: Leader, Term: 3}},
		{"raft.node: 8e9e05c52164694d elected leader ff at term 3", LogFact{Kind: KnowsLeader, Term: 3, Peer: 0xff}},
		{"raft.node: 8e9e05c52164694d changed leader from aa to ff at term 4",
			LogFact{Kind: KnowsLeader, Term: 4, Peer: 0xff}},
		{"1 [term: 3] received a MsgHeartbeat message with higher term from ff [term: 4]",
			LogFact{Kind: KnowsLeader, Term: 4, Peer: 0xff}},
		{"1 [term: 3] received a MsgApp message with higher term from ff [term: 4]",
			LogFact{Kind: KnowsLeader, Term: 4, Peer: 0xff}},
		{"1 [term: 3] received a MsgSnap message with higher term from ff [term: 4]",
			LogFact{Kind: KnowsLeader, Term: 4, Peer: 0xff}},
		{"1 [term: 3] received a MsgVote message with higher term from ff [term: 4]", LogFact{}},
		{"1 [term: 3] received a MsgAppResp message with higher term from ff [term: 4]", LogFact{}},
		{"raft.node: 8e9e05c52164694d lost leader ff at term 4", LogFact{Kind: LostLeader, Term: 4, Peer: 0xff}},
		{"8e9e05c52164694d stepped down to follower since quorum is not active", LogFact{Kind: QuorumLost}},
		{"1 [logterm: 1, index: 3, vote: 0] cast MsgVote for ff [logterm: 1, index: 3] at term 1",
			LogFact{Kind: Voted, Term: 1, Peer: 0xff}},
		{"1 [logterm: 1, index: 3, vote: 0] cast MsgPreVote for ff [logterm: 1, index: 3] at term 1",
			LogFact{Kind: VotedPre, Term: 1, Peer: 0xff}},
		{"1 [logterm: 2, index: 3, vote: 0] rejected MsgVote from ff [logterm: 1, index: 3] at term 2",
			LogFact{Kind: Refused, Term: 2, Peer: 0xff}},
		{"1 [logterm: 2, index: 3, vote: 0] ignored MsgPreVote from ff [logterm: 1, index: 3] at term 2:" +
			" lease is not expired (remaining ticks: 4)", LogFact{Kind: RefusedPre, Term: 2, Peer: 0xff}},
		{"found conflict at index 7 [existing term: 2, conflicting term: 3]", LogFact{Kind: Truncated, Index: 7}},
		{"1 [commit: 80] restored snapshot [index: 80, term: 2]", LogFact{Kind: RestoredSnapshot, Index: 80, Term: 2}},
		{"1 [commit: 80, lastindex: 80, lastterm: 2] restored snapshot [index: 80, term: 2]", LogFact{}},
		{"published local member to cluster through raft", LogFact{}},
	} {
		if got, ok := parse(c.line, nil); got != c.want || ok != (c.want != LogFact{}) {
			t.Errorf("%q is %+v, want %+v", c.line, got, c.want)
		}
	}
}

func TestFactsFromFields(t *testing.T) {
	var got []LogFact
	l := open(t, Options{Tell: func(f LogFact) { got = append(got, f) }})
	l.Info("added member", zap.String("added-peer-id", "ff"),
		zap.Strings("added-peer-peer-urls", []string{"http://a", "http://b"}), zap.Bool("added-peer-is-learner", true))
	l.Info("promote member", zap.String("promoted-member-id", "ff"))
	l.With(zap.String("x", "y")).Info("removed member", zap.String("removed-remote-peer-id", "ff"))
	l.Info("saved snapshot to disk", zap.Uint64("snapshot-index", 42))
	l.Info("finished scheduled compaction", zap.Int64("compact-revision", 7))
	l.Debug("1 became leader at term 3") // below the level of the log
	want := []LogFact{{Kind: AddedLearner, Peer: 0xff, URL: "http://a"}, {Kind: Promoted, Peer: 0xff},
		{Kind: Removed, Peer: 0xff}, {Kind: SavedSnapshot, Index: 42}, {Kind: Compacted, Index: 7}}
	if len(got) != len(want) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

func TestFatalAndPanicDoNotEndTheProcess(t *testing.T) {
	var got []Death
	l := open(t, Options{Died: func(d Death) { got = append(got, d) }})
	l.Fatal("failed to save", zap.Error(errors.New("no space")))
	l.Sugar().Panicf("tocommit(%d) is out of range", 3)
	want := []Death{{"failed to save: no space", false}, {"tocommit(3) is out of range", true}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestFileHoldsTheLogUntilItIsClosed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	l := open(t, Options{File: file})
	l.Info("before")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l.Info("after")
	b, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(b), `"msg":"before"`) || strings.Contains(string(b), "after") {
		t.Errorf("%s %v", b, err)
	}
}

func open(t *testing.T, o Options) *Log {
	t.Helper()
	if o.File == "" {
		o.File = filepath.Join(t.TempDir(), "log")
	}
	l, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}
