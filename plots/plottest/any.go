package plottest

import (
	"time"

	"pgregory.net/rapid"

	"quorumlab/sim"
)

// Any is a trace that no engine would write.
func Any(rt *rapid.T) *sim.Trace {
	tr := &sim.Trace{Header: sim.Header{Members: rapid.SliceOfN(rapid.String(), 0, 4).Draw(rt, "members")}}
	tr.Scenario.Run = time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(rt, "run"))
	at := time.Duration(0)
	for i := range rapid.IntRange(0, 60).Draw(rt, "events") {
		at += time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(rt, "after"))
		tr.Events = append(tr.Events, sim.Event{
			Seq: uint64(i + 1), At: at,
			Kind:   sim.Kind(rapid.IntRange(0, 40).Draw(rt, "kind")),
			Member: sim.MemberID(rapid.IntRange(0, 5).Draw(rt, "member")),
			Peer:   sim.MemberID(rapid.IntRange(0, 5).Draw(rt, "peer")),
			Msg:    sim.MsgType(rapid.Byte().Draw(rt, "msg")),
			Role:   sim.Role(rapid.IntRange(0, 7).Draw(rt, "role")),
			Op:     sim.OpKind(rapid.IntRange(0, 5).Draw(rt, "op")),
			Result: sim.Outcome(rapid.IntRange(0, 6).Draw(rt, "result")),
			ID:     uint64(rapid.IntRange(0, 4).Draw(rt, "id")),
			Term:   uint64(rapid.IntRange(0, 4).Draw(rt, "term")),
			Index:  rapid.Uint64().Draw(rt, "index"),
			Note:   rapid.SampledFrom([]string{"", "crash n1", "put k v", "nonsense", "\x00<&>"}).Draw(rt, "note"),
		})
	}
	return tr
}
