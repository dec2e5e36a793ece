package plan

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/prometheus/client_golang/prometheus"
	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/lease"
	"go.etcd.io/etcd/server/v3/storage/backend"
	"go.etcd.io/etcd/server/v3/storage/mvcc"
	"go.uber.org/zap"

	"quorumlab/sim"
)

// store is etcd's own key-value store on a real bbolt file.
type store struct {
	t    *testing.T
	b    backend.Backend
	kv   mvcc.WatchableKV
	peak int64
}

//go:linkname commitSec go.etcd.io/etcd/server/v3/storage/backend.commitSec
var commitSec prometheus.Histogram

// inOrder holds a commit until the read transaction that it has replaced is gone; etcd
// observes each commit here, before it begins the next transaction. A member's fsync
// gives that time. Without it chance decides whether the pages that were freed can be used at
// once, and the files of one load differ by a fifth.
type inOrder struct {
	prometheus.Histogram
	db *bolt.DB
}

func (o inOrder) Observe(float64) {
	for o.db.Stats().OpenTxN > 0 {
		runtime.Gosched()
	}
}

func openStore(t *testing.T) *store {
	c := backend.DefaultBackendConfig(zap.NewNop())
	c.Path, c.UnsafeNoFsync, c.MmapSize = filepath.Join(t.TempDir(), "db"), true, 1<<30
	c.BackendFreelistType = bolt.FreelistMapType   // as the server has it
	c.BatchInterval, c.BatchLimit = time.Hour, 200 // commits by count alone
	b := backend.New(c)
	observed := commitSec
	commitSec = inOrder{observed, (*bolt.DB)(reflect.ValueOf(b).Elem().FieldByName("db").UnsafePointer())}
	s := &store{t: t, b: b, kv: mvcc.New(zap.NewNop(), b, &lease.FakeLessor{},
		mvcc.StoreConfig{CompactionBatchLimit: compactBatch, CompactionSleepInterval: time.Millisecond})}
	t.Cleanup(func() {
		s.kv.Close()
		commitSec = observed
		b.Close()
	})
	return s
}

// put writes a key, padded to its size, and notes the file's size.
func (s *store) put(key string, keySize, valueSize int) {
	s.kv.Put([]byte(fmt.Sprintf("%-*s", keySize, key)), make([]byte, valueSize), lease.NoLease)
	s.peak = max(s.peak, s.b.Size())
}

// compact keeps the last revisions of the window.
func (s *store) compact(window int64) {
	rev := s.kv.Rev() - window
	if rev < 2 {
		return
	}
	done, err := s.kv.Compact(traceutil.TODO(), rev)
	if err != nil {
		s.t.Fatal(err)
	}
	<-done
	s.b.ForceCommit()
	s.peak = max(s.peak, s.b.Size())
}

// TestGrowthIsAsRealFiles holds the model within 15% of files that etcd's store wrote.
func TestGrowthIsAsRealFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine writes some hundred thousand keys")
	}
	base := func(f func(*Input)) Input {
		var in Input
		in.SetDefaults()
		in.WriteRate, in.Keys, in.Quota = 0, 0, 8<<30
		f(&in)
		return in
	}
	t.Run("keys that stay", func(t *testing.T) {
		in := base(func(in *Input) { in.Keys, in.KeySize, in.ValueSize = 8_000, 32, 300 })
		s := openStore(t)
		for i := range int(in.Keys) {
			s.put(fmt.Sprint(i), 32, 300)
		}
		s.b.ForceCommit()
		compareSize(t, in, float64(s.b.Size()))
	})
	for _, shape := range []struct {
		keys  Count
		value sim.Size
		rate  Rate
	}{{4000, 700, 5}, {2000, 2500, 5}, {2000, 100, 50}} {
		t.Run(fmt.Sprintf("%d keys of %s overwritten at random", shape.keys, shape.value), func(t *testing.T) {
			in := base(func(in *Input) {
				in.Keys, in.KeySize, in.ValueSize, in.WriteRate, in.History = shape.keys, 48, shape.value, shape.rate,
					Span(5*time.Minute)
			})
			compareSize(t, in, float64(overwrite(openStore(t), in).peak))
		})
	}
	t.Run("a small Kubernetes", func(t *testing.T) {
		in := base(func(in *Input) { in.Nodes, in.Pods, in.Churn = 60, 600, 0.3 })
		s := openStore(t)
		kubernetes(s, in, 75*60)
		compareSize(t, in, float64(s.peak))
	})
}

// overwrite writes all keys, then single ones at random, and compacts every window.
func overwrite(s *store, in Input) *store {
	r, window := sim.Stream(1, "keys"), int(float64(in.WriteRate)*time.Duration(in.History).Seconds())
	put := func(key int) { s.put(fmt.Sprint(key), int(in.KeySize), int(in.ValueSize)) }
	for i := range int(in.Keys) {
		put(i)
	}
	for i := range max(4*int(in.Keys)/window, 3)*window + 1 {
		put(r.IntN(int(in.Keys)))
		if i%window == 0 {
			s.compact(int64(window))
		}
	}
	return s
}

// kubernetes writes what the classes of loads write, second by second, each class by its
// own rate, and compacts every five minutes. An event's key is written again when it would
// have expired.
func kubernetes(s *store, in Input, seconds int) {
	in.complete()
	ls := loads(&in)
	owed, next := make([]float64, len(ls)), make([]int, len(ls))
	r := sim.Stream(1, "pods")
	var revisions []int64 // at each second
	for c, l := range ls {
		for i := range int(l.Keys) {
			s.put(fmt.Sprint(c, "/", i), int(l.Key), int(l.Value))
		}
	}
	for now := range seconds {
		for c, l := range ls {
			for owed[c] += l.Rate; owed[c] >= 1; owed[c]-- {
				i := 0 // overwritten by the next
				if l.Keys > 0 && l.InTurn {
					i = next[c] % int(l.Keys)
				} else if l.Keys > 0 {
					i = r.IntN(int(l.Keys))
				}
				next[c]++
				s.put(fmt.Sprint(c, "/", i), int(l.Key), int(l.Value))
			}
		}
		revisions = append(revisions, s.kv.Rev())
		if now >= 300 && now%300 == 0 {
			s.compact(s.kv.Rev() - revisions[now-300])
		}
	}
}

func compareSize(t *testing.T, in Input, measured float64) {
	t.Helper()
	p, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("planned %s, real %s: %+.1f%%", size(p.Growth.Peak), size(measured), 100*(p.Growth.Peak/measured-1))
	near(t, "size", p.Growth.Peak, measured, 0.15)
}
