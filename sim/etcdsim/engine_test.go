package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/script"
)

// scenario is a small cluster under load, with steps like "1s crash leader" or "1s +500ms isolate n1".
func scenario(t *testing.T, members int, length time.Duration, steps ...string) *sim.Scenario {
	t.Helper()
	s := &sim.Scenario{Name: "test", Seed: 1, Run: length, Engines: []string{"sim", "etcd"}}
	for i := range members {
		s.Cluster.Members = append(s.Cluster.Members, sim.MemberSpec{Name: fmt.Sprint("n", i+1), Role: sim.Follower})
	}
	s.Cluster.Heartbeat, s.Cluster.Election = 50*time.Millisecond, sim.Fixed(500*time.Millisecond)
	s.Cluster.PreVote, s.Cluster.CheckQuorum = true, true
	s.Cluster.Disk.Mode = "etcd"
	s.Cluster.Store = sim.StoreSpec{SnapshotCount: 10000, CatchUpEntries: 5000}
	s.Workload = sim.Workload{
		Clients: 4, Rate: 100, Mix: sim.Mix{Put: 50, Get: 30, CAS: 20}, Keys: 8, Value: 64,
		Reads: sim.ReadLinearizable, Timeout: 3 * time.Second,
	}
	for _, step := range steps {
		var st sim.Step
		var err error
		at, rest, _ := strings.Cut(step, " ")
		if st.At, err = time.ParseDuration(at); err != nil {
			t.Fatal(err)
		}
		if d, after, _ := strings.Cut(rest, " "); strings.HasPrefix(d, "+") {
			if st.For, err = time.ParseDuration(d[1:]); err != nil {
				t.Fatal(err)
			}
			rest = after
		}
		if st.Do, err = script.Parse(rest); err != nil {
			t.Fatal(err)
		}
		s.Steps = append(s.Steps, st)
	}
	for _, p := range s.Validate() {
		t.Fatal(p)
	}
	return s
}

// trace runs a scenario.
func trace(t *testing.T, s *sim.Scenario) *sim.Trace {
	t.Helper()
	rec := sim.NewRecorder(sim.AllKinds)
	if err := (Engine{}).Run(t.Context(), s, rec, nil); err != nil {
		t.Fatal(err)
	}
	tr := rec.Trace(s, "etcd", "test")
	wellFormed(t, tr)
	t.Cleanup(func() {
		if t.Failed() {
			show(t, tr)
		}
	})
	return tr
}

// show prints what tells the story of a run.
func show(t *testing.T, tr *sim.Trace) {
	t.Helper()
	for _, e := range tr.Events {
		at := e.At.Round(time.Millisecond)
		switch {
		case e.Kind == sim.KindReturn && e.Result != sim.OutcomeOK && e.Result != sim.OutcomeMismatch:
			t.Logf("%8v %v %d %s %v by %v: %s", at, e.Op, e.ID, e.Key, e.Result, e.Member, e.Note)
		case sim.HighRate.Has(e.Kind), e.Kind == sim.KindCall, e.Kind == sim.KindReturn, e.Kind == sim.KindFinal:
		default:
			t.Logf("%8v %-14v %v %v %v term %d index %d rev %d value %d %s", at, e.Kind, e.Member, e.Peer, e.Role, e.Term,
				e.Index, e.Revision, e.Value, e.Note)
		}
	}
}

// wellFormed checks what holds for every trace.
func wellFormed(t *testing.T, tr *sim.Trace) {
	t.Helper()
	calls, returns := map[uint64]sim.Event{}, map[uint64]bool{}
	sent := map[uint64]bool{}
	up := map[sim.MemberID]bool{}
	var last time.Duration
	for _, e := range tr.Events {
		if e.At < last {
			t.Errorf("event %d goes back in time", e.Seq)
		}
		last = e.At
		switch e.Kind {
		case sim.KindStarted:
			up[e.Member] = true
		case sim.KindCrashed, sim.KindPanicked:
			up[e.Member] = false
		case sim.KindState, sim.KindCommitted:
			if !up[e.Member] {
				t.Errorf("event %d: %v of %v, which is down", e.Seq, e.Kind, e.Member)
			}
		case sim.KindCall:
			calls[e.ID] = e
		case sim.KindReturn:
			if c, ok := calls[e.ID]; !ok || returns[e.ID] || c.Key != e.Key || c.Op != e.Op || c.Client != e.Client {
				t.Errorf("event %d returns operation %d, called as %+v", e.Seq, e.ID, c)
			}
			returns[e.ID] = true
		case sim.KindSent:
			sent[e.ID] = true
		case sim.KindDelivered, sim.KindDropped:
			if !sent[e.ID] {
				t.Errorf("event %d: message %d was not sent", e.Seq, e.ID)
			}
		}
	}
	if len(calls) != len(returns) {
		t.Errorf("%d operations were called and %d returned", len(calls), len(returns))
	}
}

