package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// Data that a newer etcd wrote are refused with etcd's reason, and are as good as before.
func TestDataOfANewerStorage(t *testing.T) {
	startOnForeignData(t, "meta", "storageVersion", "3.9.0", `version "3.9.0" is not supported`)
}

// The cluster's version is looked at too, and what etcd has open then it leaves open, so the test runs
// in a process of its own. The data are this one's to remove, when nobody writes any more.
func TestDataOfANewerCluster(t *testing.T) {
	if os.Getenv(leaky) == "" {
		cmd := exec.CommandContext(contextFor(t), os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), leaky+"="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	startOnForeignData(t, "cluster", "clusterVersion", "3.9.0",
		"invalid downgrade; server version is lower than determined cluster version",
		func(o *Options) { o.Dir = os.Getenv(leaky) })
}

// startOnForeignData starts a member on a database in which a version is another, and then on what it
// was before.
func startOnForeignData(t *testing.T, bucket, key, value, want string, options ...func(*Options)) {
	t.Helper()
	var dead obituaries
	c := start(t, 1, append(options, brisk, dead.listen)...)
	m := c.Member(1)
	put(t, m, "k", "v")
	m.Crash()
	m.settle()
	setVersion(t, m, bucket, key, value)
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	if err := m.Ready(contextFor(t)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the start says %v, want %q", err, want)
	}
	if why := dead.end(t, m); !strings.Contains(why, want) {
		t.Errorf("the hook hears %q, want %q", why, want)
	}
	m.settle()
	if err := m.prepareData(); err != nil { // a start that died halfway leaves its files locked
		t.Fatal(err)
	}
	setVersion(t, m, bucket, key, "3.7.0")
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	if err := m.Ready(contextFor(t)); err != nil {
		t.Fatal(err)
	}
	if get(t, m, "k") != "v" {
		t.Error("what was there before is gone")
	}
}

func setVersion(t *testing.T, m *Member, bucket, key, value string) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(m.data(), "member", "snap", "db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte(bucket)).Put([]byte(key), []byte(value)) })
	if err != nil {
		t.Fatal(err)
	}
}
