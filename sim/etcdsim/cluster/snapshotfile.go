package cluster

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"

	"quorumlab/internal/input"
)

// Snapshot is what a snapshot file holds: etcd's database as one member had it, followed by a
// checksum.
type Snapshot struct {
	File     string
	Revision int64 // of the store
	Size     int64 // of the file, in bytes
	last     int64 // the newest revision that changed a key
}

// ErrSnapshot is the error of a snapshot file that can't be restored from.
var ErrSnapshot = errors.New("not a complete snapshot")

// ReadSnapshot reads a snapshot file, and trusts none of it before its checksum is verified: etcd's
// own tool reads the database first and crashes on a truncated one. Errors are an ErrSnapshot with the
// reason, and the system's.
func ReadSnapshot(file string) (Snapshot, error) {
	s := Snapshot{File: file}
	f, err := input.Open(file)
	if err != nil {
		return s, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	s.Size = info.Size()
	if err := checkSum(f, s.Size); err != nil {
		return s, fmt.Errorf("snapshot %s: %w", file, err)
	}
	if err := s.read(); err != nil {
		return s, fmt.Errorf("snapshot %s: %w", file, err)
	}
	return s, nil
}

// sector is what the size of a database is a multiple of, which tells whether a checksum follows.
const sector = 512

// checkSum compares the content with the SHA-256 after it.
func checkSum(f io.Reader, size int64) error {
	const sum = sha256.Size
	if size%sector != sum {
		return fmt.Errorf("%w: its %d bytes are not those of a database followed by a checksum; it was truncated, or is "+
			"a copy of a member's file", ErrSnapshot, size)
	}
	h := sha256.New()
	if _, err := io.CopyN(h, f, size-sum); err != nil {
		return err
	}
	want := make([]byte, sum)
	if _, err := io.ReadFull(f, want); err != nil {
		return err
	}
	if !bytes.Equal(h.Sum(nil), want) {
		return fmt.Errorf("%w: its content does not match its checksum; it was damaged or truncated", ErrSnapshot)
	}
	return nil
}

// The buckets and keys of etcd's database that are read here.
var (
	bucketKey  = []byte("key")
	bucketMeta = []byte("meta")
	// compactedAt are the revisions up to which a compaction is asked for and done.
	compactedAt = [][]byte{[]byte("scheduledCompactRev"), []byte("finishedCompactRev")}
)

// read takes the revisions from the database. bbolt panics at a page that is damaged, and the checksum does not find
// one that was damaged before the snapshot.
func (s *Snapshot) read() (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a page may point behind the end of the file
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: a page of the database is damaged: %v", ErrSnapshot, p)
		}
	}()
	db, err := bolt.Open(s.File, 0o400, &bolt.Options{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	defer db.Close()
	return db.View(func(tx *bolt.Tx) error {
		keys, meta := tx.Bucket(bucketKey), tx.Bucket(bucketMeta)
		if keys == nil || meta == nil {
			return fmt.Errorf("%w: it is a database, but not etcd's", ErrSnapshot)
		}
		last, _ := keys.Cursor().Last()
		s.last = mainRevision(last)
		s.Revision = max(1, s.last) // etcd begins at 1
		for _, k := range compactedAt {
			s.Revision = max(s.Revision, mainRevision(meta.Get(k)))
		}
		return nil
	})
}

// mainRevision is the store's revision in etcd's form: eight bytes, and more that do not matter here.
func mainRevision(b []byte) int64 {
	if len(b) < 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b))
}
