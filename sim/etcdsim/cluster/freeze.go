package cluster

import (
	"errors"
	"reflect"
	"slices"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/server/v3/etcdserver"
)

// errDead is what the database of a dead member says to each write.
var errDead = errors.New("the member is dead")

// freeze lets nothing reach the database file any more. A process that has given up writes nothing,
// but here etcd goes on until it is taken down: after a commit that failed it would commit how far it
// has applied the log without what it applied, and the next start would skip those entries.
//
// frames are the functions on the stack: a commit holds the lock that keeps others from writing. A
// test holds the field names.
func freeze(s *etcdserver.EtcdServer, frames []string) {
	const commit = "go.etcd.io/etcd/server/v3/storage/backend.(*batchTx).commit"
	if !slices.Contains(frames, commit) {
		tx := s.Backend().BatchTx()
		tx.Lock()
		defer tx.Unlock()
	}
	db := hidden(reflect.ValueOf(s.Backend()).Elem(), "db").Interface().(*bolt.DB)
	writeAt := hidden(reflect.ValueOf(db).Elem(), "ops", "writeAt")
	writeAt.Set(reflect.ValueOf(func([]byte, int64) (int, error) { return 0, errDead }))
}
