//go:build wasm

package cluster

import (
	_ "unsafe" // linkname

	"go.etcd.io/bbolt"
	"go.etcd.io/etcd/server/v3/storage/backend"
)

// boltOpenOptions are what etcd opens its database with where its storage/backend has none for the system. A page of
// memory has 64 kB in WebAssembly, which bbolt would take for the size of its own pages.
//
//go:linkname boltOpenOptions go.etcd.io/etcd/server/v3/storage/backend.boltOpenOptions
var boltOpenOptions *bbolt.Options

// init, because it must come before the first database. Etcd maps 10 GB at first, so that bbolt never has to map anew;
// in a module what is mapped is memory. bbolt doubles it when it is full.
func init() {
	backend.InitialMmapSize = 16 << 20
	boltOpenOptions = &bbolt.Options{PageSize: 4096, NoFreelistSync: true}
}
