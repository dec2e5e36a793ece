package cluster

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.etcd.io/etcd/api/v3/authpb"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/server/v3/lease/leasepb"
	"google.golang.org/protobuf/proto"

	"quorumlab/internal/input"
	"quorumlab/internal/mvccfile"
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
	if s.Size > 0 && !mvccfile.IsDatabase(f) {
		return s, fmt.Errorf("snapshot %s: %w: it is no database of etcd, but something else, or one that is encrypted or "+
			"compressed", file, ErrSnapshot)
	}
	if err := checkSum(f, s.Size); err != nil {
		return s, fmt.Errorf("snapshot %s: %w", file, err)
	}
	if err := s.read(f); err != nil {
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

// read takes the revisions from the database, and looks at every page and every record of it: the checksum does not
// find what was damaged before the snapshot, and etcd panics at it, but only once it is restored.
func (s *Snapshot) read(file io.ReaderAt) error {
	buckets := map[string]bool{}
	compacted := int64(0)
	err := mvccfile.Walk(file, s.Size-sha256.Size, func(bucket string, key, value []byte) error {
		if key == nil {
			buckets[bucket] = true
			return nil
		}
		switch bucket {
		case string(bucketKey):
			if len(key) < revisionLen {
				return fmt.Errorf("a key of %d bytes is no revision", len(key))
			}
			s.last = mainRevision(key)
		case string(bucketMeta):
			if slices.ContainsFunc(compactedAt, func(k []byte) bool { return bytes.Equal(k, key) }) {
				compacted = max(compacted, mainRevision(value))
			}
		}
		return readable(bucket, key, value)
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	if !buckets[string(bucketKey)] || !buckets[string(bucketMeta)] {
		return fmt.Errorf("%w: it is a database, but not etcd's", ErrSnapshot)
	}
	s.Revision = max(1, s.last, compacted) // etcd begins at 1
	return nil
}

// revisionLen is the length of a revision in etcd's form: two numbers and what stands between them.
const revisionLen = 8 + 1 + 8

// written makes what the values of etcd's buckets are read into. A member panics at one that can't be read.
var written = map[string]func() proto.Message{
	string(bucketKey): func() proto.Message { return &mvccpb.KeyValue{} },
	"lease":           func() proto.Message { return &leasepb.Lease{} },
	"authUsers":       func() proto.Message { return &authpb.User{} },
	"authRoles":       func() proto.Message { return &authpb.Role{} },
}

// readable returns why a member could not read a record.
func readable(bucket string, key, value []byte) error {
	into, known := written[bucket]
	if !known {
		return nil
	}
	if err := proto.Unmarshal(value, into()); err != nil {
		return fmt.Errorf("the record %q of the bucket %q is damaged: %w", key, bucket, err)
	}
	return nil
}

// mainRevision is the store's revision in etcd's form: eight bytes, and more that do not matter here.
func mainRevision(b []byte) int64 {
	if len(b) < 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b))
}
