package raftsim

import (
	"context"
	"crypto/rand"
	"io"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"
)

// raft/v3 draws its election timeouts from crypto/rand.Reader and has no hook for
// it. So the package variable is replaced, once in a process, by a reader that
// serves those draws from the run's seed and hands everything else, such as TLS in
// the same process, to the system's reader.
//
// A run is recognised by the goroutine that reads: runs side by side do not see
// each other, however many threads there are. And it is served only while it is
// inside a call into raft.

// dispatcher is the reader that replaces crypto/rand.Reader.
type dispatcher struct{ system io.Reader }

func (d dispatcher) Read(p []byte) (int, error) {
	if live.Load() > 0 {
		if r, ok := runs.Load(goroutineKey()); ok && r.(*run).inRaft != nil {
			bigEndian(p, r.(*run).inRaft.drawTimeout())
			return len(p), nil
		}
	}
	return d.system.Read(p)
}

// bigEndian writes v so that rand.Int reads just v from it: rand.Int takes the
// bytes as a big-endian number and keeps it if it is below its bound.
func bigEndian(p []byte, v int) {
	for i := len(p) - 1; i >= 0; i-- {
		p[i] = byte(v)
		v >>= 8
	}
}

var (
	runs   sync.Map     // goroutineKey to *run
	live   atomic.Int64 // how many runs there are, so that others pay one load
	serial atomic.Uint64
)

// init, because others may read it at any time later.
func init() { rand.Reader = dispatcher{rand.Reader} }

// withRandom calls f on this goroutine, with raft's draws served by the run. The
// goroutine's profiler labels are the run's meanwhile and ctx's afterwards.
func (r *run) withRandom(ctx context.Context, f func(context.Context)) {
	labels := pprof.Labels("raftsim", strconv.FormatUint(serial.Add(1), 10))
	pprof.Do(ctx, labels, func(ctx context.Context) {
		k := goroutineKey()
		runs.Store(k, r)
		live.Add(1)
		defer func() {
			live.Add(-1)
			runs.Delete(k)
		}()
		f(ctx)
	})
}

// profLabel is the goroutine's set of profiler labels: one load, and a pointer that
// no other run has while this one holds its labels.
//
//go:linkname profLabel runtime/pprof.runtime_getProfLabel
func profLabel() unsafe.Pointer

// labelsWork reports whether profLabel follows the labels that are set.
var labelsWork = func() (ok bool) {
	pprof.Do(context.Background(), pprof.Labels("raftsim", "probe"), func(context.Context) { ok = profLabel() != nil })
	return ok && profLabel() == nil
}()

// goroutineKey tells a run's goroutine from all others.
func goroutineKey() uintptr {
	if labelsWork {
		return uintptr(profLabel())
	}
	return goroutineID()
}

// goroutineID reads the number from the first line of a stack trace, "goroutine 7
// [running]:". It takes microseconds, and stands by in case labels do not work.
func goroutineID() (id uintptr) {
	var b [40]byte
	n := runtime.Stack(b[:], false)
	for _, c := range b[len("goroutine "):n] {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + uintptr(c-'0')
	}
	return id
}
