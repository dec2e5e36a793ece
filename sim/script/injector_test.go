package script

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"quorumlab/sim"
)

// fakeCluster remembers what it was asked for.
type fakeCluster struct {
	leader sim.MemberID
	size   int
	down   map[sim.MemberID]bool
	links  map[[2]sim.MemberID]sim.LinkState
	disks  map[sim.MemberID]sim.DiskState
	calls  []string
}

func (c *fakeCluster) Members() (ms []sim.MemberStatus) {
	for i := 1; i <= c.size; i++ {
		ms = append(ms, sim.MemberStatus{ID: sim.MemberID(i), Up: !c.down[sim.MemberID(i)]})
	}
	return ms
}

func (c *fakeCluster) Leader() sim.MemberID { return c.leader }
func (c *fakeCluster) SetLink(f, t sim.MemberID, s sim.LinkState) {
	if s == (sim.LinkState{}) {
		delete(c.links, [2]sim.MemberID{f, t})
		return
	}
	c.links[[2]sim.MemberID{f, t}] = s
}
func (c *fakeCluster) SetDisk(m sim.MemberID, s sim.DiskState) { c.disks[m] = s }
func (c *fakeCluster) SetDrift(m sim.MemberID, s sim.Share)    { c.called("drift", m, s) }
func (c *fakeCluster) SetLoad(p sim.Pace)                      { c.called("load", p.Rate) }
func (c *fakeCluster) Crash(m sim.MemberID) error              { c.down[m] = true; return nil }
func (c *fakeCluster) Start(m sim.MemberID) error              { delete(c.down, m); return nil }
func (c *fakeCluster) Pause(m sim.MemberID) error              { return c.called("pause", m) }
func (c *fakeCluster) Resume(m sim.MemberID) error             { return c.called("resume", m) }
func (c *fakeCluster) Wipe(m sim.MemberID) error               { return c.called("wipe", m) }
func (c *fakeCluster) Change(cs []sim.MemberChange, retry bool) error {
	return c.called("change", cs, retry)
}
func (c *fakeCluster) MoveLeader(to sim.MemberID) error { return c.called("move", to) }
func (c *fakeCluster) Put(k, v string) error            { return c.called("put", k, v) }
func (c *fakeCluster) Compact(rev int64) error          { return c.called("compact", rev) }

func (c *fakeCluster) called(what string, args ...any) error {
	c.calls = append(c.calls, strings.TrimSpace(fmt.Sprintln(append([]any{what}, args...)...)))
	return nil
}

// rig is an injector on a fake cluster of five whose leader is n1.
type rig struct {
	*Injector
	*fakeCluster
	t      *testing.T
	events []sim.Event
}

func newRig(t *testing.T) *rig {
	c := &fakeCluster{leader: 1, size: 5, down: map[sim.MemberID]bool{}, links: map[[2]sim.MemberID]sim.LinkState{},
		disks: map[sim.MemberID]sim.DiskState{}}
	r := &rig{fakeCluster: c, t: t}
	s := &sim.Scenario{Seed: 1, Workload: sim.Workload{Clients: 1, Rate: 100}}
	for _, z := range []string{"a", "a", "b", "b", "c"} {
		s.Cluster.Members = append(s.Cluster.Members, sim.MemberSpec{Name: sim.MemberID(len(s.Cluster.Members) + 1).String(),
			Zone: z})
	}
	r.Injector = NewInjector(s, c, func(e sim.Event) { r.events = append(r.events, e) })
	return r
}

