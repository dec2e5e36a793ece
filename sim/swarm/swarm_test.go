package swarm_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
	"quorumlab/sim/swarm"
)

func TestMain(m *testing.M) {
	cluster.Main() // no run that is killed leaves its folder behind
	os.Exit(m.Run())
}

var (
	trials   = flag.Uint64("swarm", 500, "how many random scenarios run")
	virtuals = flag.Uint64("virtual", 0, "how many random scenarios run on etcd-virtual; make nightly runs a thousand")
)

// mostEvents is far above what a drawn scenario has.
const mostEvents = 2_000_000

// base has the defaults of the scenario language, for sim or for etcd.
func base(t testing.TB, engine string) *sim.Scenario {
	t.Helper()
	s, err := scenarios.Parse("random.yaml", []byte("engines: ["+engine+"]\nrun: 1s\n"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// verdicts runs a scenario and lists the checks that found something. The others say
// why not.
func verdicts(t testing.TB, e sim.Engine, s *sim.Scenario) (failed []string, why map[string]string) {
	t.Helper()
	j, err := run.Do(context.Background(), s, e, run.Options{MostEvents: mostEvents, Keep: sim.AllKinds &^ sim.HighRate})
	if err != nil {
		t.Fatal(err)
	}
	why = map[string]string{}
	for _, v := range j.Result.Verdicts {
		why[v.Check] = v.Why
		if !v.OK {
			failed = append(failed, v.Check)
		}
	}
	return failed, why
}

// good reports whether no check finds anything.
func good(t testing.TB, e sim.Engine, s *sim.Scenario) bool {
	t.Helper()
	j, err := run.Do(context.Background(), s, e, run.Options{MostEvents: mostEvents, Ask: &check.Questions{}})
	return err == nil && j.OK()
}

// TestSwarmFindsNothing: whatever goes wrong within what Raft must survive, the
// simulated cluster is safe, and live when all has healed.
func TestSwarmFindsNothing(t *testing.T) {
	b := base(t, "sim")
	n := *trials
	if testing.Short() {
		n = min(n, 50)
	}
	judged, unjudged := 0, 0 // faults that waited for a leader, and came when all had healed
	for seed := range n {
		s := swarm.Draw(b, seed)
		if seed%10 > 0 && good(t, raftsim.Engine{}, s) {
			continue // what every check has to say takes as long as the run
		}
		judged++
		failed, why := verdicts(t, raftsim.Engine{}, s)
		for _, f := range failed {
			t.Errorf("seed %d: %s: %s", seed, f, why[f])
		}
		if !strings.Contains(why["progress"], "a write was acknowledged") && len(failed) == 0 {
			unjudged++
		}
		if len(failed) > 0 && *trials <= 500 {
			t.Logf("the scenario:\n%s", scenarios.Format(s))
			return
		}
	}
	if unjudged*20 > judged {
		t.Errorf("in %d of %d scenarios progress was not judged", unjudged, judged)
	}
}

// TestSwarmFindsNothingInEtcd: real etcd servers are as safe, and as live.
func TestSwarmFindsNothingInEtcd(t *testing.T) {
	n := *virtuals
	if n == 0 {
		t.Skip("give -virtual N; make nightly runs a thousand")
	}
	b := base(t, "etcd")
	for seed := range n {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			s := swarm.Draw(b, seed)
			failed, why := verdicts(t, etcdsim.Virtual{}, s)
			for _, f := range failed {
				t.Errorf("%s: %s\nthe scenario:\n%s", f, why[f], scenarios.Format(s))
			}
		})
	}
}

// TestSwarmFindsPlantedFlawsInEtcd: each is found in few scenarios.
func TestSwarmFindsPlantedFlawsInEtcd(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	b := base(t, "etcd")
	for _, tt := range []struct {
		name string
		flaw cluster.Flaw
		from uint64 // the seed to begin at: where it is found, to save the time
	}{
		{"disks that lie", cluster.DisksLie, 0},
		{"entries that are acknowledged and dropped", cluster.AcksForged, 0},
		{"a compaction that drops a live key", cluster.CompactionDropsKey, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for seed := tt.from; seed < tt.from+1000; seed++ {
				s := swarm.Draw(b, seed)
				if failed, why := verdicts(t, etcdsim.Virtual{Flaw: tt.flaw}, s); len(failed) > 0 {
					t.Logf("found by seed %d: %s: %s", seed, failed[0], why[failed[0]])
					return
				}
			}
			t.Error("not found")
		})
	}
}

