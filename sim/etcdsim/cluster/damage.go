package cluster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"quorumlab/sim"
)

// Damage is where a file was damaged.
type Damage struct {
	File string // its name without the folder
	At   int64  // byte offset
	What string // what is there
}

// errNothing is the error of a file that is not there yet, or in which nothing can be damaged.
var errNothing = errors.New("there is nothing to damage yet")

// nothingYet says what a member lacks, by the kind of file.
var nothingYet = map[sim.DataFile]string{
	sim.FileWAL:      "the log of %s has too few records yet: one in the middle is damaged",
	sim.FileSnapshot: "%s has no snapshot file yet: etcd writes one every store.snapshot-count entries",
	sim.FileDatabase: "the database of %s holds no value yet: a client has to write one first",
}

// Damage flips one bit in the member's newest file of the kind, at a place that Seed chooses and that
// matters: in a record of the WAL that has one after it (the last one would pass for a torn write,
// which etcd repairs), in the content of a snapshot file, and in the database in a byte of a key's
// value, with everything that leads there intact. It works the same whether the member runs or not: the
// file is written behind its back.
//
// A running member does not read its WAL again until its next start, which fails. From its database it
// reads the new value, at the latest after its next write, and nothing tells it that the value is wrong:
// only a comparison with the others does (CompareHashes, CorruptCheck). etcd 3.7 reads no snapshot
// file when it starts. Errors: there is no such file or it is still empty, and those of the system.
func (m *Member) Damage(ctx context.Context, f sim.DataFile) (Damage, error) {
	var d Damage
	var err error
	switch f {
	case sim.FileWAL:
		d, err = m.damageNewest(filepath.Join("wal", "*.wal"), m.placeInWAL)
	case sim.FileSnapshot:
		d, err = m.damageNewest(filepath.Join("snap", "*.snap"), m.placeInSnapshot)
	case sim.FileDatabase:
		d, err = m.damageDatabase(ctx)
	default:
		err = errors.New("unknown kind of file")
	}
	if errors.Is(err, errNothing) {
		return d, fmt.Errorf(nothingYet[f], m.Name)
	}
	if err != nil {
		return d, fmt.Errorf("damage the %s of %s: %w", f, m.Name, err)
	}
	return d, nil
}

// damageNewest flips a bit of the newest file of a pattern. etcd's names are in order of time.
func (m *Member) damageNewest(pattern string, place func(content []byte) (int64, string, error)) (Damage, error) {
	m.settle()
	files, err := filepath.Glob(filepath.Join(m.data(), "member", pattern))
	if err != nil {
		return Damage{}, err
	}
	if len(files) == 0 {
		return Damage{}, errNothing
	}
	file := slices.Max(files)
	content, err := os.ReadFile(file)
	if err != nil {
		return Damage{}, err
	}
	d := Damage{File: filepath.Base(file)}
	if d.At, d.What, err = place(content); err != nil {
		return d, fmt.Errorf("%s: %w", d.File, err)
	}
	return d, flipBit(file, d.At, content[d.At])
}

// flipBit turns the lowest bit of a byte around.
func flipBit(file string, at int64, was byte) (err error) {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.WriteAt([]byte{was ^ 1}, at); err != nil {
		return err
	}
	return f.Sync()
}

// draw chooses one of n places by the member's own stream.
func (m *Member) draw(what sim.DataFile, n int) int {
	return int(sim.Below(sim.Stream(m.cluster.opt.Seed, fmt.Sprintf("damage %s %d", what, m.ID)), int64(n)))
}

// placeInWAL is in the middle of what a record holds, which its checksum covers. A file is a row of
// frames: eight bytes of which the lower seven are the record's length, the record, and zeros up to a
// multiple of eight (etcd, server, storage/wal/encoder.go). The part not yet written is zero.
func (m *Member) placeInWAL(content []byte) (int64, string, error) {
	var middles []int64
	for at := 0; at+8 <= len(content); {
		field := binary.LittleEndian.Uint64(content[at:])
		size := int(field &^ (0xff << 56))
		if size == 0 || size > len(content)-at-8 {
			break
		}
		if from, to := dataOf(content[at+8 : at+8+size]); from < to {
			middles = append(middles, int64(at+8+(from+to)/2))
		}
		at += 8 + (size+7)/8*8
	}
	if len(middles) < 3 {
		return 0, "", errNothing
	}
	n := 1 + m.draw(sim.FileWAL, len(middles)-2) // neither the first, which opens the file, nor the last
	return middles[n], fmt.Sprintf("record %d of %d", n+1, len(middles)), nil
}

