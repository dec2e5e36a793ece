package cluster

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/types"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/etcdserver/api/membership"
	"go.etcd.io/etcd/server/v3/etcdserver/api/rafthttp"
	"go.etcd.io/etcd/server/v3/etcdserver/apply"
	"go.etcd.io/etcd/server/v3/storage"
	"go.etcd.io/etcd/server/v3/storage/backend"
	"go.etcd.io/etcd/server/v3/storage/mvcc"
	"go.etcd.io/raft/v3"

	"quorumlab/sim/etcdsim/cluster/diskfault"
)

// reached are the fields of etcd's server that virtual reaches into, with the types that they must have.
var reached = []struct {
	path string
	is   reflect.Type
}{
	{"r.raftNodeConfig.transport", reflect.TypeFor[rafthttp.Transporter]()},
	{"r.raftNodeConfig.storage", reflect.TypeFor[storage.Storage]()},
	{"r.raftNodeConfig.raftStorage", reflect.TypeFor[*raft.MemoryStorage]()},
	{"r.ticker", reflect.TypeFor[*time.Ticker]()},
	{"r.raftNodeConfig.Node", reflect.TypeFor[raft.Node]()},
	{"r.tickMu", reflect.TypeFor[*sync.RWMutex]()},
	{"r.latestTickTs", reflect.TypeFor[time.Time]()},
	{"cluster", reflect.TypeFor[*membership.RaftCluster]()},
	{"errorc", reflect.TypeFor[chan error]()},
	{"peerRt", reflect.TypeFor[http.RoundTripper]()},
	{"kv", reflect.TypeFor[mvcc.WatchableKV]()},
	{"uberApply", reflect.TypeFor[apply.UberApplier]()},
}

// VirtualAvailable reports whether members in virtual time work in this build: nil, or everything of etcd
// that is not as they need it, by name.
func VirtualAvailable() error {
	errs := []error{diskfault.Available()}
	for _, f := range reached {
		errs = append(errs, checkField(reflect.TypeFor[etcdserver.EtcdServer](), f.path, f.is))
	}
	errs = append(errs, checkField(reflect.TypeFor[membership.RaftCluster](), "members",
		reflect.TypeFor[map[types.ID]*membership.Member]()))
	return errors.Join(errs...)
}

// backendAvailable is VirtualAvailable for the database, whose type only an open one shows.
func backendAvailable(be backend.Backend) error {
	is := reflect.TypeOf(be.BatchTx())
	if is.Kind() != reflect.Pointer {
		return fmt.Errorf("a transaction of the database is %v in this version of etcd, and no pointer", is)
	}
	return errors.Join(
		checkField(is.Elem(), "batchTx.Mutex", reflect.TypeFor[sync.Mutex]()),
		checkField(is.Elem(), "batchTx.pending", reflect.TypeFor[int]()))
}

// checkField says what is wrong with a field of a type, by its path.
func checkField(in reflect.Type, path string, want reflect.Type) error {
	is := in
	for name := range strings.SplitSeq(path, ".") {
		if is.Kind() != reflect.Struct {
			return fmt.Errorf("%v is no struct on the way to %s of %v", is, path, in)
		}
		f, ok := is.FieldByName(name)
		if !ok {
			return fmt.Errorf("this version of etcd has no field %s in %v", path, in)
		}
		is = f.Type
	}
	if is != want {
		return fmt.Errorf("%s of %v is %v in this version of etcd, not %v", path, in, is, want)
	}
	return nil
}