// TestDrawnScenariosAreFiles: what is drawn has no problem, is the same each time, and
// comes back from its file. The engine that it is drawn for can run it.
func TestDrawnScenariosAreFiles(t *testing.T) {
	for _, e := range []sim.Engine{raftsim.Engine{}, etcdsim.Engine{}, etcdsim.Virtual{}} {
		engine := strings.TrimSuffix(e.Name(), "-virtual")
		b := base(t, engine)
		t.Run(e.Name(), func(t *testing.T) { drawnAreFiles(t, b, e) })
	}
}

func drawnAreFiles(t *testing.T, b *sim.Scenario, e sim.Engine) {
	for seed := range uint64(300) {
		s := swarm.Draw(b, seed)
		if rs := e.Refuse(s); len(rs) > 0 || !s.NamesEngine(e.Name()) {
			t.Errorf("seed %d: it can't run on %s: %v", seed, e.Name(), rs)
		}
		for _, p := range s.Validate() {
			t.Errorf("seed %d: %v", seed, p)
		}
		text := scenarios.Format(s)
		if !bytes.Equal(text, scenarios.Format(swarm.Draw(b, seed))) {
			t.Errorf("seed %d draws two scenarios", seed)
		}
		back, err := scenarios.Parse(s.Name+".yaml", text)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !reflect.DeepEqual(s, back) {
			t.Fatalf("seed %d: the file reads as another scenario:\n%s\n%+v\n%+v", seed, text, s, back)
		}
	}
}

// TestMessagesComeLate: messages arrive later than the longest election after they were sent, writes take longer, and
// the scenarios have all that can go wrong on sim.
func TestMessagesComeLate(t *testing.T) {
	b := base(t, "sim")
	lateMessages, lateWrites := 0, 0
	missing := map[string]bool{}
	for _, verb := range strings.Fields("add-learner campaign compact crash cut delay drift duplicate fill-disk isolate " +
		"limit load lose move-leader partition pause promote remove reorder replace restart slow-disk stall-disk stop-load") {
		missing[verb] = true
	}
	for seed := range uint64(60) {
		s := swarm.Draw(b, seed)
		for _, st := range s.Steps {
			delete(missing, st.Do.Verb)
		}
		j, err := run.Do(context.Background(), s, raftsim.Engine{}, run.Options{MostEvents: mostEvents, Unjudged: true})
		if err != nil {
			t.Fatal(err)
		}
		longest := s.Cluster.Election.Hi
		if s.Cluster.Election.Lo == longest {
			longest *= 2 // as etcd draws it
		}
		sent, begun := map[uint64]time.Duration{}, map[uint64]time.Duration{}
		for _, e := range j.Trace.Events {
			switch e.Kind {
			case sim.KindSent:
				sent[e.ID] = e.At
			case sim.KindSyncBegun:
				begun[e.ID] = e.At
			case sim.KindDelivered:
				if e.At-sent[e.ID] > longest {
					lateMessages++
				}
			case sim.KindSyncDone:
				if e.At-begun[e.ID] > longest {
					lateWrites++
				}
			}
		}
	}
	if lateMessages < 100 || lateWrites < 10 || len(missing) > 0 {
		t.Errorf("%d messages and %d writes took longer than an election, and nobody drew %v", lateMessages, lateWrites,
			missing)
	}
}

// bugs are the flaws that can be planted.
var bugs = []struct {
	name string
	bug  raftsim.Bug
}{
	{"a vote forgotten", raftsim.ForgetVote},
	{"an acknowledgement forged", raftsim.ForgeAcks},
	{"a stale read passed off", raftsim.StaleReads},
	{"an fsync that lies", raftsim.LyingDisks},
	{"a write left out", raftsim.SkipApply},
}

// TestSwarmFindsPlantedBugs: each planted bug is found within a thousand scenarios.
func TestSwarmFindsPlantedBugs(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and each on one goroutine")
	}
	b := base(t, "sim")
	for _, tt := range bugs {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(1000) {
				s := swarm.Draw(b, seed)
				if good(t, raftsim.Engine{Bug: tt.bug}, s) {
					continue
				}
				if failed, why := verdicts(t, raftsim.Engine{Bug: tt.bug}, s); len(failed) > 0 {
					t.Logf("found by seed %d: %s: %s", seed, failed[0], why[failed[0]])
					return
				}
			}
			t.Error("not found in 1000 random scenarios")
		})
	}
}
