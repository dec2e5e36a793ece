package sweep

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// Record is what is kept of a trial: the design's measures, NaN where there was nothing
// to measure, and whether its verdicts were good.
type Record struct {
	Values []float64
	Failed bool
}

// A record on disk has its values, its status and a checksum of both. A record that is
// not written, or only in part, has a wrong checksum and does not count.
const (
	statusSize = 4
	sumSize    = 4

	passed uint32 = 1
	failed uint32 = 2
)

// RecordSize is how many bytes a record takes.
func (p *Design) RecordSize() int { return 8*len(p.Measures) + statusSize + sumSize }

// AppendRecord encodes a record.
func (p *Design) AppendRecord(b []byte, r Record) []byte {
	start := len(b)
	for _, v := range r.Values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	status := passed
	if r.Failed {
		status = failed
	}
	b = binary.LittleEndian.AppendUint32(b, status)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}

// DecodeRecord decodes one record into r, whose Values must have room. False: the
// record is missing.
func (p *Design) DecodeRecord(b []byte, r *Record) bool {
	n := len(b) - sumSize
	if binary.LittleEndian.Uint32(b[n:]) != crc32.ChecksumIEEE(b[:n]) {
		return false
	}
	for i := range p.Measures {
		r.Values[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	status := binary.LittleEndian.Uint32(b[n-statusSize:])
	r.Failed = status == failed
	return status == passed || status == failed
}

// Records are the trials of a whole sweep, or of a shard, in a file.
type Records struct {
	Design *Design
	File   io.ReaderAt
}

// chunk is how many records are read at once.
const chunk = 1024

// Each visits the records from place to place, in order; there is one buffer, so a
// record is valid during its visit only. A missing record is visited with nil. An
// error from visit stops it.
func (rs Records) Each(from, to int, visit func(place int, r *Record) error) error {
	size := rs.Design.RecordSize()
	buf := make([]byte, chunk*size)
	r := Record{Values: make([]float64, len(rs.Design.Measures))}
	for place := from; place < to; {
		n := min(chunk, to-place)
		got, err := rs.File.ReadAt(buf[:n*size], int64(place)*int64(size))
		if err != nil && err != io.EOF {
			return fmt.Errorf("records %d to %d: %w", place, place+n, err)
		}
		clear(buf[got:])
		for i := range n {
			at := &r
			if !rs.Design.DecodeRecord(buf[i*size:(i+1)*size], &r) {
				at = nil
			}
			if err := visit(place+i, at); err != nil {
				return err
			}
		}
		place += n
	}
	return nil
}

// Missing counts the missing records.
func (rs Records) Missing() (n int, err error) {
	err = rs.Each(0, rs.Design.Own(), func(_ int, r *Record) error {
		if r == nil {
			n++
		}
		return nil
	})
	return n, err
}
