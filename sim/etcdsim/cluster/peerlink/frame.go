package peerlink

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// The two stream formats are private to etcd's rafthttp, so they are written again here.
//
//	message: u64 length, raftpb.Message
//	msgapp:  0 | 1, u64 n, n x {u64 length, raftpb.Entry}, u64 commit | 2, u64 length, raftpb.Message
//
// All integers are big-endian. A msgapp frame of kind 1 ("chained") leaves out the term and index,
// which follow from the frame before it. So when a frame is dropped the next chained one no longer
// means what it says, and must be written as kind 2.

const (
	kindBeat    = 0
	kindChained = 1
	kindWhole   = 2

	maxBytes   = 512 << 20 // as rafthttp
	maxEntries = 1 << 20
)

// A frame is one unit of a stream, as it came.
type frame struct {
	beat bool   // a keep-alive of the connection, not for raft
	raw  []byte // all its bytes
	msg  Message

	chained bool
	whole   func() ([]byte, error) // a chained frame, written as kind 2
}

// A codec reads the frames of one connection and writes those that remain.
type codec interface {
	read(r *bufio.Reader) (frame, error)
	write(w io.Writer, f frame) error
}

// messageCodec is the "message" stream. It has no state.
type messageCodec struct{ from, to int }

func (c messageCodec) read(r *bufio.Reader) (frame, error) {
	raw, body, err := readBlock(r, nil)
	if err != nil {
		return frame{}, err
	}
	m := &raftpb.Message{}
	if err := proto.Unmarshal(body, m); err != nil {
		return frame{}, fmt.Errorf("message stream: %w", err)
	}
	if m.GetType() == raftpb.MsgHeartbeat && m.GetFrom() == 0 && m.GetTo() == 0 {
		return frame{beat: true, raw: raw}, nil
	}
	return frame{raw: raw, msg: describe(c.from, c.to, m, len(raw))}, nil
}

func (messageCodec) write(w io.Writer, f frame) error {
	_, err := w.Write(f.raw)
	return err
}

// A position is the term and index after which a chained frame goes on.
type position struct{ term, index uint64 }

// appendCodec is the "msgapp" stream.
type appendCodec struct {
	from, to     int
	fromID, toID uint64   // etcd's ids, which a frame of kind 2 must carry
	in, out      position // of the sender's encoder and of the receiver's decoder
}

func (c *appendCodec) read(r *bufio.Reader) (frame, error) {
	kind, err := r.ReadByte()
	if err != nil {
		return frame{}, err
	}
	switch kind {
	case kindBeat:
		return frame{beat: true, raw: []byte{kindBeat}}, nil
	case kindChained:
		return c.readChained(r)
	case kindWhole:
		return c.readWhole(r)
	}
	return frame{}, fmt.Errorf("msgapp stream: unknown kind of frame %d", kind)
}

func (c *appendCodec) readWhole(r *bufio.Reader) (frame, error) {
	raw, body, err := readBlock(r, []byte{kindWhole})
	if err != nil {
		return frame{}, err
	}
	m := &raftpb.Message{}
	if err := proto.Unmarshal(body, m); err != nil {
		return frame{}, fmt.Errorf("msgapp stream: %w", err)
	}
	c.in = position{m.GetTerm(), m.GetIndex() + uint64(len(m.Entries))}
	return frame{raw: raw, msg: describe(c.from, c.to, m, len(raw))}, nil
}

func (c *appendCodec) readChained(r *bufio.Reader) (frame, error) {
	raw, n, err := readNumber(r, []byte{kindChained})
	if err != nil {
		return frame{}, err
	}
	if n > maxEntries {
		return frame{}, fmt.Errorf("msgapp stream: %d entries in a frame", n)
	}
	spans := make([][2]int, n) // where each entry lies in raw, which may still move
	for i := range spans {
		var body []byte
		if raw, body, err = readBlock(r, raw); err != nil {
			return frame{}, err
		}
		spans[i] = [2]int{len(raw) - len(body), len(raw)}
	}
	raw, commit, err := readNumber(r, raw)
	if err != nil {
		return frame{}, err
	}
	at := c.in
	c.in.index += n
	f := frame{raw: raw, chained: true, msg: Message{
		From: c.from, To: c.to, Type: raftpb.MsgApp, Term: at.term, LogTerm: at.term, Index: at.index,
		Commit: commit, Entries: int(n), Bytes: len(raw),
	}}
	f.whole = func() ([]byte, error) { return c.unchain(f.msg, raw, spans) }
	return f, nil
}

// unchain writes a chained frame as a whole one.
func (c *appendCodec) unchain(d Message, raw []byte, spans [][2]int) ([]byte, error) {
	m := &raftpb.Message{
		Type: raftpb.MsgApp.Enum(), From: &c.fromID, To: &c.toID,
		Term: &d.Term, LogTerm: &d.LogTerm, Index: &d.Index, Commit: &d.Commit,
		Entries: make([]*raftpb.Entry, len(spans)),
	}
	for i, s := range spans {
		m.Entries[i] = &raftpb.Entry{}
		if err := proto.Unmarshal(raw[s[0]:s[1]], m.Entries[i]); err != nil {
			return nil, fmt.Errorf("msgapp stream: %w", err)
		}
	}
	body, err := proto.Marshal(m)
	if err != nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint64([]byte{kindWhole}, uint64(len(body)))
	return append(head, body...), nil
}

func (c *appendCodec) write(w io.Writer, f frame) error {
	if f.beat {
		_, err := w.Write(f.raw)
		return err
	}
	raw := f.raw
	if f.chained && c.out != (position{f.msg.Term, f.msg.Index}) {
		var err error
		if raw, err = f.whole(); err != nil {
			return err
		}
	}
	c.out = position{f.msg.Term, f.msg.Index + uint64(f.msg.Entries)}
	_, err := w.Write(raw)
	return err
}

// readNumber appends a u64 to raw.
func readNumber(r *bufio.Reader, raw []byte) (whole []byte, n uint64, err error) {
	whole, err = readBytes(r, raw, 8)
	if err != nil {
		return nil, 0, err
	}
	return whole, binary.BigEndian.Uint64(whole[len(whole)-8:]), nil
}

// readBlock appends a u64 length and as many bytes to raw; body is those bytes.
func readBlock(r *bufio.Reader, raw []byte) (whole, body []byte, err error) {
	raw, n, err := readNumber(r, raw)
	if err != nil {
		return nil, nil, err
	}
	if n > maxBytes {
		return nil, nil, fmt.Errorf("stream: a block of %d bytes", n)
	}
	whole, err = readBytes(r, raw, int(n))
	if err != nil {
		return nil, nil, err
	}
	return whole, whole[len(raw):], nil
}

func readBytes(r *bufio.Reader, raw []byte, n int) ([]byte, error) {
	at := len(raw)
	raw = slices.Grow(raw, n)[:at+n]
	_, err := io.ReadFull(r, raw[at:])
	return raw, err
}
