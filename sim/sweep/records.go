package sweep

import (
	"encoding/binary"
	"encoding/json"
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

// A record on disk has its values, its status and a checksum of both, of the sweep's design and of the trial's number
// among all. A record that is not written, or only in part, or that is another trial's, has a wrong checksum and does
// not count.
const (
	statusSize = 4
	sumSize    = 4

	passed uint32 = 1
	failed uint32 = 2
)

// RecordSize is how many bytes a record takes.
func (p *Design) RecordSize() int { return 8*len(p.Measures) + statusSize + sumSize }

// Encoder encodes and decodes the records of a design.
type Encoder struct {
	design *Design
	sum    uint32 // of the design, whatever its shard
}

// Encoder makes one.
func (p *Design) Encoder() Encoder {
	whole := *p
	whole.Shard, whole.Shards = 1, 1
	b, _ := json.Marshal(whole) // its fields are strings, numbers and lists of them
	return Encoder{p, crc32.ChecksumIEEE(b)}
}

// sumOf is the checksum of what is before it in the record of the trial at a place of the shard.
func (e Encoder) sumOf(place int, record []byte) uint32 {
	number := binary.LittleEndian.AppendUint64(nil, uint64(e.design.number(place)))
	return crc32.Update(crc32.Update(e.sum, crc32.IEEETable, number), crc32.IEEETable, record)
}

// Append encodes the record of the trial at a place of the shard.
func (e Encoder) Append(b []byte, place int, r Record) []byte {
	start := len(b)
	for _, v := range r.Values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	status := passed
	if r.Failed {
		status = failed
	}
	b = binary.LittleEndian.AppendUint32(b, status)
	return binary.LittleEndian.AppendUint32(b, e.sumOf(place, b[start:]))
}

// decode decodes the record at a place into r, whose Values must have room. False: the record is missing.
func (e Encoder) decode(b []byte, place int, r *Record) bool {
	n := len(b) - sumSize
	if binary.LittleEndian.Uint32(b[n:]) != e.sumOf(place, b[:n]) {
		return false
	}
	for i := range e.design.Measures {
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
	code   Encoder
}

// NewRecords are the records of a design in a file.
func NewRecords(p *Design, file io.ReaderAt) Records { return Records{p, file, p.Encoder()} }

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
			if !rs.code.decode(buf[i*size:(i+1)*size], place+i, &r) {
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
