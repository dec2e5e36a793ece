package raftsim

import (
	"encoding/binary"
	"slices"
	"strconv"

	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/internal/mvccfile"
	"quorumlab/sim"
)

// store is the key-value store with etcd's revisions: the store's revision begins
// at 1, and each write that succeeds takes the next one. Keys are numbers in here;
// see keys.
type store struct {
	revision  uint64
	compacted uint64
	records   []record
	file      file
}

// file is how large the database's file is. It has all revisions until they are compacted, and never shrinks: what a
// compaction frees is used again.
type file struct {
	kept   uint64 // revisions in it
	most   uint64 // that there ever were
	unused uint64 // commits that left pages which are of no use
}

// grow adds a revision.
func (f *file) grow() {
	f.kept++
	f.most = max(f.most, f.kept)
}

// commit ends a transaction.
func (f *file) commit() {
	if f.kept == f.most { // no page is free
		f.unused++
	}
}

// fileSize is the size of a file, with values of the workload's size.
func (r *run) fileSize(f file) int64 {
	longest := 1 + len(strconv.Itoa(max(r.s.Workload.Keys-1, 0))) // k0, k1 and so on
	key, value := float64(longest), float64(r.load.meanSize)
	return int64(mvccfile.Empty + float64(f.most)*mvccfile.Stored(key, value) +
		float64(f.unused)*mvccfile.Unused(key, value))
}

// compact drops what is neither newer than a revision nor a key's newest at it.
func (s *store) compact(rev uint64) {
	s.compacted = max(s.compacted, min(rev, s.revision))
	s.file.kept = s.revision - s.compacted
	for _, r := range s.records {
		if r.version > 0 && r.create <= s.compacted {
			s.file.kept++
		}
	}
}

// record is a key's newest version. Version 0: the key does not exist.
type record struct{ create, mod, version, value uint64 }

func newStore() store { return store{revision: 1} }

func (s store) clone() store {
	s.records = slices.Clone(s.records)
	return s
}

// get is a key's value, or 0, and the revision that wrote it.
func (s *store) get(key int) (value, mod uint64) {
	if key >= len(s.records) {
		return 0, 0
	}
	return s.records[key].value, s.records[key].mod
}

func (s *store) put(key int, value uint64) {
	if key >= len(s.records) {
		s.records = append(s.records, make([]record, key+1-len(s.records))...)
	}
	s.revision++
	s.file.grow()
	r := &s.records[key]
	if r.version == 0 {
		r.create = s.revision
	}
	r.mod, r.value = s.revision, value
	r.version++
}

// request is what an entry of the log asks the store for.
type request struct {
	kind       reqKind
	op         uint64 // the client operation's number, which is also the value written
	old        uint64 // reqCAS: the value expected
	key        int
	compaction uint64 // reqCompact: up to which revision
}

type reqKind uint8

const (
	reqPut reqKind = 1 + iota
	reqCAS
	reqCompact
)

// encode is the request as an entry's data.
func (q request) encode() []byte {
	b := make([]byte, 0, 24)
	b = append(b, byte(q.kind))
	switch q.kind {
	case reqCompact:
		return binary.AppendUvarint(b, q.compaction)
	case reqCAS:
		b = binary.AppendUvarint(b, q.old)
	}
	b = binary.AppendUvarint(b, q.op)
	return binary.AppendUvarint(b, uint64(q.key))
}

func decodeRequest(b []byte) (q request) {
	q.kind, b = reqKind(b[0]), b[1:]
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return v
	}
	switch q.kind {
	case reqCompact:
		q.compaction = next()
		return q
	case reqCAS:
		q.old = next()
	}
	q.op, q.key = next(), int(next())
	return q
}

// valueSize is how large the value of an entry that is a write is.
func (r *run) valueSize(e *pb.Entry) sim.Size {
	if w := &r.s.Workload; !w.Sizes.IsZero() {
		return w.SizeOf(r.s.Seed, decodeRequest(e.GetData()).op)
	}
	return r.s.Workload.Value
}