// count counts the events that fit.
func count(tr *sim.Trace, fits func(sim.Event) bool) (n int) {
	for _, e := range tr.Events {
		if fits(e) {
			n++
		}
	}
	return n
}

func kind(k sim.Kind) func(sim.Event) bool { return func(e sim.Event) bool { return e.Kind == k } }

// leaders are the members that led, by term.
func leaders(tr *sim.Trace) map[uint64]sim.MemberID {
	ls := map[uint64]sim.MemberID{}
	for _, e := range tr.Events {
		if e.Kind == sim.KindState && e.Role == sim.Leader {
			ls[e.Term] = e.Member
		}
	}
	return ls
}

// sameState fails unless n members ended with one and the same state.
func sameState(t *testing.T, tr *sim.Trace, n int) {
	t.Helper()
	states := map[uint64]int{}
	for _, e := range tr.Events {
		if e.Kind == sim.KindHash {
			states[e.Value]++
		}
	}
	if len(states) != 1 || count(tr, kind(sim.KindHash)) != n {
		t.Errorf("final states and how many members have them: %v; want one state of %d members", states, n)
	}
}

func TestRunCrashesAndRestartsTheLeader(t *testing.T) {
	tr := trace(t, scenario(t, 3, 4*time.Second, "1s crash leader", "3s restart crashed"))
	if n := len(leaders(tr)); n < 2 {
		t.Errorf("leaders by term: %v", leaders(tr))
	}
	sameState(t, tr, 3)
	ok := func(e sim.Event) bool { return e.Kind == sim.KindReturn && e.Result == sim.OutcomeOK }
	after := func(e sim.Event) bool { return ok(e) && e.At > 3*time.Second }
	if count(tr, ok) < 100 || count(tr, after) == 0 {
		t.Errorf("%d operations succeeded, %d of them after the restart", count(tr, ok), count(tr, after))
	}
	if count(tr, kind(sim.KindFinal)) != 8 {
		t.Errorf("%d final reads of 8 keys", count(tr, kind(sim.KindFinal)))
	}
	if count(tr, kind(sim.KindCrashed)) != 1 || count(tr, kind(sim.KindStarted)) != 4 {
		t.Errorf("%d crashes and %d starts", count(tr, kind(sim.KindCrashed)), count(tr, kind(sim.KindStarted)))
	}
}

func TestRunPartitionsAndHeals(t *testing.T) {
	tr := trace(t, scenario(t, 3, 4*time.Second, "1s +1500ms partition leader | rest"))
	if n := count(tr, kind(sim.KindLinkCut)); n != 4 || count(tr, kind(sim.KindLinkMended)) != n {
		t.Errorf("%d links cut, %d mended", n, count(tr, kind(sim.KindLinkMended)))
	}
	if count(tr, func(e sim.Event) bool { return e.Kind == sim.KindDropped && e.Note == "cut" }) == 0 {
		t.Error("no message was dropped by the cut")
	}
	sameState(t, tr, 3)
}

