package raftsim_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/script"
)

func TestLeaderCrash(t *testing.T) {
	s := base(3)
	step(t, s, 4*time.Second, "crash leader")
	step(t, s, 8*time.Second, "restart crashed")
	tr := play(t, raftsim.Engine{}, s)

	leaders := map[uint64]sim.MemberID{}
	var crashed sim.MemberID
	for _, e := range tr.Events {
		switch {
		case e.Kind == sim.KindState && e.Role == sim.Leader:
			leaders[e.Term] = e.Member
		case e.Kind == sim.KindCrashed:
			crashed = e.Member
		}
	}
	if crashed == 0 || len(leaders) != 2 {
		t.Fatalf("%v crashed and the leaders by term were %v; want one before the crash and one after", crashed, leaders)
	}
	ok := func(from, to time.Duration) int {
		return count(tr, sim.KindReturn, func(e sim.Event) bool {
			return (e.Result == sim.OutcomeOK || e.Result == sim.OutcomeMismatch) && e.At >= from && e.At < to
		})
	}
	if n := ok(3*time.Second, 4*time.Second); n < 95 {
		t.Errorf("%d operations came back in the second before the crash, want about 100", n)
	}
	if n := ok(7*time.Second, 8*time.Second); n < 95 {
		t.Errorf("%d operations came back with a new leader, want about 100", n)
	}
	hashes := map[uint64]bool{}
	for _, e := range tr.Events {
		if e.Kind == sim.KindHash {
			hashes[e.Value] = true
		}
	}
	if n := count(tr, sim.KindHash, nil); n != 3 || len(hashes) != 1 {
		t.Errorf("%d members ended with %d different states, want 3 with one", n, len(hashes))
	}
}

func TestRefuse(t *testing.T) {
	s := base(sim.MaxMembers)
	s.Name, s.Engines = "big", []string{"etcd"}
	s.Cluster.Store.Quota = 8 << 20
	s.Alerts = sim.AlertSpec{Scrape: time.Second, Pace: 30}
	s.Cluster.Store.AutoCompaction.Period = 5 * time.Second
	s.Cluster.TLS.Peers = true
	step(t, s, time.Second, "add-learner one-more")
	err := raftsim.Engine{}.Run(context.Background(), s, sim.NewRecorder(sim.AllKinds), nil)
	want := `the sim engine can't run big:
  engines: the scenario does not name the sim engine
  cluster.members: 102 members, with those that the script adds, are more than the sim engine's maximum of 101
  cluster.store.quota: the sim engine's store has no size on disk; the etcd engine has
  cluster.store.auto-compaction: the sim engine's store compacts only when a statement says so; the etcd engine's can by itself
  cluster.tls: the sim engine's messages never become bytes that could be encrypted; the etcd engine's do
  alerts: the rules are about etcd's own metrics, which only the etcd engine's members have`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// realOnly are the powers over what only real members have: database files, backups, certificates.
var realOnly = map[sim.Power]bool{
	sim.PowerStore: true, sim.PowerBackup: true, sim.PowerDamage: true, sim.PowerWatch: true, sim.PowerAccess: true,
	sim.PowerLease: true,
}

// TestEveryVerb: the engine can do whatever the language can say, but what needs real members; and it
// says that before the start.
func TestEveryVerb(t *testing.T) {
	for _, v := range script.Verbs() {
		s := base(3)
		step(t, s, 3*time.Second, v.Example)
		refused := (raftsim.Engine{}).Refuse(s)
		if want := slices.ContainsFunc(v.Needs, func(p sim.Power) bool { return realOnly[p] }); want != (len(refused) > 0) {
			t.Errorf("%s is refused: %v, want %v", v.Name, refused, want)
		}
	}
}

func TestCancelledRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := base(5)
	s.Run = 24 * time.Hour
	rec := sim.NewRecorder(sim.AllKinds)
	var last time.Duration
	err := raftsim.Engine{}.Run(ctx, s, rec, func(at time.Duration) {
		if last = at; at > time.Minute {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || last > 2*time.Minute {
		t.Errorf("the run ended at %v with %v", last, err)
	}
	if len(rec.Trace(s, "sim", "test").Events) == 0 {
		t.Error("what was recorded until then is gone")
	}
}

func TestNoLoad(t *testing.T) {
	s := base(1)
	s.Workload = sim.Workload{}
	tr := play(t, raftsim.Engine{}, s)
	if end := tr.Events[len(tr.Events)-1].At; end != s.Run {
		t.Errorf("a run without load ended at %v, want %v", end, s.Run)
	}
}

// TestLeavesNothing: no goroutine, and no trace of the run's in the process.
func TestLeavesNothing(t *testing.T) {
	play(t, raftsim.Engine{}, chaos(t, 1))
	if err := goleak.Find(); err != nil {
		t.Error(err)
	}
}
