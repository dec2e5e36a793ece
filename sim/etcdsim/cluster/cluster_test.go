package cluster

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"quorumlab/sim"
)

// TestMain fails when any test leaves a goroutine behind.
func TestMain(m *testing.M) {
	Main()
	if os.Getenv(leaky) != "" {
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what must happen, on a machine that may be busy.
const patience = time.Minute

// quick makes elections fast enough for tests and slow enough for -race on a busy machine.
func quick(o *Options) {
	o.Heartbeat, o.Election = 50*time.Millisecond, 500*time.Millisecond
}

func names(n int) (s []string) {
	for i := range n {
		s = append(s, fmt.Sprint("n", i+1))
	}
	return s
}

func contextFor(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// start runs a cluster of n members until the end of the test.
func start(t *testing.T, n int, options ...func(*Options)) *Real {
	t.Helper()
	o := Options{Names: names(n), Dir: t.TempDir(), Seed: 1}
	quick(&o)
	for _, set := range options {
		set(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Start(contextFor(t)); err != nil {
		t.Fatal(err)
	}
	return c
}

func newClient(t *testing.T, m *Member) *clientv3.Client {
	t.Helper()
	secrets, err := m.cluster.ClientTLS()
	if err != nil {
		t.Fatal(err)
	}
	c, err := clientv3.New(clientv3.Config{Endpoints: []string{m.ClientURL()}, TLS: secrets, Logger: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func dial(t *testing.T, m *Member) *clientv3.Client {
	t.Helper()
	c := newClient(t, m)
	t.Cleanup(func() { c.Close() })
	return c
}

// put writes through m until it works.
func put(t *testing.T, m *Member, key, value string) {
	t.Helper()
	ctx := contextFor(t)
	c := newClient(t, m)
	defer c.Close()
	for {
		try, cancel := context.WithTimeout(ctx, 3*time.Second)
		_, err := c.Put(try, key, value)
		cancel()
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("put through %s: %v", m.Name, err)
		}
	}
}

// get reads what m itself has.
func get(t *testing.T, m *Member, key string) string {
	t.Helper()
	r, err := dial(t, m).Get(contextFor(t), key, clientv3.WithSerializable())
	if err != nil {
		t.Fatalf("get from %s: %v", m.Name, err)
	}
	if len(r.Kvs) == 0 {
		return ""
	}
	return string(r.Kvs[0].Value)
}

// eventually polls until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx := contextFor(t)
	for !ok() {
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("in %v it did not happen that %s", patience, what)
		}
	}
}

// leader waits for a leader that all members that run know, other than not.
func leader(t *testing.T, c *Real, not *Member) (m *Member) {
	t.Helper()
	eventually(t, "there is a leader", func() bool {
		for _, m = range c.Members() {
			if s, up := m.Status(); up && m != not && s.Leads() {
				return true
			}
		}
		return false
	})
	return m
}

// statusOf is what m says of itself, all zero while it is down.
func statusOf(m *Member) Status {
	s, _ := m.Status()
	return s
}

// inBoth runs a test with the members in this process and in processes of their own, side by side, as
// most of it is waiting.
func inBoth(t *testing.T, test func(t *testing.T, mode func(*Options))) {
	for _, p := range []sim.ProcessMode{sim.ProcessShared, sim.ProcessOwn} {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			test(t, func(o *Options) { o.Processes = p })
		})
	}
}

func others(c *Real, m *Member) (ms []*Member) {
	for _, o := range c.Members() {
		if o != m {
			ms = append(ms, o)
		}
	}
	return ms
}

func TestStartAnswersClients(t *testing.T) {
	for _, n := range []int{1, 3, 7} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			begin := time.Now()
			c := start(t, n, func(o *Options) { o.Heartbeat, o.Election = 0, 0 })
			put(t, c.Member(1), "k", "v")
			t.Logf("%d members at etcd's 100ms/1s: first write after %v", n, time.Since(begin))
		})
	}
}

func TestCrashedLeaderIsReplacedAndReturns(t *testing.T) {
	inBoth(t, crashedLeaderIsReplacedAndReturns)
}

func crashedLeaderIsReplacedAndReturns(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode)
	old := leader(t, c, nil)
	put(t, old, "before", "1")
	old.Crash()
	if old.Up() {
		t.Error("a crashed member is up")
	}
	now := leader(t, c, old)
	put(t, now, "during", "2")
	if err := old.Start(); err != nil {
		t.Fatal(err)
	}
	if err := old.Ready(contextFor(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the old leader catches up", func() bool { return get(t, old, "during") == "2" })
}

func TestCutLeaderStepsDownAndTheRestElects(t *testing.T) {
	c := start(t, 3)
	old := leader(t, c, nil)
	for _, m := range others(c, old) {
		c.SetLink(old.ID, m.ID, sim.LinkState{Cut: true})
		c.SetLink(m.ID, old.ID, sim.LinkState{Cut: true})
	}
	now := leader(t, c, old)
	put(t, now, "k", "new")
	eventually(t, "the old leader steps down", func() bool { return statusOf(old).Lead == 0 })
	if v := get(t, old, "k"); v != "" {
		t.Errorf("the member that is cut off has %q", v)
	}
	for _, m := range others(c, old) {
		c.SetLink(old.ID, m.ID, sim.LinkState{})
		c.SetLink(m.ID, old.ID, sim.LinkState{})
	}
	eventually(t, "the old leader catches up", func() bool { return get(t, old, "k") == "new" })
}

func TestPausedMemberStandsStill(t *testing.T) { inBoth(t, pausedMemberStandsStill) }

func pausedMemberStandsStill(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode)
	old := leader(t, c, nil)
	if err := old.Pause(); err != nil {
		t.Fatal(err)
	}
	now := leader(t, c, old)
	put(t, now, "k", "new")
	if !statusOf(old).Leads() {
		t.Error("a paused leader noticed that it lost its leadership")
	}
	old.Resume()
	eventually(t, "the paused leader catches up", func() bool { return get(t, old, "k") == "new" })
	if err := old.Pause(); err != nil {
		t.Fatal(err)
	}
	old.Crash() // while it is paused
	if err := old.Start(); err != nil {
		t.Fatal(err)
	}
	if err := old.Ready(contextFor(t)); err != nil {
		t.Fatal(err)
	}
}

func TestCloseInTheMiddleOfTheStart(t *testing.T) {
	o := Options{Names: names(3)}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Start(ctx); err == nil {
		t.Error("Start did not say that its context is done")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.dir); !os.IsNotExist(err) {
		t.Errorf("%s is left over", c.dir)
	}
	if err := c.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

// A member that is only starting is up, and does not answer clients yet.
func TestStartingMemberDoesNotAnswer(t *testing.T) { inBoth(t, startingMemberDoesNotAnswer) }

func startingMemberDoesNotAnswer(t *testing.T, mode func(*Options)) {
	c := start(t, 3, mode, brisk)
	m := others(c, leader(t, c, nil))[0]
	if !m.Answers() {
		t.Error("it serves, and is said not to")
	}
	m.Crash()
	if err := m.SetDisk(sim.DiskState{Stalled: true}); err != nil {
		t.Fatal(err)
	}
	if m.Answers() {
		t.Error("a dead one is said to answer")
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	if !m.Up() || m.Answers() {
		t.Errorf("on a disk that stands still it is up: %t, and answers: %t", m.Up(), m.Answers())
	}
	if err := m.SetDisk(sim.DiskState{}); err != nil {
		t.Fatal(err)
	}
	if err := m.Ready(contextFor(t)); err != nil || !m.Answers() {
		t.Errorf("it does not serve again: %v", err)
	}
}
