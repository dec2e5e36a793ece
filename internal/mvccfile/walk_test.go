package mvccfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"

	bolt "go.etcd.io/bbolt"

	"quorumlab/internal/mvccfile"
)

// database writes a file with buckets of all sorts: without a key, inside a leaf, over some levels, with long values.
func database(t *testing.T, list bool) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "db")
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoFreelistSync: !list, PageSize: 4096})
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		err = errors.Join(err, db.Update(func(tx *bolt.Tx) error {
			for name, keys := range map[string]int{"empty": 0, "small": 3, "large": 4000, "long": 9} {
				b, err := tx.CreateBucketIfNotExists([]byte(name))
				if err != nil {
					return err
				}
				for i := range keys {
					value := bytes.Repeat([]byte{byte(i)}, 20+round)
					if name == "long" {
						value = bytes.Repeat(value, 600)
					}
					if err := b.Put(fmt.Appendf(nil, "key %06d", i), value); err != nil {
						return err
					}
				}
			}
			return nil
		}))
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// walked lists what a walk tells.
func walked(content []byte) (list []string, err error) {
	err = mvccfile.Walk(bytes.NewReader(content), int64(len(content)), func(bucket string, key, value []byte) error {
		list = append(list, fmt.Sprintf("%s %q %x", bucket, key, value))
		return nil
	})
	return list, err
}

// opened lists what bbolt itself reads, which may panic.
func opened(path string) (list []string, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("bbolt panics: %v", p)
		}
	}()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return list, db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			list = append(list, fmt.Sprintf("%s %q %x", name, "", []byte(nil)))
			return b.ForEach(func(k, v []byte) error {
				list = append(list, fmt.Sprintf("%s %q %x", name, k, v))
				return nil
			})
		})
	})
}

func TestWalkReadsWhatBboltReads(t *testing.T) {
	for _, list := range []bool{false, true} {
		content := database(t, list)
		path := filepath.Join(t.TempDir(), "copy")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		want, err := opened(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := walked(content)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("with a freelist %t: %v; %d entries, want %d", list, err, len(got), len(want))
		}
	}
}

// A file that passes is one that bbolt reads to its end, whatever byte of it was changed, and with the same content.
func TestWhatPassesDoesNotPanic(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	found, passed := 0, 0
	for i := range 120 {
		content := database2(t, i%2 == 0)
		for range 1 + rng.IntN(3) {
			page := rng.IntN(len(content) / 4096)
			at := page*4096 + rng.IntN(64) // the heads of pages and of their elements
			if rng.IntN(4) == 0 {
				at = rng.IntN(len(content))
			}
			content[at] ^= byte(1 + rng.IntN(255))
		}
		got, err := walked(content)
		if err != nil {
			var page *mvccfile.PageError
			if !errors.As(err, &page) && !errors.Is(err, mvccfile.ErrNoDatabase) {
				t.Fatalf("%d: the error is %v", i, err)
			}
			found++
			continue
		}
		passed++
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		want, err := opened(path)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d passes, but %v; %d entries, want %d", i, err, len(got), len(want))
		}
	}
	t.Logf("%d found, %d pass", found, passed)
	if found < 15 || passed < 15 {
		t.Errorf("%d damages were found and %d passed: that shows little", found, passed)
	}
}

var databases [2][]byte

// database2 is a copy of a database that was made once.
func database2(t *testing.T, list bool) []byte {
	i := map[bool]int{true: 1}[list]
	if databases[i] == nil {
		databases[i] = database(t, list)
	}
	return bytes.Clone(databases[i])
}

func TestWalkOfOtherFiles(t *testing.T) {
	whole := database(t, false)
	for name, content := range map[string][]byte{"empty": nil, "text": []byte("hello"), "zeros": make([]byte, 1<<16)} {
		if _, err := walked(content); !errors.Is(err, mvccfile.ErrNoDatabase) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	var page *mvccfile.PageError
	if _, err := walked(whole[:5*4096]); !errors.As(err, &page) {
		t.Errorf("five pages: the error is %v", err)
	}
	broken := errors.New("broken")
	if err := mvccfile.Walk(bytes.NewReader(whole), int64(len(whole)), func(string, []byte, []byte) error {
		return broken
	}); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

func FuzzWalk(f *testing.F) {
	f.Add([]byte("hello"))
	f.Add(make([]byte, 1<<14))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, _ = walked(content) // it must end, and not panic
	})
}