func (r *rig) fire(text string) uint64 {
	r.t.Helper()
	st, err := Parse(text)
	if err != nil {
		r.t.Fatal(err)
	}
	id, err := r.Fire(0, st)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// story is the fault events as text.
func (r *rig) story() string {
	var lines []string
	for _, e := range r.events {
		lines = append(lines, fmt.Sprintf("%s %d %s", e.Kind, e.ID, e.Note))
	}
	return strings.Join(lines, "\n")
}

func (r *rig) wantStory(want ...string) {
	r.t.Helper()
	if got := r.story(); got != strings.Join(want, "\n") {
		r.t.Errorf("got:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

func TestPartitionCutsBetweenSidesOnly(t *testing.T) {
	r := newRig(t)
	id := r.fire("partition leader n2 | rest")
	if len(r.links) != 12 || !r.links[[2]sim.MemberID{1, 3}].Cut || r.links[[2]sim.MemberID{1, 2}].Cut {
		t.Errorf("links %v", r.links)
	}
	r.End(id)
	if len(r.links) != 0 {
		t.Errorf("still cut: %v", r.links)
	}
	r.wantStory("fault-begun 1 partition n1 n2 | n3 n4 n5", "fault-ended 1 partition n1 n2 | n3 n4 n5")
}

func TestOverlappingCutsEndOneByOne(t *testing.T) {
	r := newRig(t)
	a := r.fire("isolate n3")
	b := r.fire("cut n1 -> n3")
	r.End(a)
	if len(r.links) != 1 || !r.links[[2]sim.MemberID{1, 3}].Cut {
		t.Errorf("links %v", r.links)
	}
	r.End(b)
	if len(r.links) != 0 {
		t.Errorf("links %v", r.links)
	}
}

func TestHealEndsLinkFaultsAndNoOthers(t *testing.T) {
	r := newRig(t)
	r.fire("isolate n3")
	r.fire("lose n1 -> n2 10%")
	r.fire("stall-disk n2")
	r.fire("heal")
	if len(r.links) != 0 || !r.disks[2].Stalled {
		t.Errorf("links %v, disks %v", r.links, r.disks)
	}
	r.wantStory("fault-begun 1 isolate n3", "fault-begun 2 lose n1 -> n2 10%", "fault-begun 3 stall-disk n2",
		"fault-begun 4 heal", "fault-ended 1 isolate n3", "fault-ended 2 lose n1 -> n2 10%")
}

func TestHealOfAMemberMendsItsLinksOnly(t *testing.T) {
	r := newRig(t)
	r.fire("isolate n3 n4")
	r.fire("heal n3")
	if len(r.links) != 6 { // n4 with n1, n2 and n5, both ways
		t.Errorf("links %v", r.links)
	}
	if strings.Contains(r.story(), "ended") {
		t.Errorf("the fault still lasts for n4:\n%s", r.story())
	}
}

func TestRestartEndsACrash(t *testing.T) {
	r := newRig(t)
	r.fire("crash n2 n3")
	r.fire("restart n2")
	if len(r.down) != 1 || strings.Contains(r.story(), "ended") {
		t.Errorf("down %v\n%s", r.down, r.story())
	}
	r.fire("restart crashed")
	if len(r.down) != 0 {
		t.Errorf("down %v", r.down)
	}
	r.wantStory("fault-begun 1 crash n2 n3", "fault-begun 2 restart n2", "fault-begun 3 restart n3",
		"fault-ended 1 crash n2 n3")
}

func TestNewestDiskFaultHoldsUntilItEnds(t *testing.T) {
	r := newRig(t)
	r.fire("slow-disk n2 10ms")
	b := r.fire("slow-disk n2 200ms")
	if got := r.disks[2].Slow.String(); got != "200ms" {
		t.Errorf("slow by %s", got)
	}
	r.End(b)
	if got := r.disks[2].Slow.String(); got != "10ms" {
		t.Errorf("slow by %s", got)
	}
}

func TestLoadComesBackToTheScenarios(t *testing.T) {
	r := newRig(t)
	id := r.fire("load 500/s")
	r.End(id)
	if got := strings.Join(r.calls, ","); got != "load 500,load 100" {
		t.Errorf("calls %s", got)
	}
}

func TestSelectors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"crash leader", "crash n1"},
		{"crash followers", "crash n2 n3 n4 n5"},
		{"crash a-follower", "crash n2"},
		{"crash n3 a-follower a-follower a-follower", "crash n2 n3 n4 n5"},
		{"partition leader a-follower a-follower | rest", "partition n1 n2 n3 | n4 n5"},
		{"cut all -> a-follower", "cut n1 n2 n3 n4 n5 -> n2"},
		{"crash zone b", "crash n3 n4"},
		{"crash zone a n5 n1", "crash n1 n2 n5"},
		{"delay all -> leader 5ms", "delay n1 n2 n3 n4 n5 -> n1 5ms"},
		{"partition rest | zone c", "partition n1 n2 n3 n4 | n5"},
	} {
		r := newRig(t)
		r.fire(tt.text)
		if got := r.events[0].Note; got != tt.want {
			t.Errorf("%s: %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestRandomComesFromTheSeed(t *testing.T) {
	a, b := newRig(t), newRig(t)
	for range 5 {
		a.fire("pause random 2")
		b.fire("pause random 2")
	}
	if a.story() != b.story() {
		t.Errorf("%s\n\n%s", a.story(), b.story())
	}
}

func TestWithoutALeaderNothingHappens(t *testing.T) {
	r := newRig(t)
	r.leader = 0
	st, _ := Parse("crash leader")
	if _, err := r.Fire(0, st); !errors.Is(err, ErrNoLeader) || len(r.events) != 0 {
		t.Errorf("error %v, events %v", err, r.events)
	}
}

func TestAStatementThatFitsNobodyIsInTheTrace(t *testing.T) {
	r := newRig(t)
	r.fire("restart crashed")
	r.fire("partition n1 n2 | n2 n3")
	r.wantStory("fault-failed 0 restart crashed: crashed: no member fits",
		"fault-failed 0 partition n1 n2 | n2 n3: n2 is on two sides of the partition")
}
