package mvccfile_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/server/v3/lease"
	"go.etcd.io/etcd/server/v3/storage/backend"
	"go.etcd.io/etcd/server/v3/storage/mvcc"
	"go.uber.org/zap"

	"quorumlab/internal/mvccfile"
)

// write has etcd's own store write n revisions of a key, so many in a commit, and returns the size of its file.
func write(t *testing.T, n, value, batch int) float64 {
	t.Helper()
	c := backend.DefaultBackendConfig(zap.NewNop())
	c.Path, c.UnsafeNoFsync = filepath.Join(t.TempDir(), "db"), true
	c.BackendFreelistType = bolt.FreelistMapType         // as the server has it
	c.BatchInterval, c.BatchLimit = time.Hour, 1_000_000 // commits when it is told to
	b := backend.New(c)
	defer b.Close()
	kv := mvcc.New(zap.NewNop(), b, &lease.FakeLessor{}, mvcc.StoreConfig{})
	defer kv.Close()
	for i := range n {
		kv.Put([]byte("k0"), make([]byte, value), lease.NoLease)
		if i%batch == batch-1 {
			b.ForceCommit()
		}
	}
	b.ForceCommit()
	return float64(b.Size())
}

// files is how many files the middle is taken of: bbolt takes its free pages in the order of a Go map, so that
// one file can be half as large again as another.
const files = 9

// TestFilesAreAsEtcdWritesThem: what the layout says of a file's size, against etcd's own store.
func TestFilesAreAsEtcdWritesThem(t *testing.T) {
	for _, c := range []struct{ n, value, batch int }{
		{800, 4096, 4}, {1000, 4096, 10}, {1000, 4096, 1000}, {1000, 16 << 10, 10}, {1000, 1024, 10}, {5000, 256, 50},
	} {
		var sizes []float64
		for range files {
			sizes = append(sizes, write(t, c.n, c.value, c.batch))
		}
		slices.Sort(sizes)
		want := sizes[files/2]
		got := mvccfile.Empty + float64(c.n)*mvccfile.Stored(2, float64(c.value)) +
			float64(c.n/c.batch)*mvccfile.Unused(2, float64(c.value))
		t.Logf("%+v: %.0f of %.0f bytes, %+.1f%%", c, got, want, 100*(got/want-1))
		if got < 0.7*want || got > 1.3*want {
			t.Errorf("%+v: the file has %.0f bytes, not %.0f", c, want, got)
		}
	}
}