// dataOf is where a record of the WAL has its data: the third field (etcd, server,
// storage/wal/walpb). It is empty in a record that has none.
func dataOf(record []byte) (from, to int) {
	for at := 0; at < len(record); {
		field, kind, tag := protowire.ConsumeTag(record[at:])
		if tag < 0 {
			break
		}
		size := protowire.ConsumeFieldValue(field, kind, record[at+tag:])
		if size < 0 {
			break
		}
		at += tag + size
		if field == 3 && kind == protowire.BytesType {
			data, _ := protowire.ConsumeBytes(record[at-size : at])
			return at - len(data), at
		}
	}
	return 0, 0
}

func (m *Member) placeInSnapshot(content []byte) (int64, string, error) {
	if len(content) == 0 {
		return 0, "", errNothing
	}
	return int64(m.draw(sim.FileSnapshot, len(content))), fmt.Sprintf("of %d bytes", len(content)), nil
}

// damageDatabase changes a value. The database of a running member is locked and never still: what
// is in it comes from a snapshot, and is then looked for in the file.
func (m *Member) damageDatabase(ctx context.Context) (Damage, error) {
	m.settle()
	file := filepath.Join(m.data(), "member", "snap", "db")
	image := file
	if m.Up() {
		image = filepath.Join(m.dir, "image.db")
		defer os.Remove(image)
		client, err := m.Dial()
		if err != nil {
			return Damage{}, err
		}
		defer client.Close()
		if err := save(ctx, client, image); err != nil {
			return Damage{}, err
		}
	}
	records, err := newestValues(image)
	if err != nil {
		return Damage{}, err
	}
	if len(records) == 0 {
		return Damage{}, errNothing
	}
	// Among the older half: pages of the newest are written anew all the time.
	r := records[m.draw(sim.FileDatabase, (len(records)+1)/2)]
	at, err := r.change(file)
	return Damage{"db", at, fmt.Sprintf("the value of %s in revision %d", r.key, r.revision)}, err
}

// record is a change of a key as the database file holds it.
type record struct {
	key      string
	revision int64
	bytes    []byte // the revision and what was written, which stand together
	last     int    // where in bytes the value ends
}

// newestValues lists the newest value of each key, in order of their revisions. A value of one of our
// clients begins with its number and is padded after it, so that nobody who reads the number sees a
// change of its last byte.
func newestValues(file string) (records []record, err error) {
	db, err := bolt.Open(file, 0o400, &bolt.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	newest := map[string]int64{}
	err = db.View(func(tx *bolt.Tx) error {
		keys := tx.Bucket(bucketKey)
		if keys == nil {
			return errNothing
		}
		return keys.ForEach(func(k, v []byte) error {
			var kv mvccpb.KeyValue
			if err := proto.Unmarshal(v, &kv); err != nil {
				return err
			}
			newest[string(kv.Key)] = mainRevision(k)
			if len(kv.Value) > 0 {
				end := bytes.LastIndex(v, kv.Value) + len(kv.Value) // only the lease follows it
				records = append(records, record{string(kv.Key), mainRevision(k), slices.Concat(k, v), len(k) + end - 1})
			}
			return nil
		})
	})
	return slices.DeleteFunc(records, func(r record) bool { return r.revision != newest[r.key] }), err
}

// change flips a bit of the value wherever the file has the record: the page in use, and those that
// it was on before and that are free now. It tells the last place.
func (r *record) change(file string) (at int64, err error) {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	at = -1
	for from := 0; ; {
		i := bytes.Index(content[from:], r.bytes)
		if i < 0 {
			break
		}
		from += i + len(r.bytes)
		at = int64(from - len(r.bytes) + r.last)
		if _, err := f.WriteAt([]byte{r.bytes[r.last] ^ 1}, at); err != nil {
			return at, err
		}
	}
	if at < 0 {
		return 0, errors.New("the database was just rewritten; try again")
	}
	return at, f.Sync()
}