// Each statement waits for what the one before it began, however busy the machine is.
func TestEveryPower(t *testing.T) {
	s := scenario(t, 3, time.Hour)
	s.Workload.Timeout = 30 * time.Second
	l, events, end := openToWait(t, s)
	for _, line := range []string{
		"pause a-follower", "resume all", "slow-disk a-follower 20ms", "stall-disk a-follower", "heal-disk",
		"delay leader -> rest 5ms", "lose leader -> rest 5%", "limit leader -> rest 10MB/s", "heal",
		"move-leader a-follower", "put city Oslo", "compact", "load 300/s", "fill-disk a-follower",
	} {
		if err := insist(t, l, line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	events.until(t, l, 1, sim.KindStoreCompacted)
	until(t, l, "the full disk stops a member", func(s LiveStatus) bool {
		return slices.ContainsFunc(s.Members, func(m LiveMember) bool { return !m.Up })
	})
	for _, line := range []string{"heal-disk", "restart crashed", "stop-load", "lose-unsynced a-follower", "heal-disk"} {
		if err := insist(t, l, line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	until(t, l, "all are back", func(s LiveStatus) bool {
		return followers(s, leading(s)) == 3 &&
			!slices.ContainsFunc(s.Members, func(m LiveMember) bool { return !m.Answers })
	})
	tr := end()
	city := func(e sim.Event) bool {
		return e.Kind == sim.KindReturn && e.Key == "city" && e.Result == sim.OutcomeOK
	}
	full := func(e sim.Event) bool {
		return e.Kind == sim.KindPanicked && strings.HasSuffix(e.Note, "no space left on device")
	}
	if count(tr, city) == 0 || count(tr, kind(sim.KindPaused)) != 1 || count(tr, full) != 1 {
		t.Errorf("%d writes by statement, %d pauses, %d members stopped by a full disk", count(tr, city),
			count(tr, kind(sim.KindPaused)), count(tr, full))
	}
	sameState(t, tr, 3)
}

// stopWhen ends a run at an event, by its context.
type stopWhen struct {
	fits func(sim.Event) bool
	stop func()
}

func (s stopWhen) Observe(e *sim.Event) {
	if s.fits(*e) {
		s.stop()
	}
}

// etcd takes a change only when all members have been connected for five seconds, and a promotion
// when the learner has caught up: the run ends when all is done.
func TestRunChangesTheMembership(t *testing.T) {
	for _, p := range []sim.ProcessMode{sim.ProcessShared, sim.ProcessOwn} {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			runChangesTheMembership(t, p)
		})
	}
}

func runChangesTheMembership(t *testing.T, p sim.ProcessMode) {
	s := scenario(t, 3, time.Hour, "100ms replace a-follower n4", "200ms isolate leader", "800ms heal")
	s.Cluster.Process = p
	ctx, stop := context.WithCancel(contextFor(t))
	defer stop()
	voter := func(e sim.Event) bool {
		return e.Kind == sim.KindMembership && e.Peer == 4 && e.Role == sim.Follower && e.Member == 4
	}
	promoted := func(e sim.Event) bool {
		return e.Kind == sim.KindState && e.Member == 4 && e.Role == sim.Follower
	}
	rec := sim.NewRecorder(sim.AllKinds, stopWhen{promoted, stop})
	if err := (Engine{}).Run(ctx, s, rec, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	tr := rec.Trace(s, "etcd", "test")
	t.Cleanup(func() {
		if t.Failed() {
			show(t, tr)
		}
	})
	removed := func(e sim.Event) bool { return e.Kind == sim.KindCrashed && e.Note == cluster.Removed }
	learner := func(e sim.Event) bool { return e.Kind == sim.KindState && e.Member == 4 && e.Role == sim.Learner }
	if count(tr, promoted) != 1 {
		t.Error("the state of n4 does not say that it was promoted")
	}
	if count(tr, voter) != 1 || count(tr, removed) != 1 || count(tr, learner) == 0 {
		t.Errorf("n4 became a voter %d times, was a learner %d times; %d members left", count(tr, voter), count(tr, learner),
			count(tr, removed))
	}
}

// Every kind of fault of a process and its disk, with real processes.
func TestRunWithProcessesOfTheirOwn(t *testing.T) {
	s := scenario(t, 3, 3*time.Second, "200ms +400ms pause leader", "700ms +300ms slow-disk leader 20ms",
		"1s lose-unsynced a-follower", "1500ms crash leader", "2s restart crashed")
	s.Cluster.Process = sim.ProcessOwn
	tr := trace(t, s)
	for _, k := range []sim.Kind{sim.KindPaused, sim.KindResumed, sim.KindCrashed, sim.KindCommitted, sim.KindHash} {
		if count(tr, func(e sim.Event) bool { return e.Kind == k }) == 0 {
			t.Errorf("the trace has no event %v", k)
		}
	}
	sameState(t, tr, 3)
}

func TestWipeOfAMember(t *testing.T) {
	s := scenario(t, 3, time.Hour)
	s.Cluster.Election = sim.Fixed(5 * time.Second) // a new leader would count on nothing
	l, events, end := openToWait(t, s)
	until(t, l, "n2 has more than its founders wrote", func(s LiveStatus) bool { return s.Members[1].Commit > 3 })
	do(t, l, "wipe n2")
	do(t, l, "restart n2")
	events.until(t, l, 1, sim.KindPanicked)
	tr := end()
	// The leader counts on what n2 had acknowledged, and raft panics when it is told to commit it.
	lost := func(e sim.Event) bool {
		return e.Kind == sim.KindPanicked && e.Member == 2 && strings.Contains(e.Note, "is out of range")
	}
	if count(tr, lost) == 0 {
		t.Error("nobody noticed that a member forgot what it had promised")
	}
	sameState(t, tr, 2)
}

func TestRunStopsAtOnceWhenItsContextEnds(t *testing.T) {
	s := scenario(t, 3, time.Hour, "100ms pause leader")
	ctx, cancel := context.WithCancel(t.Context())
	rec := sim.NewRecorder(sim.AllKinds)
	err := Engine{}.Run(ctx, s, rec, func(at time.Duration) {
		if at > 300*time.Millisecond {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the run ends with %v", err)
	}
	if rec.Len() == 0 {
		t.Error("nothing was recorded")
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps []string
		alter func(*sim.Scenario)
		want  []string
	}{
		{"nothing", nil, func(*sim.Scenario) {}, nil},
		{"steps", []string{"1s duplicate n1 -> n2 5%", "1s reorder n1 -> n2 5%", "1s drift n1 5%"}, func(*sim.Scenario) {},
			[]string{
				`step 1 "duplicate n1 -> n2 5%": etcd's members talk over TCP, which delivers nothing twice; the sim engine supports it`,
				`step 2 "reorder n1 -> n2 5%": etcd's members talk over TCP, which keeps the order; the sim engine supports it`,
				`step 3 "drift n1 5%": etcd uses this machine's clock; the sim engine supports it`,
			}},
		{"settings", nil, func(s *sim.Scenario) {
			s.Cluster.CheckQuorum = false
			s.Workload.Reads = sim.ReadLease
			s.Cluster.Disk.Mode = "async"
			s.Cluster.Members[2].Role = sim.Learner
			s.Engines = []string{"sim"}
		}, []string{
			"engines: the scenario does not list the etcd engine",
			"cluster.members: n3 is a learner, but all members of a new etcd cluster vote; use the statement add-learner",
			"cluster.check-quorum: etcd's leaders always check their quorum; the sim engine can turn it off",
			"cluster.disk.mode: etcd waits for its log to be written; the sim engine supports both modes",
			"workload.reads: etcd has no lease reads; the sim engine does",
		}},
		{"clients without TLS", []string{"1s connect alice", "1s rotate-certs all"}, func(*sim.Scenario) {}, []string{
			`step 1 "connect alice": the clients of this cluster have no certificates; set cluster.tls.clients`,
			`step 2 "rotate-certs all": this cluster has no certificates; set cluster.tls`,
		}},
		{"rotation among peers", []string{"1s rotate-certs all"}, func(s *sim.Scenario) { s.Cluster.TLS.Peers = true }, nil},
		{"alerts", nil, func(s *sim.Scenario) { s.Alerts = sim.AlertSpec{Scrape: time.Second, Pace: 30} }, []string{
			"alerts: members that share a process share their metrics; give each its own with cluster.process: own",
		}},
		{"alerts on members of their own", nil, func(s *sim.Scenario) {
			s.Alerts, s.Cluster.Process = sim.AlertSpec{Scrape: time.Second, Pace: 30}, sim.ProcessOwn
		}, nil},
		{"timing", nil, func(s *sim.Scenario) {
			s.Cluster.Heartbeat, s.Cluster.Election = 1500*time.Microsecond,
				sim.Distribution{Lo: 3 * time.Millisecond, Hi: 4500 * time.Microsecond}
		}, []string{
			"cluster.election: etcd draws election timeouts between one and two times its setting; the sim engine takes any " +
				"range",
			"cluster.heartbeat: etcd takes whole milliseconds; the sim engine takes any time",
			"cluster.election: etcd requires an election timeout of at least five heartbeats; the sim engine does not",
		}},
		{"members", nil, func(s *sim.Scenario) {
			s.Cluster.Members = append(s.Cluster.Members, make([]sim.MemberSpec, 6)...)
		}, []string{
			"cluster.members: 9 members, including those that the script adds, exceed the maximum of 7 real ones; " +
				"the sim engine takes up to 101",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := scenario(t, 3, 2*time.Second, tt.steps...)
			tt.alter(s)
			rs := Engine{}.Refuse(s)
			text := (&sim.RefusedError{Scenario: s.Name, Engine: "etcd", Refusals: rs}).Error()
			want := "the etcd engine can't run test:"
			for _, w := range tt.want {
				want += "\n  " + w
			}
			if text != want {
				t.Errorf("got:\n%s\nwant:\n%s", text, want)
			}
			if len(rs) == 0 {
				return
			}
			var refused *sim.RefusedError
			if err := (Engine{}).Run(t.Context(), s, sim.NewRecorder(0), nil); !errors.As(err, &refused) {
				t.Errorf("Run says %v", err)
			}
		})
	}
}

func TestRunStatesTheFsyncOnlyWhenTheScenarioDoes(t *testing.T) {
	s := &sim.Scenario{Cluster: sim.ClusterSpec{Disk: sim.DiskSpec{Fsync: sim.Fixed(20 * time.Millisecond)}}}
	if o := (&run{s: s}).options(Engine{}); !o.Fsync.IsZero() {
		t.Errorf("a default became a distribution of real disks: %v", o.Fsync)
	}
	s.Cluster.Disk.FsyncStated = true
	if o := (&run{s: s}).options(Engine{}); o.Fsync != s.Cluster.Disk.Fsync {
		t.Errorf("stated %v, the members take %v", s.Cluster.Disk.Fsync, o.Fsync)
	}
}