// isWrite reports whether an entry carries a value.
func isWrite(e *pb.Entry) bool {
	d := e.GetData()
	return e.GetType() == pb.EntryNormal && len(d) > 0 && reqKind(d[0]) != reqCompact
}

// answer is what a client hears.
type answer struct {
	result   sim.Outcome
	value    uint64
	revision uint64
	by       sim.MemberID
	note     string
}

// apply carries out a request.
func (s *store) apply(q request) answer {
	a := answer{result: sim.OutcomeOK, value: q.op}
	switch q.kind {
	case reqPut:
		s.put(q.key, q.op)
	case reqCAS:
		if v, _ := s.get(q.key); v == q.old {
			s.put(q.key, q.op)
		} else {
			a = answer{result: sim.OutcomeMismatch, value: v}
		}
	case reqCompact:
		s.compact(q.compaction)
	}
	a.revision = s.revision
	return a
}

// applyEntry carries out the request in an entry's data, if there is one.
func (s *store) applyEntry(data []byte) {
	if len(data) > 0 {
		s.apply(decodeRequest(data))
	}
}

// encode is the whole store as a snapshot's data.
func (s *store) encode() []byte {
	n := 0
	for i := range s.records {
		if s.records[i].version > 0 {
			n++
		}
	}
	b := binary.AppendUvarint(make([]byte, 0, 24+12*n), uint64(n))
	for _, v := range []uint64{s.revision, s.compacted, s.file.kept, s.file.most, s.file.unused} {
		b = binary.AppendUvarint(b, v)
	}
	for i, r := range s.records {
		if r.version > 0 {
			for _, v := range []uint64{uint64(i), r.create, r.mod, r.version, r.value} {
				b = binary.AppendUvarint(b, v)
			}
		}
	}
	return b
}

// fileOf is the file behind an encoded store.
func fileOf(b []byte) file { return decodeStore(b).file }

func decodeStore(b []byte) store {
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return v
	}
	n := next()
	s := store{revision: next(), compacted: next(), file: file{next(), next(), next()}}
	for ; n > 0; n-- {
		key := int(next())
		s.records = append(s.records, make([]record, key+1-len(s.records))...)
		s.records[key] = record{next(), next(), next(), next()}
	}
	return s
}

// hash is the content hash: a sum over the keys, in whatever order they come.
func (s *store) hash(names *keys) uint64 {
	sum := mix(s.revision)
	for i, r := range s.records {
		if r.version > 0 {
			h := uint64(14695981039346656037)
			for _, c := range []byte(names.name(i)) {
				h = (h ^ uint64(c)) * 1099511628211
			}
			sum += mix(mix(mix(mix(h^r.value)^r.mod)^r.create) ^ r.version)
		}
	}
	return sum
}

// mix spreads a number over 64 bits (the finalizer of splitmix64).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// keys numbers the keys of a run: k0, k1 ... of the workload by their own numbers,
// those of put statements behind them.
type keys struct {
	workload int
	names    []string // of the workload's, made when first asked for
	extra    []string
}

func newKeys(workload int) keys { return keys{workload: workload} }

func (k *keys) name(i int) string {
	if i >= k.workload {
		return k.extra[i-k.workload]
	}
	if k.names == nil {
		k.names = make([]string, k.workload)
	}
	if k.names[i] == "" {
		k.names[i] = "k" + strconv.Itoa(i)
	}
	return k.names[i]
}

// number finds a key, or adds it.
func (k *keys) number(name string) int {
	if len(name) > 1 && name[0] == 'k' {
		if i, err := strconv.Atoi(name[1:]); err == nil && i >= 0 && i < k.workload && name == k.name(i) {
			return i
		}
	}
	i := slices.Index(k.extra, name)
	if i < 0 {
		i = len(k.extra)
		k.extra = append(k.extra, name)
	}
	return k.workload + i
}
