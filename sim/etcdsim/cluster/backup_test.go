package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// brisk is for tests of what does not depend on elections.
func brisk(o *Options) {
	o.Heartbeat, o.Election = 20*time.Millisecond, 200*time.Millisecond
}

// saved takes a snapshot of the first member.
func saved(t *testing.T, c *Real) Snapshot {
	t.Helper()
	s, err := c.Snapshot(contextFor(t), 1, filepath.Join(t.TempDir(), "snapshot.db"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// revision is that of a linearizable read, and the cluster's id.
func revision(t *testing.T, c *Real) (rev int64, cluster uint64) {
	t.Helper()
	r, err := dial(t, c.Member(1)).Get(contextFor(t), "x")
	if err != nil {
		t.Fatal(err)
	}
	return r.Header.Revision, r.Header.ClusterId
}

func TestRestore(t *testing.T) { inBoth(t, restores) }

func restores(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode, brisk)
	put(t, c.Member(1), "a", "kept")
	s := saved(t, c)
	if s.Revision != 2 {
		t.Errorf("the snapshot is of revision %d, want 2", s.Revision)
	}
	put(t, c.Member(1), "a", "lost")
	put(t, c.Member(1), "b", "lost")
	_, before := revision(t, c)
	// Quorum is lost: restoring needs none.
	c.Member(2).Crash()
	c.Member(3).Crash()
	if err := c.Restore(contextFor(t), s.File, 0); err != nil {
		t.Fatal(err)
	}
	rev, id := revision(t, c)
	if rev != 2 || id == before {
		t.Errorf("restored at revision %d, cluster %x; want 2 and another cluster than %x", rev, id, before)
	}
	for _, m := range c.Members() {
		if a, b := get(t, m, "a"), get(t, m, "b"); a != "kept" || b != "" {
			t.Errorf("%s holds a=%q b=%q, want what the snapshot has", m.Name, a, b)
		}
		if _, err := os.Stat(filepath.Join(m.dir, "data-before-2", "member", "wal")); err != nil {
			t.Errorf("what %s held before is not kept: %v", m.Name, err)
		}
	}

	put(t, c.Member(2), "c", "after")
	if err := c.Restore(contextFor(t), s.File, 1000); err != nil {
		t.Fatal(err)
	}
	if rev, _ := revision(t, c); rev != 1002 {
		t.Errorf("with a bump of 1000 the revision is %d, want 1002", rev)
	}
	_, err := dial(t, c.Member(1)).Get(contextFor(t), "a", clientv3.WithRev(3))
	if !errors.Is(err, rpctypes.ErrCompacted) {
		t.Errorf("a read of an old revision says %v, want that it is compacted", err)
	}
	if get(t, c.Member(3), "c") != "" || get(t, c.Member(3), "a") != "kept" {
		t.Error("the second restore did not begin from the snapshot")
	}
}

// What is no whole snapshot changes nothing.
func TestRestoreRefusesADamagedSnapshot(t *testing.T) {
	c := start(t, 1, brisk)
	put(t, c.Member(1), "a", "v")
	whole, err := os.ReadFile(saved(t, c).File)
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), whole...)
	flipped[len(flipped)/2] ^= 1
	database, err := os.ReadFile(filepath.Join(c.Member(1).data(), "member", "snap", "db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, want string
		content    []byte
	}{
		{"one bit flipped", "its content does not match its checksum", flipped},
		{"cut off anywhere", "it was truncated", whole[:len(whole)/2+100]},
		{"cut off so that the size looks right", "its content does not match its checksum", whole[:len(whole)-4096]},
		{"a copy of a member's database", "is a copy of a member's file", database},
		{"empty", "its 0 bytes are not those of a database", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "damaged.db")
			if err := os.WriteFile(file, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			err := c.Restore(contextFor(t), file, 0)
			if !errors.Is(err, ErrSnapshot) || !strings.Contains(err.Error(), test.want) ||
				!strings.Contains(err.Error(), file) {
				t.Errorf("restore says %v, want the file's name and %q", err, test.want)
			}
			if !c.Member(1).Up() || get(t, c.Member(1), "a") != "v" {
				t.Error("the member did not go on")
			}
		})
	}
	if err := c.Restore(contextFor(t), filepath.Join(t.TempDir(), "none"), 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("restore from a file that does not exist says %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(c.Member(1).dir, "*")); len(left) != 3 {
		t.Errorf("the member's folder holds %q, want its data, its log and its certificates", left)
	}
}

func TestForceNewCluster(t *testing.T) { inBoth(t, forcesANewCluster) }

func forcesANewCluster(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode, brisk)
	put(t, c.Member(1), "a", "v")
	eventually(t, "the second member has it", func() bool { return get(t, c.Member(2), "a") == "v" })
	if err := c.ForceNewCluster(contextFor(t), 2); err == nil || !strings.Contains(err.Error(), "n1 is running") {
		t.Errorf("with others up it says %v", err)
	}
	c.Member(1).Crash()
	c.Member(3).Crash()
	// Killed, it might not know that what it wrote last was committed.
	if err := c.Member(2).Stop(contextFor(t)); err != nil || c.Member(2).Up() {
		t.Fatal("it does not stop:", err)
	}
	if err := c.ForceNewCluster(contextFor(t), 2); err != nil {
		t.Fatal(err)
	}
	put(t, c.Member(2), "b", "w")
	ms, err := dial(t, c.Member(2)).MemberList(contextFor(t))
	if err != nil || len(ms.Members) != 1 || ms.Members[0].Name != "n2" {
		t.Errorf("the members are %v, %v; want n2 alone", ms, err)
	}
	if get(t, c.Member(2), "a") != "v" {
		t.Error("the old data are gone")
	}
	// The flag was for one start.
	c.Member(2).Crash()
	if err := c.Member(2).Start(); err != nil {
		t.Fatal(err)
	}
	put(t, c.Member(2), "b", "x")
}

