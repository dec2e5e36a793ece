package raftsim

import (
	"slices"
	"testing"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
	"pgregory.net/rapid"
)

// given is a log without entries and a configuration.
type given struct {
	*raft.MemoryStorage
	conf *pb.ConfState
}

func (g given) InitialState() (*pb.HardState, *pb.ConfState, error) {
	return &pb.HardState{}, g.conf, nil
}

// TestWidened holds a node whose configuration came by one joint change against the one
// that raft makes by itself.
func TestWidened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.Permutation([]uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}).Draw(t, "members")
		voters := rapid.IntRange(1, 7).Draw(t, "voters")
		learners := rapid.IntRange(0, 2).Draw(t, "learners")
		conf := &pb.ConfState{Voters: slices.Sorted(slices.Values(ids[:voters])),
			Learners: slices.Sorted(slices.Values(ids[voters : voters+learners]))}
		self := rapid.SampledFrom(ids).Draw(t, "self") // perhaps no member any more
		widened := nodeOf(t, self, firstOf(conf))
		widen(widened, conf)
		if got, want := configOf(widened), configOf(nodeOf(t, self, conf)); got != want {
			t.Fatalf("the node %d of %v is configured as\n%+v, want\n%+v", self, conf, got, want)
		}
	})
}

func nodeOf(t *rapid.T, id uint64, conf *pb.ConfState) *raft.RawNode {
	n, err := raft.NewRawNode(&raft.Config{ID: id, ElectionTick: 10, HeartbeatTick: 1, MaxSizePerMsg: 1,
		MaxInflightMsgs: 1,
		Storage:         given{raft.NewMemoryStorage(), conf}, Logger: logger{}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// configured is what a node knows of its cluster.
type configured struct {
	whole   string
	learner bool
	tracked [10]raft.ProgressType // by member, from 1; 0: not tracked
}

func configOf(n *raft.RawNode) (c configured) {
	c.whole, c.learner = n.Status().Config.String(), peekInto(n).isLearner()
	n.WithProgress(func(id uint64, kind raft.ProgressType, _ tracker.Progress) { c.tracked[id] = kind + 1 })
	return c
}
