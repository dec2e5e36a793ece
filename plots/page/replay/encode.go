package replay

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// magic begins the bytes, before they are compressed. The digit is the format's version.
const magic = "QLR1"

// MostInline is how large a run may be, in bytes, that is put into a report: as text it takes a third more, and the
// report stays below five megabytes.
const MostInline = 5 << 19

// Encode packs a trace and what was judged of it, which may be nil. If that takes more than most bytes (0: any
// number), it leaves out the events that there are most of, and says so; if that is not enough, it packs no event
// but those of roles, faults and members.
func Encode(t *sim.Trace, r *check.Result, most int) ([]byte, error) {
	h := newHead(t, r)
	var keeps []int
	if most > 0 {
		keeps = kept(t)
	}
	var b []byte
	for i, c := range cuts {
		if most > 0 && keeps[i] > most && i < len(cuts)-1 {
			continue // packed, an event takes a few bytes
		}
		raw, err := pack(t, h, c)
		if err != nil {
			return nil, err
		}
		if b, err = compressed(raw); err != nil || most == 0 || len(b) <= most {
			return b, err
		}
	}
	return b, nil
}

// Pack is Encode without a bound and without compression, for a browser that is near: there compressing takes
// longer than it saves.
func Pack(t *sim.Trace, r *check.Result) ([]byte, error) { return pack(t, newHead(t, r), cuts[0]) }

// kept is how many events each of the cuts keeps.
func kept(t *sim.Trace) []int {
	n := make([]int, len(cuts))
	for e := range t.All(sim.AllKinds) {
		for i, c := range cuts {
			if !c.drops(e) {
				n[i]++
			}
		}
	}
	return n
}

// cut is what is left out to save room.
type cut struct {
	words string // for people; empty: nothing
	drops func(e *sim.Event) bool
}

// cuts are the cuts from the least to the largest.
var cuts = []cut{
	{"", func(*sim.Event) bool { return false }},
	{"heartbeats and writes to the disk", func(e *sim.Event) bool { return isBeat(e) || disk.Has(e.Kind) }},
	{"messages but those of elections, and writes to the disk", func(e *sim.Event) bool {
		return isMessage(e) && !isElection(e) || disk.Has(e.Kind)
	}},
	{"messages, writes to the disk and the clients' operations", func(e *sim.Event) bool {
		return isMessage(e) || disk.Has(e.Kind) || clients.Has(e.Kind)
	}},
	{"all but roles, faults and members", func(e *sim.Event) bool { return !essential.Has(e.Kind) }},
}

var (
	disk      = sim.Kinds(sim.KindSyncBegun, sim.KindSyncDone)
	clients   = sim.Kinds(sim.KindCall, sim.KindReturn)
	essential = sim.Kinds(sim.KindState, sim.KindFaultBegun, sim.KindFaultEnded, sim.KindFaultFailed,
		sim.KindStarted, sim.KindCrashed, sim.KindPaused, sim.KindResumed, sim.KindPanicked, sim.KindMembership)
)

func isMessage(e *sim.Event) bool { return e.Kind >= sim.KindSent && e.Kind <= sim.KindDropped }

func isBeat(e *sim.Event) bool {
	return isMessage(e) && (e.Msg == sim.MsgHeartbeat || e.Msg == sim.MsgHeartbeatResp)
}

func isElection(e *sim.Event) bool {
	switch e.Msg {
	case sim.MsgPreVote, sim.MsgPreVoteResp, sim.MsgVote, sim.MsgVoteResp, sim.MsgTimeoutNow, sim.MsgTransferLeader:
		return true
	}
	return false
}

// The columns after those of kinds and of which fields an event has. An event has a number in each column whose
// field is not zero.
const (
	colSeq = iota
	colAt
	colMember
	colPeer
	colMsg
	colRole
	colOp
	colResult
	colReject
	colCount
	colClient
	colID
	colTerm
	colIndex
	colLogTerm
	colCommit
	colKey
	colValue
	colOld
	colRevision
	colNote
	columns
)

// largest is the largest whole number that JavaScript's numbers hold: what is above is cut down to it.
const largest = 1<<53 - 1

// fields are an event's numbers by column. The hashes of entries are left out: they are noise, which can't be
// made small, and the terms say where logs differ.
func (p *packer) fields(e *sim.Event) (f [columns]uint64) {
	f = [columns]uint64{colSeq: e.Seq, colAt: uint64(max(e.At, 0)), colMember: uint64(e.Member), colPeer: uint64(e.Peer),
		colMsg: uint64(e.Msg), colRole: uint64(e.Role), colOp: uint64(e.Op), colResult: uint64(e.Result),
		colCount: uint64(e.Count), colClient: uint64(e.Client), colID: e.ID, colTerm: e.Term, colIndex: e.Index,
		colLogTerm: e.LogTerm, colCommit: e.Commit, colKey: p.number(e.Key), colOld: e.Old, colRevision: e.Revision,
		colNote: p.number(e.Note)}
	if e.Reject {
		f[colReject] = 1
	}
	if e.Kind != sim.KindAppended && e.Kind != sim.KindApplied {
		f[colValue] = e.Value
	}
	for i := range f {
		f[i] = min(f[i], largest)
	}
	return f
}

// packer packs events.
type packer struct {
	kinds, masks []byte
	cols         [columns][]byte
	before       [256][columns]uint64 // the last numbers of each kind
	seq, at      uint64
	strings      []string
	numbers      map[string]uint64
}

// number is a text's place among the strings.
func (p *packer) number(s string) uint64 {
	n, ok := p.numbers[s]
	if !ok {
		n = uint64(len(p.strings))
		p.numbers[s] = n
		p.strings = append(p.strings, shown(s))
	}
	return n
}

func (p *packer) add(e *sim.Event) {
	f := p.fields(e)
	last := &p.before[e.Kind]
	last[colSeq], last[colAt] = p.seq, p.at
	p.seq, p.at = f[colSeq], f[colAt]
	var mask uint64
	for i, v := range f {
		if v == 0 {
			continue
		}
		mask |= 1 << i
		p.cols[i] = binary.AppendVarint(p.cols[i], int64(v)-int64(last[i]))
		last[i] = v
	}
	p.kinds = append(p.kinds, byte(e.Kind))
	p.masks = binary.AppendUvarint(p.masks, mask)
}

func pack(t *sim.Trace, h *head, c cut) ([]byte, error) {
	p := &packer{strings: []string{""}, numbers: map[string]uint64{"": 0}}
	for e := range t.All(sim.AllKinds) {
		if !c.drops(e) {
			p.add(e)
		}
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	h.Events, h.LeftOut, h.Strings = len(p.kinds), c.words, p.strings
	text, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	raw := []byte(magic)
	for _, part := range append([][]byte{text, p.kinds, p.masks}, p.cols[:]...) {
		raw = append(binary.AppendUvarint(raw, uint64(len(part))), part...)
	}
	return raw, nil
}

func compressed(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(raw); err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return out.Bytes(), nil
}
