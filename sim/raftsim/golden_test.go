package raftsim_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden holds whole traces to what they were: a hash over all events, and for
// people those that tell the story. A golden that moves needs a reason.
func TestGolden(t *testing.T) {
	for name, scripted := range map[string]func(*testing.T) *sim.Scenario{
		"leader-crash": func(t *testing.T) *sim.Scenario {
			s := base(3)
			step(t, s, 4*time.Second, "crash leader")
			step(t, s, 8*time.Second, "restart crashed")
			return s
		},
		"partition-async": func(t *testing.T) *sim.Scenario {
			s := base(5)
			s.Cluster.Disk.Mode = "async"
			s.Cluster.Election, s.Cluster.Heartbeat = sim.Distribution{Lo: 150 * ms, Hi: 300 * ms}, 50*ms
			s.Cluster.Network.Loss = sim.Whole / 100
			s.Workload.Reads = sim.ReadLease
			step(t, s, 3*time.Second, "partition leader n2 | rest", 3*time.Second)
			step(t, s, 7*time.Second, "pause leader", time.Second)
			step(t, s, 7*time.Second, "slow-disk a-follower p50 20ms p99 200ms", 2*time.Second)
			return s
		},
		"growth": func(t *testing.T) *sim.Scenario {
			s := base(3)
			s.Workload.Rate = 0
			s.Cluster.StrictReconfigCheck = sim.Off
			s.Cluster.Store = sim.StoreSpec{SnapshotCount: 200, CatchUpEntries: 20}
			step(t, s, 3*time.Second, "add-learner n4")
			step(t, s, 4*time.Second, "promote n4")
			step(t, s, 5*time.Second, "fill-disk n1", time.Second)
			step(t, s, 6500*ms, "restart crashed")
			step(t, s, 7*time.Second, "remove leader")
			step(t, s, 8*time.Second, "compact")
			return s
		},
		"chaos": func(t *testing.T) *sim.Scenario { return chaos(t, 3) },
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, play(t, raftsim.Engine{}, scripted(t))) })
	}
}

func golden(t *testing.T, name string, tr *sim.Trace) {
	t.Helper()
	var story []sim.Event
	for _, e := range tr.Events {
		if !(sim.HighRate | sim.Kinds(sim.KindCall, sim.KindReturn)).Has(e.Kind) {
			story = append(story, e)
		}
	}
	got := fmt.Sprintf("%d events, sha256 %x\n%s", len(tr.Events), sha256.Sum256([]byte(lines(t, tr.Events...))),
		lines(t, story...))
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the trace is not what it was; if it should not be, write %s anew with -update and say why\n%s", file,
			firstDifference(got, string(want)))
	}
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(got, want string) string {
	g, w := 0, 0
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			break
		}
		if got[i] == '\n' {
			g, w = i+1, i+1
		}
	}
	return "got  " + line(got[g:]) + "\nwant " + line(want[w:])
}

func line(s string) string {
	for i := range s {
		if s[i] == '\n' {
			return s[:i]
		}
	}
	return s
}
