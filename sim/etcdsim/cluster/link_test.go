package cluster

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// wire counts the messages of each link by fate.
type wire struct {
	mu   sync.Mutex
	seen map[wireKey]int
	late map[uint64]time.Time // when each message was sent
	took map[[2]int]time.Duration
}

type wireKey struct {
	from, to int
	typ      raftpb.MessageType
	fate     peerlink.Fate
}

func (w *wire) listen(o *Options) {
	w.seen, w.late, w.took = map[wireKey]int{}, map[uint64]time.Time{}, map[[2]int]time.Duration{}
	o.Hooks.Message = func(f peerlink.Fate, m peerlink.Message) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen[wireKey{m.From, m.To, m.Type, f}]++
		link := [2]int{m.From, m.To}
		switch f {
		case peerlink.Sent:
			w.late[m.ID] = time.Now()
		case peerlink.Delivered:
			if d := time.Since(w.late[m.ID]); w.took[link] == 0 || d < w.took[link] {
				w.took[link] = d
			}
		}
	}
}

// count adds up the messages of a link; typ below 0 is any.
func (w *wire) count(from, to *Member, typ raftpb.MessageType, f peerlink.Fate) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for k, v := range w.seen {
		if k.from == int(from.ID) && k.to == int(to.ID) && k.fate == f && (typ < 0 || k.typ == typ) {
			n += v
		}
	}
	return n
}

// quickest is the shortest time that a message of the link took.
func (w *wire) quickest(from, to *Member) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.took[[2]int{int(from.ID), int(to.ID)}]
}

func (w *wire) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.seen)
	clear(w.took)
}

const anyType raftpb.MessageType = -1

// A cut in one direction stops every message of it and none of the other.
func TestCutIsOneWayAndDoesNotLeak(t *testing.T) {
	t.Run("plain", func(t *testing.T) { testCut(t, func(*Options) {}) })
	t.Run("TLS", func(t *testing.T) { testCut(t, mutual) })
}

func testCut(t *testing.T, set func(*Options)) {
	var w wire
	c := start(t, 3, w.listen, set)
	l := leader(t, c, nil)
	f := others(c, l)[0]
	c.SetLink(l.ID, f.ID, sim.LinkState{Cut: true})
	w.forget()
	// The follower hears no heartbeat and asks for votes, which the others, who have a leader, refuse.
	eventually(t, "the follower's requests arrive", func() bool {
		return w.count(f, l, raftpb.MsgPreVote, peerlink.Delivered) > 0
	})
	put(t, l, "k", "v")
	eventually(t, "messages to the follower are lost", func() bool { return w.count(l, f, anyType, peerlink.Dropped) > 5 })
	if n := w.count(l, f, anyType, peerlink.Delivered); n > 1 { // one may have been past the decision
		t.Errorf("%d messages passed the cut", n)
	}
	c.SetLink(l.ID, f.ID, sim.LinkState{})
	eventually(t, "the follower catches up", func() bool { return get(t, f, "k") == "v" })
}

// Data of before members had certificates are resumed in the clear, as their log has the addresses. A member that
// joins there starts with its number in each address of the others.
func TestMembersOfOldDataAreJoinedInTheClear(t *testing.T) {
	o := Options{Dir: t.TempDir(), Known: []KnownMember{{Name: "n1", Folder: "member1", EtcdID: "a1"}}}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	m, err := c.Expect("n2")
	if err != nil {
		t.Fatal(err)
	}
	if list := m.roster(); !strings.HasPrefix(list, "n1=http://member2@127.0.0.1:") {
		t.Errorf("n2 would start with the addresses %s", list)
	}
}

