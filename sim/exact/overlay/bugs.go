package overlay

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Bugs that are planted in etcd's own code, to see whether runs find them. All are in one module, which is built for
// tests alone (BuildPlanted), and each does nothing unless the environment that the module is given names it.

// PlantedBy is the variable of the environment that names the planted bug.
const PlantedBy = "QUORUMLAB_PLANTED"

// Planted is a planted bug.
type Planted struct {
	Name   string
	About  string
	module string
	path   string // in the module
	old    string // is there once
	new    string // takes its place; planted is the name of the bug that there is to be
}

const etcdServer = "go.etcd.io/etcd/server/v3"

// AllPlanted are the planted bugs.
var AllPlanted = []Planted{
	{
		Name: "apply-skipped", About: "a follower does not apply each fortieth entry",
		module: etcdServer, path: "etcdserver/server.go",
		old: "\tar, id := apply.Apply(s.lg, e, s.uberApply, s.w, shouldApplyV3)\n",
		new: "\tif planted == \"apply-skipped\" && e.GetIndex()%40 == 0 && !s.isLeader() {\n\t\treturn\n\t}\n" +
			"\tar, id := apply.Apply(s.lg, e, s.uberApply, s.w, shouldApplyV3)\n",
	},
	{
		Name: "compaction-drops-key", About: "a compaction also drops the newest revision that it looks at, which is live",
		module: etcdServer, path: "storage/mvcc/kvstore_compaction.go",
		old: "if _, ok := keep[rev]; !ok {",
		new: "if _, ok := keep[rev]; !ok || planted == \"compaction-drops-key\" && i == len(keys)-1 {",
	},
	{
		Name: "read-unconfirmed", About: "a member answers linearizable reads without asking whether it is up to date",
		module: etcdServer, path: "etcdserver/v3_server.go",
		old: "\t\terr = s.read.LinearizableReadNotify(ctx)\n",
		new: "\t\tif planted != \"read-unconfirmed\" {\n\t\t\terr = s.read.LinearizableReadNotify(ctx)\n\t\t}\n",
	},
	{
		Name: "lease-revoked-by-old-leader", About: "a leader does not ask whether it still is one before it ends leases " +
			"(etcd #15247)",
		module: etcdServer, path: "etcdserver/server.go",
		old: "\t\tif !s.ensureLeadership() {\n",
		new: "\t\tif planted != \"lease-revoked-by-old-leader\" && !s.ensureLeadership() {\n",
	},
	{
		Name: "watcher-misses-event", About: "a watcher that comes back after a restart misses the first event since",
		module: etcdServer, path: "storage/mvcc/watchable_store.go",
		old: "\tevs := rangeEvents(s.store.lg, s.store.b, minRev, curRev+1, wg)\n",
		new: "\tif planted == \"watcher-misses-event\" {\n\t\tminRev++\n\t}\n" +
			"\tevs := rangeEvents(s.store.lg, s.store.b, minRev, curRev+1, wg)\n",
	},
	{
		Name: "index-not-saved", About: "the database does not keep up to which entry it is, so a restart applies entries " +
			"again",
		module: etcdServer, path: "etcdserver/cindex/cindex.go",
		old: "\tschema.UnsafeUpdateConsistentIndex(tx, index, term)\n",
		new: "\tif planted == \"index-not-saved\" {\n\t\tindex = min(index, 10)\n\t}\n" +
			"\tschema.UnsafeUpdateConsistentIndex(tx, index, term)\n",
	},
}

var packageName = regexp.MustCompile(`(?m)^package (\w+)$`)

// plant changes a copy of the module.
func (b *Planted) plant(dir string) error {
	at := filepath.Join(dir, filepath.FromSlash(b.path))
	text, err := os.ReadFile(at)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), b.old); n != 1 {
		return fmt.Errorf("the bug %s: what it changes is %d times in %s of %s, not once", b.Name, n, b.path, b.module)
	}
	if err := os.WriteFile(at, []byte(strings.Replace(string(text), b.old, b.new, 1)), 0o666); err != nil {
		return err
	}
	name := packageName.FindSubmatch(text)
	if name == nil {
		return fmt.Errorf("the bug %s: %s names no package", b.Name, b.path)
	}
	choice := fmt.Sprintf("package %s\n\nimport \"os\"\n\n// planted names the bug that there is to be.\n"+
		"var planted = os.Getenv(%q)\n", name[1], PlantedBy)
	return os.WriteFile(filepath.Join(filepath.Dir(at), "planted.go"), []byte(choice), 0o666)
}
