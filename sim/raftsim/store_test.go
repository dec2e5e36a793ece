package raftsim

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"quorumlab/sim"
)

// model is the store as one would write it down: every write that succeeded.
type model []struct {
	key   int
	value uint64
}

func (m model) get(key int) (value, mod, create, version uint64) {
	for i, w := range m {
		if w.key == key {
			value, mod = w.value, uint64(i+2)
			if version++; version == 1 {
				create = mod
			}
		}
	}
	return value, mod, create, version
}

// TestStoreAgainstModel holds the store, and what a snapshot makes of it, against
// the list of its writes.
func TestStoreAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStore()
		var m model
		for op := range uint64(rapid.IntRange(1, 60).Draw(t, "writes")) {
			q := request{kind: reqPut, op: op + 1, key: rapid.IntRange(0, 5).Draw(t, "key")}
			found, _, _, _ := m.get(q.key)
			want := answer{result: sim.OutcomeOK, value: q.op}
			if rapid.Bool().Draw(t, "cas") {
				q.kind, q.old = reqCAS, found
				if rapid.Bool().Draw(t, "wrong") {
					q.old += 1000
					want = answer{result: sim.OutcomeMismatch, value: found}
				}
			}
			if want.result == sim.OutcomeOK {
				m = append(m, struct {
					key   int
					value uint64
				}{q.key, q.op})
			}
			want.revision = uint64(len(m) + 1)
			if got := s.apply(decodeRequest(q.encode())); got != want {
				t.Fatalf("%+v: got %+v, want %+v", q, got, want)
			}
		}
		copied := decodeStore(s.encode())
		for key := range 7 {
			value, mod, create, version := m.get(key)
			want := record{create, mod, version, value}
			for _, st := range []store{s, copied} {
				var got record
				if key < len(st.records) {
					got = st.records[key]
				}
				if got != want || st.revision != uint64(len(m)+1) {
					t.Fatalf("key %d: got %+v at revision %d, want %+v", key, got, st.revision, want)
				}
			}
		}
		names := newKeys(6)
		if s.hash(&names) != copied.hash(&names) {
			t.Fatal("a store and its snapshot have different hashes")
		}
	})
}

// TestHashSeesEverything: whatever differs between two stores shows in the hash.
func TestHashSeesEverything(t *testing.T) {
	names := newKeys(3)
	seen := map[uint64][]record{}
	base := []record{{2, 3, 2, 9}, {}, {4, 4, 1, 8}}
	for i := range base {
		for j := range 5 {
			s := store{revision: 4, records: slices.Clone(base)}
			switch r := &s.records[i]; j {
			case 0:
				r.create++
			case 1:
				r.mod++
			case 2:
				r.version++
			case 3:
				r.value++
			case 4:
				if i == 0 { // the same records at other keys
					s.records[0], s.records[2] = s.records[2], s.records[0]
				}
			}
			h := s.hash(&names)
			if other, ok := seen[h]; ok && !equalStores(other, s.records) {
				t.Errorf("%v and %v have the same hash", other, s.records)
			}
			seen[h] = s.records
		}
	}
}

// equalStores compares what exists.
func equalStores(a, b []record) bool {
	exists := func(r record) record {
		if r.version == 0 {
			return record{}
		}
		return r
	}
	return slices.EqualFunc(a, b, func(x, y record) bool { return exists(x) == exists(y) })
}

func TestCompactionStaysInBounds(t *testing.T) {
	s := newStore()
	s.put(0, 1)
	s.put(1, 2)
	for _, tt := range []struct{ to, want uint64 }{{2, 2}, {1, 2}, {99, 3}} {
		s.apply(decodeRequest(request{kind: reqCompact, compaction: tt.to}.encode()))
		if s.compacted != tt.want || s.revision != 3 {
			t.Errorf("compact %d: compacted up to %d at revision %d, want %d at 3", tt.to, s.compacted, s.revision, tt.want)
		}
	}
}

// TestFileKeepsItsSize: a compaction frees pages of the file, which new revisions use before it grows again.
func TestFileKeepsItsSize(t *testing.T) {
	s := newStore()
	write := func(n int, key int) {
		for range n {
			s.put(key, 1)
		}
		s.file.commit()
	}
	for _, step := range []struct {
		do   string
		file file
	}{
		{"ten writes of one key", file{kept: 10, most: 10, unused: 1}},
		{"two of another one", file{kept: 12, most: 12, unused: 2}},
		{"a compaction", file{kept: 2, most: 12, unused: 2}},
		{"ten more writes", file{kept: 12, most: 12, unused: 3}},
		{"a compaction in the middle of them", file{kept: 7, most: 12, unused: 3}},
	} {
		switch step.do {
		case "ten writes of one key", "ten more writes":
			write(10, 0)
		case "two of another one":
			write(2, 1)
		case "a compaction":
			s.apply(request{kind: reqCompact, compaction: s.revision})
		default:
			s.apply(request{kind: reqCompact, compaction: s.revision - 5})
		}
		if s.file != step.file || decodeStore(s.encode()).file != step.file {
			t.Errorf("after %s the file is %+v, want %+v", step.do, s.file, step.file)
		}
	}
}
