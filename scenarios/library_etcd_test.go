package scenarios_test

import (
	"flag"
	"os"
	"slices"
	"testing"

	"quorumlab/scenarios"
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