func TestDelayHoldsInBothStreams(t *testing.T) {
	const way = 30 * time.Millisecond
	var w wire
	c := start(t, 3, w.listen, func(o *Options) {
		o.Link = func(from, to sim.MemberID) sim.LinkSpec {
			return sim.LinkSpec{Latency: sim.Distribution{Lo: way, Hi: 2 * way}}
		}
	})
	l := leader(t, c, nil)
	if d := timedPut(t, l); d < 2*way {
		t.Errorf("a write took %v on links of %v one way", d, way)
	}
	for _, f := range others(c, l) {
		if d := w.quickest(l, f); d < way {
			t.Errorf("a message to %s took %v", f.Name, d)
		}
	}
}

// After a lossy while all members end with the same state: what the port
// writes back is what the decoders of etcd expect.
func TestLossyLinksLoseNoData(t *testing.T) {
	var w wire
	c := start(t, 3, w.listen)
	for _, from := range c.Members() {
		for _, to := range others(c, from) {
			c.SetLink(from.ID, to.ID, sim.LinkState{Delay: sim.Distribution{Hi: time.Millisecond}, Loss: sim.Whole / 20})
		}
	}
	value := strings.Repeat("x", 3000)
	for i := range 150 {
		put(t, leader(t, c, nil), fmt.Sprint("k", i), value) // a lost forwarded write would take seconds
	}
	l := leader(t, c, nil)
	for _, f := range others(c, l) {
		if w.count(l, f, raftpb.MsgApp, peerlink.Dropped) == 0 {
			t.Errorf("nothing was lost on the way to %s", f.Name)
		}
	}
	for _, m := range c.Members() {
		eventually(t, m.Name+" has everything", func() bool {
			r, err := dial(t, m).Get(contextFor(t), "k", clientv3.WithPrefix(), clientv3.WithCountOnly(),
				clientv3.WithSerializable())
			return err == nil && r.Count == 150
		})
	}
	want, _, _ := c.Member(1).Server().KV().HashStorage().HashByRev(0)
	for _, m := range c.Members() {
		if h, _, err := m.Server().KV().HashStorage().HashByRev(0); err != nil || h.Hash != want.Hash {
			t.Errorf("%s has another state: %v", m.Name, err)
		}
	}
}

// A member that is far behind gets a snapshot, which obeys the link too.
func TestSnapshotWaitsForTheCutToEnd(t *testing.T) {
	var w wire
	c := start(t, 3, w.listen, func(o *Options) { o.Store.SnapshotCount, o.Store.CatchUpEntries = 20, 5 })
	l := leader(t, c, nil)
	f := others(c, l)[0]
	f.Crash()
	for i := range 80 {
		put(t, l, fmt.Sprint("k", i), "v")
	}
	for _, m := range others(c, f) {
		c.SetLink(m.ID, f.ID, sim.LinkState{Cut: true})
	}
	w.forget()
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "messages are lost", func() bool { return w.count(l, f, anyType, peerlink.Dropped) > 3 })
	if n := w.count(l, f, raftpb.MsgSnap, peerlink.Delivered); n > 0 {
		t.Errorf("%d snapshots passed the cut", n)
	}
	for _, m := range others(c, f) {
		c.SetLink(m.ID, f.ID, sim.LinkState{Limit: 10 << 20})
	}
	eventually(t, "the snapshot arrives", func() bool {
		return w.count(l, f, raftpb.MsgSnap, peerlink.Delivered) > 0 && f.Server() != nil && get(t, f, "k79") == "v"
	})
}

func TestRateLimit(t *testing.T) {
	const limit = 200 << 10
	var w wire
	c := start(t, 1+2, w.listen)
	l := leader(t, c, nil)
	for _, f := range others(c, l) {
		c.SetLink(l.ID, f.ID, sim.LinkState{Limit: limit})
	}
	const size = 40 << 10
	cl := dial(t, l)
	begin := time.Now()
	for range 3 {
		if _, err := cl.Put(contextFor(t), "k", strings.Repeat("x", size)); err != nil {
			t.Fatal(err)
		}
	}
	if d, least := time.Since(begin), time.Duration(3*size)*time.Second/limit; d < least {
		t.Errorf("%d bytes passed in %v, faster than the limit's %v", 3*size, d, least)
	}
}
