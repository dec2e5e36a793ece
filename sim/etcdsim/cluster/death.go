package cluster

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/raft/v3"

	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// caught takes the place of the end of the process when etcd gives up. It runs on the goroutine that
// gave up.
//
// After a Fatal that goroutine may go on: all that it could do wrong now is to tell others, who are
// out of reach, and to write to its database, which is frozen. After a Panic it may not, as it
// would run into a real one. Ending it is enough, but for raft's own goroutine, whose end etcd would
// wait for in vain.
func (e *embedded) caught(d memberlog.Death) {
	frames := callers()
	switch {
	case slices.Contains(frames, "go.etcd.io/etcd/server/v3/embed.StartEtcd"),
		slices.Contains(frames, "go.etcd.io/etcd/server/v3/etcdserver.NewServer"):
		panic(d.Message) // startEtcd makes it an error
	case slices.Contains(frames, "go.etcd.io/raft/v3.(*node).run"):
		close(e.nodeStuck) // at most once: the goroutine does not return
		e.died(d.Message)
		<-e.over
		runtime.Goexit()
	case d.Panic && e.alive():
		e.died(d.Message)
		runtime.Goexit()
	default: // while it is taken down, too, somebody waits for the goroutine
		e.died(d.Message)
		if e.srv.running() {
			freeze(e.srv.etcd.Server, frames)
		}
	}
}

func (e *embedded) alive() bool {
	select {
	case <-e.killed:
		return false
	default:
		return true
	}
}

// callers lists the functions on the stack of the goroutine.
func callers() (names []string) {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		names = append(names, f.Function)
		if !more {
			return names
		}
	}
}

// releaseNode does what raft's goroutine would do when it is asked to stop: it tells all who wait
// for it that it has. A test holds the field names.
func releaseNode(s *etcdserver.EtcdServer) {
	node := hidden(reflect.ValueOf(s).Elem(), "r", "raftNodeConfig", "Node").Interface().(raft.Node)
	if n, ok := node.(*apartNode); ok {
		node = n.Node
	}
	close(hidden(reflect.ValueOf(node).Elem(), "done").Interface().(chan struct{}))
}

// hidden reads a field that is not exported.
func hidden(v reflect.Value, path ...string) reflect.Value {
	for _, name := range path {
		f := v.FieldByName(name)
		if !f.IsValid() {
			panic(fmt.Sprintf("cluster: this version of etcd has no field %s in %v", strings.Join(path, "."), v.Type()))
		}
		v = reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
	}
	return v
}
