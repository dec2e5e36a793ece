package raftsim_test

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

var seeds = flag.Uint64("seeds", 16, "how many runs under chaos")

// alone leaves a long test of runs that have one goroutine each out of short test runs, as the
// race detector's: runs side by side have tests of their own.
func alone(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("one goroutine alone")
	}
}

// chaos is a scenario in which everything goes wrong until healed, drawn from the
// seed; then the cluster has time to recover.
func chaos(t testing.TB, seed uint64) *sim.Scenario {
	t.Helper()
	r := sim.Stream(seed, "chaos")
	s := base(3 + 2*r.IntN(2))
	s.Seed, s.Run = seed, healed+5*time.Second
	c := &s.Cluster
	c.StrictReconfigCheck = sim.Off // or few changes of the members would come about
	c.PreVote, c.CheckQuorum = r.IntN(2) == 0, r.IntN(3) > 0
	if r.IntN(2) == 0 {
		c.Election, c.Heartbeat = sim.Distribution{Lo: 150 * ms, Hi: 300 * ms}, 50*ms
	}
	if r.IntN(2) == 0 {
		c.Disk.Mode = "async"
	}
	c.Network.Loss = sim.Share(r.IntN(3)) * sim.Whole / 100
	c.Network.Latency = sim.Distribution{P50: ms, P99: 20 * ms}
	c.Store = sim.StoreSpec{SnapshotCount: 100, CatchUpEntries: uint64(r.IntN(100))}
	if r.IntN(3) == 0 {
		s.Workload.Rate = 0
		c.ClientLink = sim.Distribution{Lo: 5 * ms, Hi: 20 * ms}
	}
	s.Workload.Timeout = 3 * time.Second
	for at := 2 * time.Second; at < healed; at += time.Duration(r.IntN(1000)) * ms {
		lasts := min(time.Duration(50+r.IntN(2000))*ms, healed-at)
		step(t, s, at, trouble(r), lasts)
	}
	if r.IntN(2) == 0 {
		operate(t, s, r)
	}
	s.Expect = []sim.Expectation{{Check: "linearizable"}}
	for _, do := range []string{"heal", "heal-disk", "resume all", "restart crashed"} {
		step(t, s, healed, do)
	}
	return s
}

// operate has an administrator at work while things go wrong.
func operate(t testing.TB, s *sim.Scenario, r *rand.Rand) {
	t.Helper()
	at := 2 * time.Second
	for _, do := range []string{"add-learner n8", "move-leader a-follower", "promote n8", "compact", "replace n1 n9",
		"put k1 v", "remove n2"} {
		at += time.Duration(r.IntN(1400)) * ms
		step(t, s, at, do)
	}
	slices.SortStableFunc(s.Steps, func(a, b sim.Step) int { return cmp.Compare(a.At, b.At) })
}

const healed = 12 * time.Second

// trouble is a fault that lasts, at random.
func trouble(r *rand.Rand) string {
	return []string{
		"crash random 1", "crash leader", "crash random 2", "pause random 1", "pause leader",
		"partition random 2 | rest", "partition leader | rest", "isolate a-follower", "cut leader -> followers",
		"cut all -> leader",
		fmt.Sprintf("lose all -> all %d%%", 1+r.IntN(30)), "duplicate all -> all 20%", "reorder all -> all 30%",
		"delay random 1 -> all 5ms..100ms", "limit all -> all 100kB/s",
		"slow-disk random 1 50ms", "slow-disk leader p50 20ms p99 400ms", "stall-disk leader", "stall-disk random 1",
		"fill-disk random 1",
		fmt.Sprintf("drift random 2 %d%%", r.IntN(60)-30), "stop-load", "load 300/s",
	}[r.IntN(23)]
}

// judged fails the test for each verdict that is not good.
func judged(t *testing.T, tr *sim.Trace) {
	t.Helper()
	for _, v := range check.Judge(tr).Verdicts {
		if !v.OK {
			t.Errorf("seed %d: %s: %s", tr.Seed, v.Check, v.Why)
		}
	}
}

func TestChaosIsSafe(t *testing.T) {
	alone(t)
	fates := map[sim.MsgType]lostAndFound{}
	for seed := range *seeds {
		s := chaos(t, seed)
		s.Expect = append(s.Expect, sim.Expectation{Outcome: sim.StepNotDone})
		tr := play(t, raftsim.Engine{}, s)
		judged(t, tr)
		faithful(t, tr, fates)
		if t.Failed() {
			break
		}
	}
	for kind := sim.MsgProp; kind <= sim.MsgPreVoteResp; kind++ {
		if f, ok := fates[kind]; ok && f.found == 0 || !ok && !local[kind] {
			t.Errorf("no %s was ever delivered", kind)
		} else if f.lost == 0 && f.found > 1000 {
			t.Errorf("none of %d %s was ever lost", f.found, kind)
		}
	}
}

// local are the kinds of messages that a member sends to nobody but itself, in raft's numbers, and MsgTransferLeader,
// which goes to the leader only from a client of its.
var local = map[sim.MsgType]bool{10: true, 11: true, 12: true, 13: true}

// lostAndFound counts a kind of message.
type lostAndFound struct{ found, lost int }

// faithful fails the test for each message that arrives over a link that is cut, whatever its kind.
func faithful(t *testing.T, tr *sim.Trace, fates map[sim.MsgType]lostAndFound) {
	t.Helper()
	cut := map[pair]bool{}
	for _, e := range tr.Events {
		switch e.Kind {
		case sim.KindLinkCut, sim.KindLinkMended:
			cut[pair{e.Member, e.Peer}] = e.Kind == sim.KindLinkCut
		case sim.KindDelivered:
			if cut[pair{e.Peer, e.Member}] {
				t.Errorf("seed %d: over a link that was cut: %s", tr.Seed, lines(t, e))
			}
			f := fates[e.Msg]
			f.found++
			fates[e.Msg] = f
		case sim.KindDropped:
			f := fates[e.Msg]
			f.lost++
			fates[e.Msg] = f
		}
	}
}

// TestNamesComeBackSafely: members are replaced by new ones of the same names while everything goes wrong.
func TestNamesComeBackSafely(t *testing.T) {
	alone(t)
	replaced := 0
	for seed := range *seeds {
		s := chaos(t, seed)
		for i, at := range []time.Duration{3, 6, 9, 11, 13} {
			step(t, s, at*time.Second+time.Duration(seed)*7*ms, fmt.Sprintf("replace n%[1]d n%[1]d", 1+(int(seed)+i)%3))
		}
		slices.SortStableFunc(s.Steps, func(a, b sim.Step) int { return cmp.Compare(a.At, b.At) })
		s.Run += 5 * time.Second
		s.Expect = append(s.Expect, sim.Expectation{Outcome: sim.StepNotDone})
		tr := play(t, raftsim.Engine{}, s)
		judged(t, tr)
		for _, st := range check.Steps(tr) {
			if st.Outcome == sim.StepDone && strings.HasPrefix(st.Written, "replace") {
				replaced++
			}
		}
		if t.Failed() {
			break
		}
	}
	if replaced < int(*seeds) {
		t.Errorf("only %d members were replaced", replaced)
	}
}
