package cluster

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"google.golang.org/protobuf/proto"

	"quorumlab/internal/mvccfile"
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
	const keys, pageSize = 600, 4096
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketKey, bucketMeta} {
			b, err := tx.CreateBucket(name)
			if err != nil {
				return err
			}
			for i := range uint64(keys) {
				value, err := proto.Marshal(&mvccpb.KeyValue{Key: []byte("k"), Value: bytes.Repeat([]byte("v"), 100)})
				if err != nil {
					return err
				}
				revision := append(binary.BigEndian.AppendUint64(nil, i+1), "_00000000"...)
				if err := b.Put(revision, value); err != nil {
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
	// Every page that is in use is looked at, and not only the way to the last key: a member panics at the others.
	used := 0
	for page := 2; page < len(whole)/pageSize; page++ {
		const kind = 8 // where a page says what it is
		is := binary.LittleEndian.Uint16(whole[page*pageSize+kind:])
		if is != 1 && is != 2 || binary.LittleEndian.Uint64(whole[page*pageSize:]) != uint64(page) {
			continue
		}
		content := bytes.Clone(whole)
		copy(content[page*pageSize+kind:], "\xff\xff")
		var bad *mvccfile.PageError
		_, err := ReadSnapshot(saved("damaged.db", content))
		if err == nil {
			continue // a page of before, which is free
		}
		if used++; !errors.Is(err, ErrSnapshot) || !errors.As(err, &bad) || bad.Page != uint64(page) {
			t.Errorf("page %d: %v", page, err)
		}
	}
	if least := 2 * keys * 100 / pageSize; used < least {
		t.Errorf("damage was found on %d pages, and the records alone take %d", used, least)
	}
	// A record that a member can't read is on a page that is as it should be.
	content := bytes.ReplaceAll(whole, []byte("_00000000\x0a"), []byte("_00000000\xff")) // the tag of the first field
	_, err = ReadSnapshot(saved("damaged.db", content))
	if !errors.Is(err, ErrSnapshot) || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("a record: %v", err)
	}
}
