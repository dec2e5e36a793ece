package check

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"testing"
	"time"

	"quorumlab/sim"
)

// notes are texts that fault events may carry, good and bad.
var notes = []string{"", "crash n1", "partition n1 n2 | n3", "heal", "stop-load", "restart n1", "isolate n9",
	"fill-disk n2", "not a statement", "partition", "delay n1 -> n2 p50 2ms p99 8ms", "crash n7: no member fits",
	"\xff\n{}"}

// eventSize is how many bytes make an event in damagedTrace.
const eventSize = 20

// damagedTrace makes a trace of arbitrary bytes: every field of every event gets
// any value, mostly small ones, so that they have to do with each other.
func damagedTrace(data []byte) *sim.Trace {
	t := &sim.Trace{}
	b := func() byte {
		if len(data) == 0 {
			return 0
		}
		x := data[0]
		data = data[1:]
		return x
	}
	number := func() uint64 { // small, or huge
		if x := b(); x < 250 {
			return uint64(x % 16)
		} else {
			return ^uint64(0) >> (uint(x-250) * 12)
		}
	}
	head := b()
	for i := range int(head % 8) {
		id := sim.MemberID(i + 1)
		t.Members = append(t.Members, id.String())
		t.Scenario.Cluster.Members = append(t.Scenario.Cluster.Members, sim.MemberSpec{Name: id.String(),
			Role: sim.Role(b())})
	}
	t.Scenario.Workload.Reads = []sim.ReadMode{sim.ReadLinearizable, sim.ReadLease, sim.ReadSerializable, "?"}[head>>6]
	t.Scenario.Run = time.Duration(number()) * time.Second
	t.Scenario.Workload.Timeout = time.Duration(number())
	t.Scenario.Cluster.Election = sim.Distribution{Lo: time.Duration(number()), Hi: time.Duration(number())}
	for _, text := range []string{"linearizable", "failover < 2s", "writes.lost[1s..2s] == 0", "not safety"} {
		if e, err := ParseExpectation(text); err == nil && b()%2 == 0 {
			t.Scenario.Expect = append(t.Scenario.Expect, e)
		}
	}
	at, seq := time.Duration(0), uint64(0)
	value := func() uint64 { // most are new: a history with repeats takes a search
		if b() < 100 {
			return number()
		}
		return 1000 + seq
	}
	for len(data) >= eventSize && len(t.Events) < 400 {
		seq += uint64(b()%3) + 1
		at += time.Duration(b()) * 10 * time.Millisecond
		t.Events = append(t.Events, sim.Event{
			Seq: seq, At: at, Kind: sim.Kind(b() % 45), Member: sim.MemberID(number()), Peer: sim.MemberID(number()),
			Msg: sim.MsgType(b()), Role: sim.Role(b() % 8), Op: sim.OpKind(b() % 5), Result: sim.Outcome(b() % 6),
			Count: uint32(number()), Client: uint32(b() % 4), ID: number(), Term: number(), Index: number(), LogTerm: number(),
			Commit: number(),
			Key:    string('a' + rune(b()%3)), Value: value(), Old: number(), Revision: number(),
			Note: notes[int(b())%len(notes)],
		})
	}
	return t
}

// FuzzJudge holds that no trace, however damaged, stops a check, a measure, the
// story or the picture, and that judging is a function of the trace.
func FuzzJudge(f *testing.F) {
	f.Add([]byte{})
	for i := range 40 {
		r := sim.Stream(uint64(i), "fuzz")
		seed := make([]byte, 8*(2+i*16))
		for j := 0; j < len(seed); j += 8 {
			binary.LittleEndian.PutUint64(seed[j:], r.Uint64())
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tr := damagedTrace(data)
		say := func() []byte {
			res := Judge(tr)
			text, err := json.Marshal(struct {
				Result ResultJSON
				Story  []Sentence
			}{res.JSON(), Story(tr, res.Verdicts...)})
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		for _, v := range Judge(tr).Verdicts {
			if v.Check == "" || v.Why == "" || v.OK && v.Unknown {
				t.Errorf("%+v", v)
			}
		}
		if first, again := say(), say(); !bytes.Equal(first, again) {
			t.Errorf("judged twice:\n%s\n%s", first, again)
		}
		if err := Visualize(tr, io.Discard); err != nil {
			t.Error(err)
		}
	})
}
