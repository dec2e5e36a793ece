package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
)

// overwrite writes keys of 64 KiB so many times, until an error.
func overwrite(ctx context.Context, cl *clientv3.Client, keys, times int) error {
	for i := range keys * times {
		if _, err := cl.Put(ctx, fmt.Sprint("key", i%keys), strings.Repeat(".", 64<<10)); err != nil {
			return err
		}
	}
	return nil
}

func sizes(t *testing.T, c *Real) (all []StoreStatus) {
	t.Helper()
	for _, m := range c.Members() {
		s, err := c.StoreStatus(contextFor(t), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// A compaction frees pages inside of the file, and a defragmentation gives them back.
func TestCompactAndDefrag(t *testing.T) {
	c := start(t, 3)
	ctx := contextFor(t)
	if err := overwrite(ctx, dial(t, c.Member(1)), 10, 4); err != nil {
		t.Fatal(err)
	}
	var full []StoreStatus
	eventually(t, "all has been committed to every file", func() bool {
		full = sizes(t, c)
		return !slices.ContainsFunc(full, func(s StoreStatus) bool { return s.Size < 40*64<<10 })
	})
	if err := c.Compact(ctx, 0); err != nil {
		t.Fatal(err)
	}
	for _, m := range c.Members() { // each compacts in its own time, and counts freed pages with its next commits
		eventually(t, "half of the file is free", func() bool {
			put(t, m, "small", ".")
			s, err := c.StoreStatus(ctx, m.ID)
			return err == nil && s.InUse < full[m.ID-1].Size/2
		})
	}
	for i, s := range sizes(t, c) {
		if s.Size < full[i].Size {
			t.Errorf("the compaction made the file of n%d smaller: %+v, before it %+v", i+1, s, full[i])
		}
	}
	if err := c.Compact(ctx, 1); !errors.Is(err, rpctypes.ErrCompacted) {
		t.Errorf("compacting what is compacted: %v", err)
	}
	if err := c.Defrag(ctx, 1, 2, 3); err != nil {
		t.Fatal(err)
	}
	for i, s := range sizes(t, c) {
		if s.Size > full[i].Size/2 || s.InUse < 10*64<<10 {
			t.Errorf("n%d after the defragmentation: %+v, before it %+v", i+1, s, full[i])
		}
	}
	c.Member(2).Crash()
	if err := c.Defrag(ctx, 2); !errors.Is(err, ErrDown) {
		t.Errorf("defragmenting a member that is down: %v", err)
	}
}

// Of delete, compact, defrag and disarm it takes all four, the last of them last.
func TestNoSpace(t *testing.T) {
	const quota = 2 << 20
	c := start(t, 1, func(o *Options) { o.Store.Quota = quota })
	ctx := contextFor(t)
	cl := dial(t, c.Member(1))
	refused := func(after string) {
		t.Helper()
		if _, err := cl.Put(ctx, "small", "."); !errors.Is(err, rpctypes.ErrNoSpace) {
			t.Errorf("a put after %s: %v", after, err)
		}
	}
	if err := overwrite(ctx, cl, 4, 100); !errors.Is(err, rpctypes.ErrNoSpace) {
		t.Fatalf("growing into the quota: %v", err)
	}
	if s := sizes(t, c)[0]; s.Quota != quota || s.Size < quota-128<<10 { // the next put would not have fitted
		t.Errorf("at the quota: %+v", s)
	}
	as, err := c.Alarms(ctx)
	if err != nil || len(as) != 1 || as[0] != (Alarm{1, sim.AlarmNoSpace}) {
		t.Errorf("alarms: %v, %v", as, err)
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"nothing", func() error { return nil }},
		{"delete", func() error { _, err := cl.Delete(ctx, "key", clientv3.WithPrefix()); return err }},
		{"compact", func() error { return c.Compact(ctx, 0) }},
		{"disarm without defrag", func() error { return c.Disarm(ctx) }},
		{"defrag", func() error { return c.Defrag(ctx, 1) }},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		refused(step.name)
	}
	if err := c.Disarm(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := cl.Put(ctx, "small", "."); err != nil {
		t.Errorf("a put after defrag and disarm: %v", err)
	}
	if as, err := c.Alarms(ctx); err != nil || len(as) != 0 {
		t.Errorf("alarms: %v, %v", as, err)
	}
}

// A new quota holds from the next start on.
func TestSetQuota(t *testing.T) {
	c := start(t, 1)
	c.SetQuota(64 << 20)
	if s := sizes(t, c)[0]; s.Quota != 2<<30 {
		t.Errorf("the quota is %v at once", s.Quota)
	}
	m := c.Member(1)
	m.Crash()
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	if err := m.Ready(contextFor(t)); err != nil {
		t.Fatal(err)
	}
	if s := sizes(t, c)[0]; s.Quota != 64<<20 {
		t.Errorf("after a restart the quota is %v", s.Quota)
	}
}

func TestLeaderLast(t *testing.T) {
	for _, tt := range []struct {
		leader sim.MemberID
		want   string
	}{{0, "[n1 n2 n3]"}, {2, "[n1 n3 n2]"}, {3, "[n1 n2 n3]"}, {4, "[n1 n2 n3]"}} {
		if got := fmt.Sprint(LeaderLast([]sim.MemberID{1, 2, 3}, tt.leader)); got != tt.want {
			t.Errorf("with %v: %s, want %s", tt.leader, got, tt.want)
		}
	}
}
