package diskfault

import (
	"context"
	"errors"
	"runtime/pprof"
	"sync"
	"time"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"

	_ "go.etcd.io/etcd/server/v3/storage/backend" // owns commitSec
	_ "go.etcd.io/etcd/server/v3/storage/wal"     // owns the other two
)

//go:linkname walWriteSec go.etcd.io/etcd/server/v3/storage/wal.walWriteSec
var walWriteSec prometheus.Histogram

//go:linkname walFsyncSec go.etcd.io/etcd/server/v3/storage/wal.walFsyncSec
var walFsyncSec prometheus.Histogram

//go:linkname commitSec go.etcd.io/etcd/server/v3/storage/backend.commitSec
var commitSec prometheus.Histogram

// goroutineLabels is the label set of the calling goroutine. Only the pointer is used. The empty
// assembly file of this package lets a function without a body be declared.
//
//go:linkname goroutineLabels runtime/pprof.runtime_getProfLabel
func goroutineLabels() unsafe.Pointer

// Op is an operation of a member's disk.
type Op uint8

const (
	// Append is a record that enters the WAL's buffer in memory. A stall holds it there.
	Append Op = iota + 1
	// Fsync is one fsync of the WAL.
	Fsync
	// Commit is one commit of the database, which is two fsyncs.
	Commit
)

func (o Op) String() string {
	switch o {
	case Append:
		return "append"
	case Fsync:
		return "fsync"
	case Commit:
		return "commit"
	}
	return "unknown"
}

// fsyncs is how many fsyncs an operation stands for.
func (o Op) fsyncs() int { return int(o) - int(Append) }

// Goroutine tells whose goroutine the calling one is: the same value for all that a Run began, another one
// for each Run.
func Goroutine() unsafe.Pointer { return goroutineLabels() }

var hooked bool

// init, because the variables must be replaced before the first member starts and never while one
// runs.
func init() {
	if walWriteSec == nil || walFsyncSec == nil || commitSec == nil {
		return
	}
	walWriteSec = spy{walWriteSec, Append}
	walFsyncSec = spy{walFsyncSec, Fsync}
	commitSec = spy{commitSec, Commit}
	hooked = true
}

// Available reports whether disk faults work in this build: nil, or the reason why not.
func Available() error {
	if !hooked {
		return errors.New("disk faults: this version of etcd does not have the histograms they hook into")
	}
	return nil
}

// spy is a histogram that makes its caller wait.
type spy struct {
	prometheus.Histogram
	op Op
}

func (s spy) Observe(seconds float64) {
	disks.RLock()
	d := disks.byLabels[goroutineLabels()]
	disks.RUnlock()
	if d != nil {
		seconds = d.took(s.op, time.Duration(seconds*float64(time.Second))).Seconds()
	}
	s.Histogram.Observe(seconds)
}

var disks = struct {
	sync.RWMutex
	byLabels map[unsafe.Pointer]*Disk
}{byLabels: map[unsafe.Pointer]*Disk{}}

// Run calls start. All goroutines that start begins, and those that they begin, use this disk,
// until Detach or the next Run.
func (d *Disk) Run(member string, start func()) {
	pprof.Do(context.Background(), pprof.Labels("member", member), func(context.Context) {
		d.attach(goroutineLabels())
		start()
	})
}

func (d *Disk) attach(labels unsafe.Pointer) {
	disks.Lock()
	defer disks.Unlock()
	delete(disks.byLabels, d.labels)
	d.labels = labels
	disks.byLabels[labels] = d
	d.detached(false)
}

// Detach ends what the disk does to its member, which is about to be stopped: operations in progress
// go on at once. The faults themselves stay and apply again from the next Run.
func (d *Disk) Detach() {
	disks.Lock()
	defer disks.Unlock()
	delete(disks.byLabels, d.labels)
	d.labels = nil
	d.detached(true)
}
