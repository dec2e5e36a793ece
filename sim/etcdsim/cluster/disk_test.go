package cluster

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/diskfault"
)

// obituaries collects what Died was told.
type obituaries struct {
	mu   sync.Mutex
	said map[sim.MemberID]string
}

func (o *obituaries) listen(opt *Options) {
	o.said = map[sim.MemberID]string{}
	opt.Hooks.Died = func(m sim.MemberID, why string) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.said[m] = why
	}
}

func (o *obituaries) of(m *Member) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said[m.ID]
}

// end waits until a member has died and returns the words, once.
func (o *obituaries) end(t *testing.T, m *Member) (why string) {
	t.Helper()
	eventually(t, m.Name+" dies", func() bool { return !m.Up() && o.of(m) != "" })
	o.mu.Lock()
	defer o.mu.Unlock()
	why = o.said[m.ID]
	delete(o.said, m.ID)
	return why
}

func timedPut(t *testing.T, m *Member) time.Duration {
	t.Helper()
	c := dial(t, m)
	begin := time.Now()
	if _, err := c.Put(contextFor(t), "k", "v"); err != nil {
		t.Fatal(err)
	}
	return time.Since(begin)
}

func TestHookOfTheDisksIsThere(t *testing.T) {
	if err := diskfault.Available(); err != nil {
		t.Fatal(err)
	}
}

// A slow fsync of a majority shows in every write, one of a minority in none: so the bound from
// below is sure, and that from above holds for the quickest of some writes.
func TestSlowDiskShowsWhereItMust(t *testing.T) { inBoth(t, slowDiskShowsWhereItMust) }

func slowDiskShowsWhereItMust(t *testing.T, mode func(*Options)) {
	const slow = 100 * time.Millisecond
	c := start(t, 3, mode)
	l := leader(t, c, nil)
	put(t, l, "k", "v")
	f := others(c, l)
	disk := func(m *Member, s sim.DiskState) {
		if err := m.SetDisk(s); err != nil {
			t.Fatal(err)
		}
	}
	disk(f[0], sim.DiskState{Slow: sim.Fixed(slow)})
	eventually(t, "a write does not wait for one slow follower", func() bool { return timedPut(t, l) < slow })
	disk(f[1], sim.DiskState{Slow: sim.Fixed(slow)})
	for range 3 {
		if d := timedPut(t, l); d < slow {
			t.Errorf("a write took %v with two of three fsyncs %v slower", d, slow)
		}
	}
	for _, m := range f {
		disk(m, sim.DiskState{})
	}
	eventually(t, "writes are quick again", func() bool { return timedPut(t, l) < slow })
}

func TestStalledFollowerCatchesUpWhenHealed(t *testing.T) {
	inBoth(t, stalledFollowerCatchesUpWhenHealed)
}

