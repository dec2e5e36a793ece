package plots

import (
	"testing"

	"quorumlab/sim"
)

func TestDescribe(t *testing.T) {
	tr := &sim.Trace{Header: sim.Header{Members: []string{"n1", "n2"}}}
	for _, tt := range []struct {
		e    sim.Event
		want string
	}{
		{sim.Event{Kind: sim.KindSent, Member: 1, Peer: 2, Msg: sim.MsgApp, Term: 3, Index: 7, Count: 2},
			"n1 sends n2: MsgApp in term 3, index 7, 2 entries"},
		{sim.Event{Kind: sim.KindDelivered, Member: 2, Peer: 1, Msg: sim.MsgVoteResp, Term: 3, Reject: true},
			"n2 receives from n1: MsgVoteResp in term 3, a refusal"},
		{sim.Event{Kind: sim.KindDropped, Member: 1, Peer: 2, Msg: sim.MsgVote, Term: 3, Note: "cut"},
			"lost on the way from n1 to n2 (cut): MsgVote in term 3"},
		{sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Leader, Term: 3, Peer: 1}, "n1 is leader in term 3"},
		{sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Candidate, Term: 3}, "n1 is candidate in term 3 and knows no " +
			"leader"},
		{sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Follower, Term: 3, Peer: 2}, "n1 is follower in term 3 and " +
			"follows n2"},
		{sim.Event{Kind: sim.KindCommitted, Member: 1, Index: 9}, "n1 knows that entries up to 9 are committed"},
		{sim.Event{Kind: sim.KindSnapshotInstalled, Member: 1, Peer: 2, Index: 9},
			"n1 installs a snapshot at index 9 from n2"},
		{sim.Event{Kind: sim.KindCall, Client: 3, ID: 8, Op: sim.OpCAS, Key: "k", Old: 4, Value: 5}, "client 3, operation " +
			"8: cas k from 4 to 5, asked"},
		{sim.Event{Kind: sim.KindReturn, Client: 3, ID: 8, Op: sim.OpGet, Key: "k", Result: sim.OutcomeOK, Value: 5,
			Revision: 6, Member: 2}, "client 3, operation 8: get k, ok, found 5, revision 6, answered by n2"},
		{sim.Event{Kind: sim.KindReturn, Client: 3, ID: 8, Op: sim.OpPut, Key: "k", Result: sim.OutcomeUnknown,
			Note: "time-out"}, "client 3, operation 8: put k, unknown (time-out)"},
		{sim.Event{Kind: sim.KindFaultEnded, Note: "crash n1"}, "ended: crash n1"},
		{sim.Event{Kind: sim.KindLinkCut, Member: 1, Peer: 2}, "n1 no longer reaches n2"},
		{sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 2, Role: sim.Learner}, "for n1, n2 is now a learner"},
		{sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 2}, "for n1, n2 is no longer a member"},
		{sim.Event{Kind: sim.KindSnapshotSaved, Member: 1, Revision: 9, Value: 4096}, "a snapshot of n1 at revision 9 is " +
			"saved, 4096 bytes"},
		{sim.Event{Kind: sim.KindNewCluster, Old: 9, Revision: 9},
			"a new cluster begins at revision 9, that of the snapshot"},
		{sim.Event{Kind: sim.KindNewCluster, Old: 9, Revision: 109, Count: 1}, "a new cluster begins at revision 109, from " +
			"a snapshot at revision 9; everything before is compacted"},
		{sim.Event{Kind: sim.KindNewCluster, Member: 2}, "n2 is a new cluster of its own, with the data that it has"},
		{sim.Event{Kind: sim.KindDamaged, Member: 2, Key: "WAL", Note: "byte 7"}, "the WAL of n2 is damaged (byte 7)"},
		{sim.Event{Kind: sim.KindLeaseAsked, Client: 2, Key: "a", Count: sim.LeaseGrant},
			"client 2, lease a: a grant is asked for"},
		{sim.Event{Kind: sim.KindLeaseAnswered, Client: 2, Key: "a", Count: sim.LeaseKeepAlive, Value: 5000,
			Result: sim.OutcomeOK}, "client 2, lease a: a renewal, for 5s from now on"},
		{sim.Event{Kind: sim.KindLeaseAnswered, Client: 2, Key: "a", Count: sim.LeaseKeepAlive, Result: sim.OutcomeFailed,
			Note: "gone"}, "client 2, lease a: a renewal, failed (gone)"},
		{sim.Event{Kind: sim.KindLease, Client: 2, Key: "a", Count: sim.LeaseKept},
			"client 2, lease a: is kept alive from now on"},
		{sim.Event{Kind: sim.KindLease, Client: 2, Key: "a", Count: sim.LeaseLeft, Note: "no answer for 5s"},
			"client 2, lease a: is no longer kept alive (no answer for 5s)"},
		{sim.Event{Kind: sim.KindLease, Client: 2, Key: "a", Count: sim.LeaseKeyed, Revision: 4},
			"client 2, lease a: its keys are written, in revision 4"},
		{sim.Event{Kind: sim.KindLease, Client: 2, Key: "a", Count: sim.LeaseEnded, Revision: 9, Member: 1},
			"client 2, lease a: has ended, in revision 9, as n1 shows first"},
		{sim.Event{Kind: sim.KindWatchProgress, Client: 9, ID: 1, Key: "k", Revision: 5},
			"client 9, watch 1 of k: has had everything up to revision 5"},
		{sim.Event{Kind: sim.KindWatchBegun, Client: 9, ID: 1, Key: "k", Revision: 5}, "client 9, watch 1 of k: begins at " +
			"revision 5"},
		{sim.Event{Kind: sim.KindWatchEvent, Client: 9, ID: 1, Key: "k", Value: 3, Revision: 6}, "client 9, watch 1 of k: " +
			"value 3, written in revision 6"},
		{sim.Event{Kind: sim.KindWatchEvent, Client: 9, ID: 1, Key: "k", Revision: 6}, "client 9, watch 1 of k: the key " +
			"was deleted in revision 6"},
		{sim.Event{Kind: sim.KindWatchEnded, Client: 9, ID: 1, Key: "k", Revision: 109, Result: sim.OutcomeFailed},
			"client 9, watch 1 of k: ended by the server: compacted up to revision 109"},
		{sim.Event{Kind: sim.KindWatchEnded, Client: 9, ID: 1, Key: "k", Result: sim.OutcomeOK}, "client 9, watch 1 of k: " +
			"ended"},
		{sim.Event{Kind: sim.KindPanicked, Member: 2, Note: "disk full"}, "n2 panicked (disk full)"},
		{sim.Event{Kind: sim.KindSyncDone, Member: 2, Index: 4}, "n2 sync done, index 4"},
		{sim.Event{Kind: sim.KindStoreSize, Member: 2, Value: 3 << 20, Old: 1 << 20}, "n2's database file has 3.00MiB, " +
			"1.00MiB of it in use"},
		{sim.Event{Kind: sim.KindDefragEnded, Member: 2, Value: 1 << 20, Old: 1 << 10}, "n2 goes on with a database file " +
			"of 1.00MiB, 1.00KiB of it in use"},
		{sim.Event{Kind: sim.KindStoreCompacted, Member: 2, Revision: 77}, "n2 has dropped the revisions up to 77"},
		{sim.Event{Kind: sim.KindAlarm, Member: 1, Count: sim.AlarmNoSpace, Value: 1}, "n1 raises the alarm NOSPACE: " +
			"writes are refused"},
		{sim.Event{Kind: sim.KindAlarm, Member: 1, Count: sim.AlarmNoSpace}, "n1's alarm is cleared (NOSPACE: writes are " +
			"refused)"},
		{sim.Event{Kind: sim.KindNote, Note: "a\x00b"}, "a\ufffdb"},
	} {
		if got := Describe(tr, &tt.e); got != tt.want {
			t.Errorf("%v: %q\nwant %q", tt.e.Kind, got, tt.want)
		}
	}
}
