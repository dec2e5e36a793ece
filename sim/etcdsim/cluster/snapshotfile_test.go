package cluster

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// A page that was damaged before the snapshot was saved has a checksum that fits: bbolt panics at some of them.
func TestSnapshotsWithDamagedPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "whole.db")
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	const keys, pageSize = 200, 4096
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketKey, bucketMeta} {
			b, err := tx.CreateBucket(name)
			if err != nil {
				return err
			}
			for i := range uint64(keys) {
				if err := b.Put(binary.BigEndian.AppendUint64(nil, i+1), bytes.Repeat([]byte("v"), 100)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	saved := func(name string, content []byte) string {
		sum := sha256.Sum256(content)
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, append(bytes.Clone(content), sum[:]...), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	if s, err := ReadSnapshot(saved("saved.db", whole)); err != nil || s.Revision != keys {
		t.Fatalf("the whole one: revision %d, %v; want %d", s.Revision, err, keys)
	}
	found := 0
	for page := 2; page < len(whole)/pageSize; page++ {
		const kind = 8 // where a page says what it is
		content := bytes.Clone(whole)
		copy(content[page*pageSize+kind:], "\xff\xff")
		_, err := ReadSnapshot(saved("damaged.db", content))
		if err != nil && !errors.Is(err, ErrSnapshot) {
			t.Errorf("page %d: %v", page, err)
		}
		if err != nil {
			found++
		}
	}
	if found < 3 { // the root, and the way to the last key
		t.Errorf("damage was found %d times", found)
	}
}
