package raftsim_test

import (
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// TestBugsAreFound: each planted bug is seen by the check that is there for it, in
// some of a few runs, and the same runs without the bug are good.
func TestBugsAreFound(t *testing.T) {
	// For some time n1 and n3 stand for election at once, and n2 decides.
	tie := func(m sim.MemberID, draw int) int {
		switch {
		case m == 2 && draw < 500:
			return 79
		case draw < 50:
			return 40
		}
		return 0
	}
	for _, tt := range []struct {
		name     string
		bug      raftsim.Bug
		by       string // the check
		timeouts func(sim.MemberID, int) int
		make     func(t *testing.T, s *sim.Scenario)
	}{
		{"a vote forgotten", raftsim.ForgetVote, "safety", tie, func(t *testing.T, s *sim.Scenario) {
			s.Cluster.PreVote, s.Cluster.CheckQuorum = false, false
			s.Cluster.Election, s.Cluster.Heartbeat = sim.Distribution{Lo: 40 * ms, Hi: 80 * ms}, 10*ms
			s.Cluster.Network.Latency = sim.Fixed(4 * ms)
			for _, far := range []struct {
				who string
				d   time.Duration
			}{{"n2", 8 * ms}, {"n1", 20 * ms}} { // so n2 hears n3 after n1, before n1 leads
				s.Cluster.Links = append(s.Cluster.Links, sim.LinkRule{LinkSpec: sim.LinkSpec{Latency: sim.Fixed(far.d)},
					From: []sim.Selector{sim.Named("n3")}, To: []sim.Selector{sim.Named(far.who)}})
			}
			s.Cluster.Disk.Fsync = sim.Fixed(200 * time.Microsecond)
			for at := 5 * ms; at < 2*time.Second; at += 5 * ms {
				step(t, s, at, "restart n2")
			}
		}},
		{"an acknowledgement forged", raftsim.ForgeAcks, "safety", nil, func(t *testing.T, s *sim.Scenario) {
			s.Cluster.CheckQuorum = false
			s.Run = 5200 * ms // a broken promise, once healed, makes members answer each other without end
			step(t, s, 3*time.Second, "isolate leader", 2*time.Second)
		}},
		{"a stale read passed off", raftsim.StaleReads, "linearizable", nil, func(t *testing.T, s *sim.Scenario) {
			s.Workload.Rate = 200
		}},
		{"an fsync that lies", raftsim.LyingDisks, "no-lost-writes", nil, func(t *testing.T, s *sim.Scenario) {
			step(t, s, 4*time.Second, "crash all")
			step(t, s, 4500*ms, "restart crashed")
		}},
		{"a write left out", raftsim.SkipApply, "equal-state", nil, func(t *testing.T, s *sim.Scenario) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := 0
			for seed := range uint64(4) {
				s := base(3)
				s.Seed, s.Run = seed, 6*time.Second
				s.Expect = []sim.Expectation{{Check: "linearizable"}}
				tt.make(t, s)
				judged(t, play(t, raftsim.Engine{Timeouts: tt.timeouts}, s))
				for _, v := range check.Judge(play(t, raftsim.Engine{Bug: tt.bug, Timeouts: tt.timeouts}, s)).Verdicts {
					if v.Check == tt.by && !v.OK && !v.Unknown {
						found++
					}
				}
			}
			if found < 2 {
				t.Errorf("%s found it in %d of 4 runs", tt.by, found)
			}
		})
	}
}
