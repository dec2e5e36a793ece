// Package world runs WebAssembly modules (wasip1) in a world that is the same each time.
//
// A module has one thread, is never interrupted and sees nothing but the answers to its calls. Here these depend on the
// seed and on what it asked before, and on nothing else: so its run is a function of the module's bytes, its input
// and the seed, on any machine. The world is this:
//
//   - random_get: splitmix64 of the seed, each call from a new word on.
//   - Clocks: they begin at 2026 and 0, go on by a microsecond with each look at them and by as long as is slept, and
//     a sleep takes no time.
//   - Files: in memory, empty at the start but for /tmp. Inode numbers count up, times are zero, folders list by name.
//   - Standard input is what it is given; standard output and error go to the caller; there are no variables of the
//     environment.
//   - No network, no links, no signals. A module that asks for one is ended, and one that imports anything else is
//     refused.
//
// world.mjs is the same in JavaScript, for Node.js: tests hold the two against each other.
package world

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/sys"
)

// epoch is where the wall clock begins: 2026-01-01 in nanoseconds.
const epoch = 1767225600_000000000

// A page is what WebAssembly counts memory in, in bytes.
const page = 64 << 10

// Module is a compiled module. It can run any number of times, also at once. Close it.
type Module struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	memory   int64
}

// Options say how a module is compiled.
type Options struct {
	Memory int64  // how many bytes a run may have at most
	Folder string // where compiled code is kept for the next time; empty: nowhere. Compiling takes seconds
}

// Compile compiles a module. Errors are what is wrong with it, as a call that no world answers, and those of the
// folder.
func Compile(ctx context.Context, wasm []byte, o Options) (*Module, error) {
	// Looking in each loop whether the run is to end costs two thirds more time. Without, nothing would end a module that
	// loops, and Go's garbage collection would wait for it, with everything else in the process.
	c := wazero.NewRuntimeConfig().WithCloseOnContextDone(true).WithMemoryLimitPages(uint32(o.Memory / page))
	if o.Folder != "" {
		cache, err := wazero.NewCompilationCacheWithDir(o.Folder)
		if err != nil {
			return nil, err
		}
		c = c.WithCompilationCache(cache)
	}
	m := &Module{runtime: wazero.NewRuntimeWithConfig(ctx, c), memory: o.Memory}
	err := offer(ctx, m.runtime)
	if err == nil {
		workers := experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0))
		m.compiled, err = m.runtime.CompileModule(workers, wasm)
	}
	if err == nil {
		err = unknown(m.compiled)
	}
	if err != nil {
		return nil, errors.Join(err, m.Close(ctx))
	}
	return m, nil
}

// Close gives back what the module takes. Its runs must be over.
func (m *Module) Close(ctx context.Context) error { return m.runtime.Close(ctx) }

// unknown names what a module imports and the world does not have, or is nil.
func unknown(m wazero.CompiledModule) error {
	var names []string
	for _, f := range m.ImportedFunctions() {
		from, name, _ := f.Import()
		if _, known := answers[name]; from != "wasi_snapshot_preview1" || !known {
			names = append(names, from+"."+name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return fmt.Errorf("the module asks for what its world does not have: %s", strings.Join(names, ", "))
}

// Job is one run of a module.
type Job struct {
	Seed     uint64
	Input    []byte             // what it reads
	Output   func([]byte) error // gets what it writes, valid during the call; an error ends the run, and is returned
	Patience time.Duration      // how long it may go on without writing, in real time, before it is ended; 0: 5 minutes
}

// ErrSilent is the error of a run that was ended since it had written nothing for too long.
var ErrSilent = errors.New("the module goes on and on without a result")

// ErrMemory is the error of a run that was ended since it needed more memory than it may have.
var ErrMemory = errors.New("the module needs more memory than it may have")

// Do runs the module. Errors: ErrSilent, ErrMemory, Output's, ctx's, an ExitError with what it said last, and what it
// asked for and its world does not have.
func (m *Module) Do(ctx context.Context, r Job) error {
	if r.Patience == 0 {
		r.Patience = 5 * time.Minute
	}
	w := &instance{args: []string{"module"}, files: newFiles(), random: stream{r.Seed}}
	w.files.makeFolder(w.files.root, "tmp")
	w.open = []*descriptor{
		{read: r.Input},
		{write: func(b []byte) error { w.said.Add(1); return r.Output(b) }},
		{write: func(b []byte) error { w.said.Add(1); w.complain(b); return nil }},
		{node: w.files.root, name: "/"},
	}
	inner, cancel := context.WithCancelCause(context.WithValue(ctx, running{}, w))
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		w.watch(r.Patience, cancel, done)
	}()
	config := wazero.NewModuleConfig().WithName("")
	mod, err := m.runtime.InstantiateModule(inner, m.compiled, config)
	close(done)
	<-watched
	if mod != nil {
		err = errors.Join(err, mod.Close(ctx))
	}
	cause := context.Cause(inner)
	cancel(nil)
	exit := new(sys.ExitError)
	switch {
	case w.failed != nil:
		return w.failed
	case cause != nil:
		return cause
	case errors.As(err, &exit) && exit.ExitCode() == 0:
		return nil
	case err != nil && strings.Contains(string(w.last), "out of memory"):
		return fmt.Errorf("%w: %d MB", ErrMemory, m.memory>>20)
	case exit.ExitCode() != 0:
		return &ExitError{int(exit.ExitCode()), string(w.last)}
	}
	return err
}

// ExitError is the error of a module that ended itself with a code other than 0.
type ExitError struct {
	Code int
	Said string // the last of what it wrote to its standard error
}

func (e *ExitError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the module ended with code %d: %s", e.Code, e.Said))
}

// running is the key of a run's instance in its context.
type running struct{}

// instance is the world of one run.
type instance struct {
	args   []string
	files  *files
	open   []*descriptor
	random stream
	now    int64 // nanoseconds since the start
	failed error // what a call ended the run with
	last   []byte
	said   atomic.Int64 // how often it wrote
}

// take is the lowest free descriptor, as a module expects it.
func (w *instance) take(d *descriptor) uint32 {
	i := slices.Index(w.open, nil)
	if i < 0 {
		i = len(w.open)
		w.open = append(w.open, nil)
	}
	w.open[i] = d
	return uint32(i)
}

// mostSaid is how much is kept of what a module writes to its standard error: a panic's first lines say why it came,
// and the last ones matter least.
const mostSaid = 16 << 10

func (w *instance) complain(b []byte) {
	w.last = append(w.last, b[:min(len(b), mostSaid-len(w.last))]...)
}

// watch ends a run that does not write for too long.
func (w *instance) watch(patience time.Duration, cancel context.CancelCauseFunc, done <-chan struct{}) {
	const looks = 50
	tick := time.NewTicker(patience/looks + 1)
	defer tick.Stop()
	seen, quiet := int64(-1), 0
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			quiet++
			if now := w.said.Load(); now != seen {
				seen, quiet = now, 0
			}
			if quiet > looks {
				cancel(fmt.Errorf("%w: it wrote nothing for %v", ErrSilent, patience))
				return
			}
		}
	}
}

// stream is splitmix64.
type stream struct{ state uint64 }

// fill fills b, from a new word on.
func (s *stream) fill(b []byte) {
	var word [8]byte
	for i := 0; i < len(b); i += 8 {
		s.state += 0x9e3779b97f4a7c15
		z := s.state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		binary.LittleEndian.PutUint64(word[:], z^z>>31)
		copy(b[i:], word[:])
	}
}
