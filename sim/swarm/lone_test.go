package swarm_test

import (
	"testing"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// TestLoneVoterReadsTooSoon holds what random faults found in etcd's raft (seed 5289 of etcd-virtual, before operate
// left two voters): a member that is the only voter, and has just been elected, answers a question for a read with what
// it knew to be committed before, although its log has more, which the leader before may have acknowledged. If this
// fails, raft is mended: operate and the sim engine's changes of the members need not leave two voters any more.
func TestLoneVoterReadsTooSoon(t *testing.T) {
	const known, last = 4, 5
	store := raft.NewMemoryStorage()
	if err := store.ApplySnapshot(&raftpb.Snapshot{Metadata: &raftpb.SnapshotMetadata{
		Index: new(uint64(known)), Term: new(uint64(1)), ConfState: &raftpb.ConfState{Voters: []uint64{1}},
	}}); err != nil {
		t.Fatal(err)
	}
	// The entry that the leader before committed and acknowledged, before it could tell.
	if err := store.Append([]*raftpb.Entry{{Index: new(uint64(last)), Term: new(uint64(1))}}); err != nil {
		t.Fatal(err)
	}
	if err := store.SetHardState(&raftpb.HardState{Term: new(uint64(1)), Commit: new(uint64(known))}); err != nil {
		t.Fatal(err)
	}
	n, err := raft.NewRawNode(&raft.Config{ID: 1, ElectionTick: 10, HeartbeatTick: 1, Storage: store,
		MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 256, Applied: known})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Campaign(); err != nil {
		t.Fatal(err)
	}
	for n.BasicStatus().RaftState != raft.StateLeader { // its vote for itself is on its disk
		rd := n.Ready()
		if err := store.Append(rd.Entries); err != nil {
			t.Fatal(err)
		}
		n.Advance(rd)
	}
	n.ReadIndex([]byte("read"))
	rd := n.Ready()
	if len(rd.ReadStates) != 1 || rd.ReadStates[0].Index != known {
		t.Errorf("a read is answered with %+v, want index %d, which is too early", rd.ReadStates, known)
	}
}
