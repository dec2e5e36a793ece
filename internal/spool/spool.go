// Package spool holds records that are written once, in order, and read again any number of times: in memory as long
// as they are few, in a temporary file when they are many. So what a program records is bounded by its disk, not by
// its memory.
package spool

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

const (
	firstBlock = 4 << 10   // bytes: many spools stay small
	blockLen   = 256 << 10 // bytes of a block, unless a record is longer
)

// Spool is a sequence of records. The zero value is empty and ready. It is written by one goroutine; when it is
// written no longer, any number may read it.
type Spool struct {
	blocks []block
	full   int // bytes of all blocks but the last
	size   int64
	file   *os.File // holds every block whose bytes are not in memory; nil: there is none
	named  bool     // the file still has its name
	err    error
}

// block is some records that follow each other.
type block struct {
	bytes []byte // nil: they are in the file
	at    int64  // their place in the file
	len   int
}

// Add adds a record and reports whether it begins a block: records of one block are always read together and in order.
// After an error it does nothing.
func (s *Spool) Add(record []byte) (begins bool) {
	if s.err != nil {
		return false
	}
	if n := len(s.blocks); n == 0 || len(s.blocks[n-1].bytes)+len(record) > cap(s.blocks[n-1].bytes) {
		if begins = true; !s.begin(len(record)) {
			return false
		}
	}
	last := &s.blocks[len(s.blocks)-1]
	last.bytes = append(last.bytes, record...)
	s.size += int64(len(record))
	return begins
}

// begin begins a block for a record of that many bytes.
func (s *Spool) begin(record int) bool {
	room := firstBlock
	if n := len(s.blocks); n > 0 {
		last := &s.blocks[n-1]
		last.len = len(last.bytes)
		s.full += last.len
		room = min(2*cap(last.bytes), blockLen)
		if s.file != nil || s.full > mostInMemory {
			free, ok := s.write()
			if !ok {
				return false
			}
			if cap(free) >= max(room, record) {
				s.blocks = append(s.blocks, block{bytes: free[:0]})
				return true
			}
		}
	}
	s.blocks = append(s.blocks, block{bytes: make([]byte, 0, max(room, record))})
	return true
}

// write moves all blocks to the file, and returns memory that is free now.
func (s *Spool) write() (free []byte, ok bool) {
	if s.file == nil {
		if s.file, s.err = os.CreateTemp("", "quorumlab-spool-"); s.err != nil {
			return nil, false
		}
		// Without a name nothing is left of it, whatever becomes of the program. Windows refuses that while it is open.
		s.named = os.Remove(s.file.Name()) != nil
	}
	at := s.size - int64(s.full)
	for i := range s.blocks {
		b := &s.blocks[i]
		if b.bytes == nil {
			continue
		}
		if _, err := s.file.WriteAt(b.bytes, at); err != nil {
			s.err = fmt.Errorf("what is recorded can't be kept in a temporary file: %w; TMPDIR may name a folder with more "+
				"room", err)
			return nil, false
		}
		free = b.bytes
		b.bytes, b.at = nil, at
		at += int64(b.len)
	}
	s.full = 0
	return free, true
}

// Blocks is how many blocks there are.
func (s *Spool) Blocks() int { return len(s.blocks) }

// Read returns block i, from 0. What is read from the file is read into the buffer, which grows as needed; the block
// is valid until that is used again.
func (s *Spool) Read(i int, buffer *[]byte) ([]byte, error) {
	b := s.blocks[i]
	if b.bytes != nil {
		return b.bytes, nil
	}
	*buffer = slices.Grow((*buffer)[:0], b.len)[:b.len]
	_, err := s.file.ReadAt(*buffer, b.at)
	return *buffer, err
}

// Err is what went wrong while records were added, or nil.
func (s *Spool) Err() error { return s.err }

// Close gives back memory and file. The spool is empty then. It may be called more than once.
func (s *Spool) Close() error {
	file, named := s.file, s.named
	*s = Spool{err: s.err}
	if file == nil {
		return nil
	}
	err := file.Close()
	if named {
		err = errors.Join(err, os.Remove(file.Name()))
	}
	return err
}
