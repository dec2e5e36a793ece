package sim

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/bits"
	"sort"
	"sync/atomic"
	"time"

	"quorumlab/internal/spool"
)

// tape holds the events of a run, in order: some twenty bytes each, in memory, and beyond that in a temporary file.
// It is written by one goroutine; when it is written no longer, any number may read it.
type tape struct {
	spool  spool.Spool
	before []place // by block of the spool: where the event before its first one stood
	last   place   // of the newest event
	events int     // how many there are
	quiet  int     // how many of them are not of HighRate kinds
	record []byte
	broken atomic.Pointer[error] // what went wrong while it was read
}

// place is where an event stands in a run. The next one's is written as the distance from there.
type place struct {
	seq uint64
	at  time.Duration
}

// A record is an event's kind, a mask of three bytes that says which of its fields follow, namely those that are not
// zero, how far it is from the event before, and those fields.
const (
	hasKey  = 1 << numbers
	hasNote = 1 << (numbers + 1)
)

// numbers is how many of an event's fields, besides its kind and place, are numbers.
const numbers = 17

// numbersOf are the fields that are numbers, in the order that they have on a tape.
func numbersOf(e *Event) [numbers]uint64 {
	var reject uint64
	if e.Reject {
		reject = 1
	}
	return [numbers]uint64{uint64(e.Member), uint64(e.Peer), uint64(e.Msg), uint64(e.Role), uint64(e.Op), uint64(e.Result),
		reject, uint64(e.Count), uint64(e.Client), e.ID, e.Term, e.Index, e.LogTerm, e.Commit, e.Value, e.Old, e.Revision}
}

// setNumbers is the reverse.
func (e *Event) setNumbers(n *[numbers]uint64) {
	e.Member, e.Peer, e.Msg, e.Role, e.Op, e.Result = MemberID(n[0]), MemberID(n[1]), MsgType(n[2]), Role(n[3]),
		OpKind(n[4]), Outcome(n[5])
	e.Reject, e.Count, e.Client, e.ID, e.Term, e.Index = n[6] != 0, uint32(n[7]), uint32(n[8]), n[9], n[10], n[11]
	e.LogTerm, e.Commit, e.Value, e.Old, e.Revision = n[12], n[13], n[14], n[15], n[16]
}

// add takes the next event.
func (t *tape) add(e *Event) {
	here := place{e.Seq, e.At}
	t.record = appendRecord(t.record[:0], e, here.seq-t.last.seq, here.at-t.last.at)
	if t.spool.Add(t.record) {
		t.before = append(t.before, t.last)
	}
	t.last = here
	t.events++
	if !HighRate.Has(e.Kind) {
		t.quiet++
	}
}

// inMemory is how many events a trace has in memory that is read off the tape.
func (t *tape) inMemory(streamed bool) int {
	if streamed {
		return t.quiet
	}
	return t.events
}

func appendRecord(b []byte, e *Event, seq uint64, at time.Duration) []byte {
	b = append(b, byte(e.Kind), 0, 0, 0)
	b = binary.AppendVarint(binary.AppendUvarint(b, seq), int64(at))
	mask := uint32(0)
	for i, n := range numbersOf(e) {
		if n != 0 {
			mask |= 1 << i
			b = binary.AppendUvarint(b, n)
		}
	}
	if e.Key != "" {
		mask |= hasKey
		b = appendText(b, e.Key)
	}
	if e.Note != "" {
		mask |= hasNote
		b = appendText(b, e.Note)
	}
	b[1], b[2], b[3] = byte(mask), byte(mask>>8), byte(mask>>16)
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// all visits the events of some kinds, each valid until the next one. What can't be read is missing: see err.
func (t *tape) all(kinds KindSet) iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		r := tapeReader{texts: map[string]string{}}
		for i := range t.before {
			if !t.block(&r, i) {
				return
			}
			for r.next() {
				if kinds.Has(r.event.Kind) && !yield(&r.event) {
					return
				}
			}
		}
	}
}

// numbered finds an event by its number.
func (t *tape) numbered(seq uint64) (Event, bool) {
	i := sort.Search(len(t.before), func(i int) bool { return t.before[i].seq >= seq }) - 1
	r := tapeReader{texts: map[string]string{}}
	if i < 0 || !t.block(&r, i) {
		return Event{}, false
	}
	for r.next() {
		if r.event.Seq == seq {
			return r.event, true
		}
	}
	return Event{}, false
}

// block has the reader read block i next.
func (t *tape) block(r *tapeReader, i int) bool {
	b, err := t.spool.Read(i, &r.buffer)
	if err != nil {
		err = fmt.Errorf("the events of the run can't be read again: %w", err)
		t.broken.CompareAndSwap(nil, &err)
		return false
	}
	r.rest, r.event = b, Event{Seq: t.before[i].seq, At: t.before[i].at}
	return true
}

// close gives back what the events take.
func (t *tape) close() error {
	t.before, t.events, t.quiet = nil, 0, 0
	return t.spool.Close()
}

// err is what went wrong while events were kept or read again, or nil.
func (t *tape) err() error {
	if err := t.broken.Load(); err != nil {
		return *err
	}
	return t.spool.Err()
}

// tapeReader reads the events of a block. What it reads was written by appendRecord.
type tapeReader struct {
	buffer []byte
	rest   []byte
	event  Event
	texts  map[string]string // those that came up, so that each is in memory once
}

// next reads the next event, if there is one in the block.
func (r *tapeReader) next() bool {
	if len(r.rest) == 0 {
		return false
	}
	e, b := &r.event, r.rest
	mask := uint32(b[1]) | uint32(b[2])<<8 | uint32(b[3])<<16
	r.rest = b[4:]
	*e = Event{Kind: Kind(b[0]), Seq: e.Seq + r.number(), At: e.At + r.distance()}
	var ns [numbers]uint64
	for m := mask & (1<<numbers - 1); m != 0; m &= m - 1 {
		ns[bits.TrailingZeros32(m)] = r.number()
	}
	e.setNumbers(&ns)
	if mask&hasKey != 0 {
		e.Key = r.text()
	}
	if mask&hasNote != 0 {
		e.Note = r.text()
	}
	return true
}

func (r *tapeReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	r.rest = r.rest[size:]
	return n
}

func (r *tapeReader) distance() time.Duration {
	n, size := binary.Varint(r.rest)
	r.rest = r.rest[size:]
	return time.Duration(n)
}

// mostTexts is how many texts a reader remembers: keys and reasons are few, and notes may all differ.
const mostTexts = 1 << 14

func (r *tapeReader) text() string {
	n := r.number()
	b := r.rest[:n]
	r.rest = r.rest[n:]
	s, known := r.texts[string(b)]
	if !known {
		if len(r.texts) == mostTexts {
			clear(r.texts)
		}
		s = string(b)
		r.texts[s] = s
	}
	return s
}
