//go:build unix

package spool

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"testing"
)

// TestComesBack: what was added is read again, in order, by several readers of blocks in any order, whether it is in
// memory or not; and no file is left.
func TestComesBack(t *testing.T) {
	for _, c := range []struct {
		name    string
		records int
		longest int
		file    bool
	}{
		{"nothing", 0, 1, false},
		{"one", 1, 10, false},
		{"several blocks", 20_000, 60, false},
		{"a file", 300_000, 200, true},
		{"records longer than a block", 60, 3 * blockLen, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("TMPDIR", dir)
			random := rand.New(rand.NewPCG(1, 2))
			var s Spool
			var want []byte
			begins := 0
			for i := range c.records {
				record := make([]byte, 4+random.IntN(c.longest))
				binary.LittleEndian.PutUint32(record, uint32(i))
				want = append(want, record...)
				if s.Add(record) {
					begins++
				}
			}
			if s.Err() != nil || s.size != int64(len(want)) || s.Blocks() != begins || (s.file != nil) != c.file {
				t.Fatalf("%v; %d of %d bytes in %d blocks of which %d began, file %v", s.Err(), s.size, len(want),
					s.Blocks(), begins, s.file)
			}
			if have := inMemory(&s); have > mostInMemory+4*blockLen {
				t.Errorf("%d bytes are in memory", have)
			}
			var got []byte
			var buffer []byte
			for i := range s.Blocks() {
				b, err := s.Read(i, &buffer)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, b...)
			}
			if !bytes.Equal(got, want) {
				t.Error("something else comes back")
			}
			if err := s.Close(); err != nil || s.Close() != nil || s.Blocks() != 0 {
				t.Errorf("closed: %v", err)
			}
			if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
				t.Errorf("%v is left, %v", left, err)
			}
		})
	}
}

func inMemory(s *Spool) (n int) {
	for _, b := range s.blocks {
		n += cap(b.bytes)
	}
	return n
}

// TestNoRoom: where no file can be made, adding goes on without effect, and the error says so.
func TestNoRoom(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/none")
	var s Spool
	record := make([]byte, blockLen)
	for range 2 + mostInMemory/blockLen {
		s.Add(record)
	}
	if s.Err() == nil {
		t.Fatal("no error")
	}
	if size := s.size; s.Add(record) || s.size != size {
		t.Error("it goes on")
	}
	if err := s.Close(); err != nil || s.Err() == nil {
		t.Errorf("closed: %v; the error is now %v", err, s.Err())
	}
}
