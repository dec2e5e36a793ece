package scenarios_test

import (
	"errors"
	"flag"
	"os"
	"slices"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/etcdsim/cluster"
)

func TestMain(m *testing.M) {
	cluster.Main() // no run that is killed leaves its folder behind
	os.Exit(m.Run())
}

var onEtcd = flag.Int("etcd", 0, "how often each scenario of the library runs on etcd; 0: a few of them once")

// few are the scenarios that every full test runs on real members: a crash, delayed
// links with a moved leader, a change of the membership, clients with certificates,
// alerts on scraped metrics, a store that is full, and a restore with watches.
var few = []string{"leader-crash", "wan-links", "learner-joins", "expired-server-certificate", "quorum-loss-alerts",
	"nospace", "restore-bumped-watch"}

// A scenario that names the etcd engine holds there too. The runs take real time and
// come one after the other, since two of them would fight for the machine.
func TestLibraryOnEtcd(t *testing.T) {
	if testing.Short() {
		t.Skip("real members take real time")
	}
	for _, e := range scenarios.Library() {
		s, err := e.Scenario()
		if err != nil {
			t.Fatal(err)
		}
		runs := *onEtcd
		if runs == 0 && slices.Contains(few, e.Name) {
			runs = 1
		}
		if runs == 0 || !s.NamesEngine("etcd") {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			for s.Seed = 1; s.Seed <= uint64(runs); s.Seed++ {
				holds(t, etcdsim.Engine{}, s)
			}
		})
	}
}

var onVirtual = flag.Int("virtual", 2, "how many seeds each scenario of the library runs with on etcd-virtual")

// inRealTime are the scenarios that need what only real time has.
var inRealTime = []string{
	"client-certificates", "expired-server-certificate", "metrics-basic-hides-alert", "metrics-extensive-shows-alert",
	"pinned-pages", "quorum-loss-alerts", "roles-by-common-name", "rotated-certificates", "slow-leader-disk-alerts",
}

// A scenario that names the etcd engine holds in virtual time too, whatever the seed, or it is refused before
// the start.
func TestLibraryOnEtcdVirtual(t *testing.T) {
	seeds := uint64(*onVirtual)
	if testing.Short() {
		seeds = 1 // of a few, under the race detector
	}
	for _, e := range scenarios.Library() {
		s, err := e.Scenario()
		if err != nil {
			t.Fatal(err)
		}
		v := etcdsim.Virtual{}
		if !s.NamesEngine(v.Name()) || testing.Short() && !slices.Contains(few, e.Name) {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			refused := len(v.Refuse(s)) > 0
			if refused != slices.Contains(inRealTime, e.Name) {
				t.Fatalf("refused: %v: %v", refused, v.Refuse(s))
			}
			if refused {
				rec := sim.NewRecorder(sim.AllKinds)
				if err := v.Run(t.Context(), s, rec, nil); !errors.As(err, new(*sim.RefusedError)) {
					t.Errorf("it ran all the same: %v", err)
				}
				return
			}
			for s.Seed = 1; s.Seed <= seeds; s.Seed++ {
				holds(t, v, s)
			}
		})
	}
}