// A damaged log keeps a member down; a damaged snapshot file is read by nobody.
func TestDamage(t *testing.T) { inBoth(t, damages) }

func damages(t *testing.T, mode func(*Options)) {
	var dead obituaries
	c := start(t, 3, mode, brisk, dead.listen, func(o *Options) { o.Store.SnapshotCount, o.Store.CatchUpEntries = 10, 5 })
	f := others(c, leader(t, c, nil))[0]
	if _, err := f.Damage(t.Context(), "socks"); err == nil || !strings.Contains(err.Error(), "unknown kind of file") {
		t.Errorf("damage of a file that there is not says %v", err)
	}
	for range 30 {
		put(t, c.Member(1), "k", "v")
	}
	for _, what := range []sim.DataFile{sim.FileSnapshot, sim.FileWAL} {
		f.Crash()
		d, err := f.Damage(contextFor(t), what)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %+v", what, d)
		if err := f.Start(); err != nil {
			t.Fatal(err)
		}
		if what == sim.FileSnapshot {
			if err := f.Ready(contextFor(t)); err != nil {
				t.Errorf("with a damaged snapshot file it does not start: %v", err)
			}
			continue
		}
		if why := dead.end(t, f); !strings.Contains(why, "crc mismatch") {
			t.Errorf("it says %q", why)
		}
	}
	put(t, others(c, f)[0], "k", "the others go on")
}

// A value that changed on one disk is seen by nobody but those who compare.
func TestCompareHashes(t *testing.T) { inBoth(t, comparesHashes) }

func comparesHashes(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode, brisk)
	const value = "a value that is longer than others"
	put(t, c.Member(1), "k", value)
	eventually(t, "the second member has it", func() bool { return get(t, c.Member(2), "k") == value })
	hashes := func() (equal [3]bool) {
		t.Helper()
		hs, err := c.CompareHashes(contextFor(t), 1, 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range hs {
			equal[i] = h.Hash == hs[2].Hash && h.Revision == hs[0].Revision
		}
		return equal
	}
	if got := hashes(); got != [3]bool{true, true, true} {
		t.Errorf("healthy members differ: %v", got)
	}
	d, err := c.Member(2).Damage(contextFor(t), sim.FileDatabase)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", d)
	if got := hashes(); got != [3]bool{true, false, true} {
		t.Errorf("equal to the third: %v, want all but the second", got)
	}
	put(t, c.Member(2), "other", "v") // until then it may read what it has in memory
	if v := get(t, c.Member(2), "k"); v == value || len(v) != len(value) {
		t.Errorf("the damaged member reads %q", v)
	}
	// And of a member that is down. A snapshot makes it write to its file what it has.
	saved(t, c)
	c.Member(1).Crash()
	if _, err := c.Member(1).Damage(contextFor(t), sim.FileDatabase); err != nil {
		t.Fatal(err)
	}
	if err := c.Member(1).Start(); err != nil {
		t.Fatal(err)
	}
	if err := c.Member(1).Ready(contextFor(t)); err != nil {
		t.Fatal(err)
	}
	if got := hashes(); got != [3]bool{false, false, true} {
		t.Errorf("equal to the third: %v, want none", got)
	}
}
