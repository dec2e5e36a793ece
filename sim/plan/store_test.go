package plan

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/lease"
	"go.etcd.io/etcd/server/v3/storage/backend"
	"go.etcd.io/etcd/server/v3/storage/mvcc"
	"go.uber.org/zap"

	"quorumlab/sim"
)

// store is etcd's own key-value store on a real bbolt file, with a clock of its own: each
// write moves it by 1/rate.
type store struct {
	t    *testing.T
	b    backend.Backend
	kv   mvcc.WatchableKV
	peak int64
}

func openStore(t *testing.T) *store {
	c := backend.DefaultBackendConfig(zap.NewNop())
	c.Path, c.UnsafeNoFsync, c.MmapSize = filepath.Join(t.TempDir(), "db"), true, 1<<30
	c.BatchInterval, c.BatchLimit = time.Hour, 200 // commits by count alone
	b := backend.New(c)
	s := &store{t: t, b: b, kv: mvcc.New(zap.NewNop(), b, &lease.FakeLessor{},
		mvcc.StoreConfig{CompactionBatchLimit: 1000, CompactionSleepInterval: time.Millisecond})}
	t.Cleanup(func() { s.kv.Close(); b.Close() })
	return s
}

// put writes a key, padded to its size, and notes the file's size.
func (s *store) put(key string, keySize, valueSize int) {
	s.kv.Put([]byte(fmt.Sprintf("%-*s", keySize, key)), make([]byte, valueSize), lease.NoLease)
	s.settle()
}

// settle gives the read transaction that the last commit has replaced the time to end, as
// between two commits of a real member: before it the pages that the commit freed can't be
// used again. Then it notes the file's size.
func (s *store) settle() {
	for range 20 {
		runtime.Gosched()
	}
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
	s.settle()
}

// TestGrowthIsAsRealFiles holds the model within 25% of files that etcd's store wrote. The
// files of one load differ by a tenth from run to run: when freed pages can be used again
// depends on when a read transaction ends.
func TestGrowthIsAsRealFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector moves when freed pages can be used again")
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
	t.Run("keys overwritten at random", func(t *testing.T) {
		in := base(func(in *Input) {
			in.Keys, in.KeySize, in.ValueSize, in.WriteRate, in.History = 4000, 48, 700, 5, Span(5*time.Minute)
		})
		s, r := openStore(t), sim.Stream(1, "keys")
		for i := range int(in.Keys) {
			s.put(fmt.Sprint(i), 48, 700)
		}
		for i := range 20_000 {
			s.put(fmt.Sprint(r.IntN(int(in.Keys))), 48, 700)
			if i%1500 == 0 {
				s.compact(1500)
			}
		}
		compareSize(t, in, float64(s.peak))
	})
	t.Run("a small Kubernetes", func(t *testing.T) {
		in := base(func(in *Input) { in.Nodes, in.Pods, in.Churn = 60, 600, 0.3 })
		s := openStore(t)
		kubernetes(s, in, 75*60)
		compareSize(t, in, float64(s.peak))
	})
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

func compareSize(t *testing.T, in Input, real float64) {
	t.Helper()
	p, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("planned %s, real %s: %+.1f%%", size(p.Growth.Peak), size(real), 100*(p.Growth.Peak/real-1))
	close(t, "size", p.Growth.Peak, real, 0.25)
}
