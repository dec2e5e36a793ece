package peerlink

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

func block(b []byte) []byte { return append(binary.BigEndian.AppendUint64(nil, uint64(len(b))), b...) }

func marshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func entry(term, index uint64, data string) *raftpb.Entry {
	return &raftpb.Entry{Term: &term, Index: &index, Data: []byte(data)}
}

// whole is an append of entries after (term, index), as a frame of kind 2.
func whole(t *testing.T, term, index uint64, es ...*raftpb.Entry) []byte {
	var from, to, commit uint64 = 11, 22, 1
	return append([]byte{kindWhole}, block(marshal(t, &raftpb.Message{
		Type: raftpb.MsgApp.Enum(), From: &from, To: &to, Term: &term, LogTerm: &term, Index: &index,
		Commit: &commit, Entries: es,
	}))...)
}

// chained is an append that goes on where the frame before it ended.
func chained(t *testing.T, es ...*raftpb.Entry) []byte {
	b := binary.BigEndian.AppendUint64([]byte{kindChained}, uint64(len(es)))
	for _, e := range es {
		b = append(b, block(marshal(t, e))...)
	}
	return binary.BigEndian.AppendUint64(b, 1)
}

func newAppendCodec() *appendCodec { return &appendCodec{from: 1, to: 2, fromID: 11, toID: 22} }

// passOn reads all frames of in and writes those that keep names, by place.
func passOn(t *testing.T, in []byte, keep func(i int) bool) (out []byte, seen []Message) {
	t.Helper()
	c := newAppendCodec()
	r := bufio.NewReader(bytes.NewReader(in))
	var w bytes.Buffer
	for i := 0; ; i++ {
		f, err := c.read(r)
		if err == io.EOF {
			return w.Bytes(), seen
		}
		if err != nil {
			t.Fatal(err)
		}
		if !f.beat {
			seen = append(seen, f.msg)
		}
		if keep(i) {
			if err := c.write(&w, f); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAppendStreamPassesUnchanged(t *testing.T) {
	in := bytes.Join([][]byte{
		whole(t, 3, 10, entry(3, 11, "a")), {kindBeat}, chained(t, entry(3, 12, "b"), entry(3, 13, "c")), chained(t),
		whole(t, 4, 5), chained(t, entry(4, 6, "d")),
	}, nil)
	out, seen := passOn(t, in, func(int) bool { return true })
	if !bytes.Equal(out, in) {
		t.Errorf("out %x\nwant %x", out, in)
	}
	for i, want := range []struct{ term, index, entries uint64 }{{3, 10, 1}, {3, 11, 2}, {3, 13, 0}, {4, 5, 0},
		{4, 5, 1}} {
		if m := seen[i]; m.Term != want.term || m.Index != want.index || m.Entries != int(want.entries) || m.Commit != 1 {
			t.Errorf("message %d is %+v, want %+v", i, m, want)
		}
	}
}

// A chained frame behind a lost one must say where it belongs, or the receiver would put its entries
// in the wrong place.
func TestAppendStreamSurvivesALoss(t *testing.T) {
	in := bytes.Join([][]byte{
		whole(t, 3, 10, entry(3, 11, "a")), chained(t, entry(3, 12, "lost")), chained(t, entry(3, 13, "c")),
		chained(t, entry(3, 14, "d")),
	}, nil)
	out, _ := passOn(t, in, func(i int) bool { return i != 1 })
	want := bytes.Join([][]byte{
		whole(t, 3, 10, entry(3, 11, "a")), whole(t, 3, 12, entry(3, 13, "c")), chained(t, entry(3, 14, "d")),
	}, nil)
	a, b := decode(t, out), decode(t, want)
	if len(a) != len(b) {
		t.Fatalf("%d messages, want %d", len(a), len(b))
	}
	for i := range a {
		a[i].Bytes, b[i].Bytes = 0, 0 // the order of fields in the encoding is free
		if a[i] != b[i] {
			t.Errorf("message %d is %+v, want %+v", i, a[i], b[i])
		}
	}
}

func decode(t *testing.T, in []byte) []Message {
	_, seen := passOn(t, in, func(int) bool { return true })
	return seen
}

func TestStreamsRefuseNonsense(t *testing.T) {
	huge := binary.BigEndian.AppendUint64(nil, 1<<40)
	for name, in := range map[string][]byte{
		"unknown kind":  {9},
		"huge message":  append([]byte{kindWhole}, huge...),
		"huge count":    append([]byte{kindChained}, huge...),
		"not a message": append([]byte{kindWhole}, block([]byte{0xff, 0xff})...),
		"cut short":     {kindChained, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if f, err := newAppendCodec().read(bufio.NewReader(bytes.NewReader(in))); err == nil {
				t.Errorf("read %+v", f.msg)
			}
		})
	}
}

func TestMessageStream(t *testing.T) {
	var term, from, to uint64 = 7, 11, 22
	in := append(block(marshal(t, &raftpb.Message{Type: raftpb.MsgHeartbeat.Enum()})),
		block(marshal(t, &raftpb.Message{Type: raftpb.MsgVote.Enum(), Term: &term, From: &from, To: &to}))...)
	c, r := messageCodec{from: 1, to: 2}, bufio.NewReader(bytes.NewReader(in))
	var out bytes.Buffer
	beat, err := c.read(r)
	if err != nil || !beat.beat {
		t.Errorf("a keep-alive is read as %+v, %v", beat.msg, err)
	}
	vote, err := c.read(r)
	if err != nil || vote.msg.Type != raftpb.MsgVote || vote.msg.Term != 7 || vote.msg.From != 1 {
		t.Errorf("a vote is read as %+v, %v", vote.msg, err)
	}
	for _, f := range []frame{beat, vote} {
		if err := c.write(&out, f); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(out.Bytes(), in) {
		t.Errorf("out %x\nwant %x", out.Bytes(), in)
	}
}