func stalledFollowerCatchesUpWhenHealed(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode)
	l := leader(t, c, nil)
	f := others(c, l)[0]
	if err := f.SetDisk(sim.DiskState{Stalled: true}); err != nil {
		t.Fatal(err)
	}
	put(t, l, "k", "v")
	if a, b := statusOf(f).Applied, statusOf(l).Applied; a >= b {
		t.Errorf("the stalled member has applied %d of %d entries", a, b)
	}
	if err := f.SetDisk(sim.DiskState{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stalled member catches up", func() bool { return get(t, f, "k") == "v" })
}

func TestCrashOnAStalledDisk(t *testing.T) { inBoth(t, crashOnAStalledDisk) }

func crashOnAStalledDisk(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode)
	f := others(c, leader(t, c, nil))[0]
	if err := f.SetDisk(sim.DiskState{Stalled: true}); err != nil {
		t.Fatal(err)
	}
	f.Crash()
	if err := f.Start(); err != nil { // it hangs where it first writes, until the disk is healed
		t.Fatal(err)
	}
	f.Crash()
	if err := f.SetDisk(sim.DiskState{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	if err := f.Ready(contextFor(t)); err != nil {
		t.Fatal(err)
	}
}

func TestFullDiskStopsTheMember(t *testing.T) { inBoth(t, fullDiskStopsTheMember) }

func fullDiskStopsTheMember(t *testing.T, mode func(*Options)) {
	var dead obituaries
	c := start(t, 3, mode, dead.listen)
	l := leader(t, c, nil)
	f := others(c, l)[0]
	if err := f.SetDisk(sim.DiskState{Full: true}); err != nil {
		t.Fatal(err)
	}
	put(t, l, "k", "v")
	if why := dead.end(t, f); !strings.HasSuffix(why, "no space left on device") {
		t.Errorf("the member on the full disk says %q", why)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	if f.Up() {
		t.Error("it starts on a full disk")
	}
	if err := f.SetDisk(sim.DiskState{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it catches up", func() bool { return f.running() != nil && get(t, f, "k") == "v" })
}

func TestPowerCutLosesNothingAcknowledged(t *testing.T) { inBoth(t, powerCutLosesNothingAcknowledged) }

func powerCutLosesNothingAcknowledged(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode)
	acknowledged := 0
	for range 3 {
		for range 20 {
			put(t, c.Member(1+sim.MemberID(acknowledged%3)), fmt.Sprint("k", acknowledged), "v")
			acknowledged++
		}
		for _, m := range c.Members() {
			if err := m.PowerCut(contextFor(t)); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range c.Members() {
			if err := m.Start(); err != nil {
				t.Fatal(err)
			}
		}
		leader(t, c, nil)
	}
	r, err := dial(t, leader(t, c, nil)).Get(contextFor(t), "k", clientv3.WithPrefix(), clientv3.WithCountOnly())
	if err != nil {
		t.Fatal(err)
	}
	if int(r.Count) != acknowledged {
		t.Errorf("%d of %d acknowledged writes are left", r.Count, acknowledged)
	}
}

// With a majority of lying disks an acknowledged write is gone.
func TestLyingDisksLoseAnAcknowledgedWrite(t *testing.T) {
	inBoth(t, lyingDisksLoseAnAcknowledgedWrite)
}

func lyingDisksLoseAnAcknowledgedWrite(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode)
	put(t, leader(t, c, nil), "before", "v")
	for _, m := range c.Members() {
		if err := m.SetDisk(sim.DiskState{Lying: true}); err != nil {
			t.Fatal(err)
		}
	}
	put(t, leader(t, c, nil), "during", "v")
	for _, m := range c.Members() {
		m.Crash()
	}
	for _, m := range c.Members() {
		if err := m.SetDisk(sim.DiskState{}); err != nil {
			t.Fatal(err)
		}
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
	}
	l := leader(t, c, nil)
	put(t, l, "after", "v")
	if b, d := get(t, l, "before"), get(t, l, "during"); b != "v" || d != "" {
		t.Errorf("before the lie: %q, during: %q; want the first and not the second", b, d)
	}
}

// A member whose disk lied comes back with less than it acknowledged. raft panics when the leader
// counts on what is gone, and only this member stops.
func TestMemberThatLostItsPromisePanicsAlone(t *testing.T) {
	inBoth(t, memberThatLostItsPromisePanicsAlone)
}

func memberThatLostItsPromisePanicsAlone(t *testing.T, mode func(*Options)) {
	var dead obituaries
	c := start(t, 3, mode, dead.listen)
	noticed := func(m *Member) bool { return strings.Contains(dead.of(m), "is out of range") }
	for {
		l := leader(t, c, nil)
		term, f := statusOf(l).Term, others(c, l)[0]
		if err := f.SetDisk(sim.DiskState{Lying: true}); err != nil {
			t.Fatal(err)
		}
		put(t, f, "k", "v")
		written := statusOf(l).Committed
		f.Crash()
		if err := f.SetDisk(sim.DiskState{}); err != nil {
			t.Fatal(err)
		}
		if err := f.Start(); err != nil {
			t.Fatal(err)
		}
		// A new leader on a busy machine counts on nothing, and asks what f has. So does a leader that
		// f died too soon to promise anything.
		eventually(t, "raft notices", func() bool {
			return noticed(f) || statusOf(l).Term != term || statusOf(f).Committed >= written
		})
		if !noticed(f) {
			continue
		}
		if f.Up() {
			t.Error("the member that panicked is up")
		}
		put(t, l, "k", "still here")
		return
	}
}

// Each fsync of a member waits for the distribution that its scenario states: a commit of the database is two.
func TestStatedFsyncIsTaken(t *testing.T) {
	const stated = 3 * time.Millisecond
	c, err := New(Options{Names: names(1), Dir: t.TempDir(), Fsync: sim.Fixed(stated), Heartbeat: 50 * time.Millisecond,
		Election: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Start(contextFor(t)); err != nil {
		t.Fatal(err)
	}
	m := c.Member(1)
	var mu sync.Mutex
	took := map[diskfault.Op][]time.Duration{}
	end, err := m.ObserveDisk(func(op diskfault.Op, d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		took[op] = append(took[op], d)
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		put(t, m, "k", "v")
	}
	eventually(t, "the database is committed", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(took[diskfault.Commit]) > 0
	})
	end()
	mu.Lock()
	defer mu.Unlock()
	if n := len(took[diskfault.Fsync]); n < 5 {
		t.Errorf("%d fsyncs for 5 writes", n)
	}
	for op, fsyncs := range map[diskfault.Op]time.Duration{diskfault.Fsync: 1, diskfault.Commit: 2} {
		for _, d := range took[op] {
			if d < fsyncs*stated {
				t.Errorf("a %v took %v, with %v stated for each fsync", op, d, stated)
			}
		}
	}
}
