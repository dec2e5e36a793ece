package backupandrestore

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"google.golang.org/protobuf/proto"
)

// valuesIn reads the newest value of each order from a snapshot or a member's database, past
// etcd.
func valuesIn(file string) (values map[string]string, err error) {
	db, err := bolt.Open(file, 0o400, &bolt.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	values = map[string]string{}
	return values, db.View(func(tx *bolt.Tx) error {
		revisions := tx.Bucket([]byte("key"))
		if revisions == nil {
			return fmt.Errorf("%s is not an etcd database", file)
		}
		return revisions.ForEach(func(_, v []byte) error { // in the order of their revisions
			var kv mvccpb.KeyValue
			if err := proto.Unmarshal(v, &kv); err != nil {
				return err
			}
			if bytes.HasPrefix(kv.Key, []byte(orders)) {
				values[string(kv.Key)] = string(kv.Value)
			}
			return nil
		})
	})
}

// flip copies a file and flips one bit wherever this text is in it: bbolt may have left
// older copies of a page behind.
func flip(from, to, text string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	found := false
	for at := 0; ; {
		i := bytes.Index(content[at:], []byte(text))
		if i < 0 {
			break
		}
		at += i + len(text)
		content[at-1] ^= 1
		found = true
	}
	if !found {
		return fmt.Errorf("%q is not in %s", text, from)
	}
	return os.WriteFile(to, content, 0o600)
}

// cut copies a file without what is behind this many bytes; below 0: without so many at the
// end.
func cut(from, to string, size int) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if size < 0 {
		size += len(content)
	}
	return os.WriteFile(to, content[:size], 0o600)
}
