package raftsim_test

import (
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// doings are the kinds of events that a process makes.
var doings = sim.Kinds(sim.KindSent, sim.KindDelivered, sim.KindState, sim.KindAppended, sim.KindCommitted,
	sim.KindApplied, sim.KindSyncBegun, sim.KindSnapshotMade, sim.KindStarted)

func TestPausedProcessStandsStill(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		for _, who := range []string{"leader", "a-follower"} {
			s := base(3)
			mode(s)
			step(t, s, 3*time.Second, "pause "+who, 3*time.Second)
			tr := play(t, raftsim.Engine{}, s)
			var paused sim.MemberID
			var waited int
			for _, e := range tr.Events {
				switch {
				case e.Kind == sim.KindPaused:
					paused = e.Member
				case e.Kind == sim.KindResumed:
					paused = 0
				case paused != 0 && e.Member == paused && doings.Has(e.Kind) && e.At > 3*time.Second:
					t.Fatalf("%s was paused and did this: %s", who, lines(t, e))
				case e.Kind == sim.KindDelivered && e.At == 6*time.Second:
					waited++
				}
			}
			if waited < 20 {
				t.Errorf("%d messages waited for the paused %s, want those of 3 s", waited, who)
			}
			judged(t, tr)
		}
	})
}

// TestResumedLeaderStepsDown: a leader that was paused finds a later term in its
// buffers.
func TestResumedLeaderStepsDown(t *testing.T) {
	s := base(3)
	step(t, s, 3*time.Second, "pause leader", 4*time.Second)
	tr := play(t, raftsim.Engine{}, s)
	var old sim.MemberID
	for _, e := range tr.Events {
		if e.Kind == sim.KindPaused {
			old = e.Member
		}
		if e.Kind == sim.KindState && e.At == 7*time.Second && e.Member == old && e.Role != sim.Leader {
			return
		}
	}
	t.Error("the old leader went on to lead")
}

// TestPausedBuffersAreBounded: what comes to a process that does not read is
// dropped at some point, 41 s of heartbeats at 100 a second.
func TestPausedBuffersAreBounded(t *testing.T) {
	s := base(3)
	s.Workload.Clients = 0
	s.Cluster.Heartbeat, s.Cluster.Election, s.Run = 10*ms, sim.Fixed(100*ms), time.Minute
	step(t, s, 2*time.Second, "pause a-follower", 50*time.Second)
	tr := play(t, raftsim.Engine{}, s)
	full := count(tr, sim.KindDropped, func(e sim.Event) bool { return e.Note == "queue full" })
	read := count(tr, sim.KindDelivered, func(e sim.Event) bool { return e.At == 52*time.Second })
	if full < 800 || full > 1000 || read != 4096 {
		t.Errorf("%d messages were dropped and %d waited, want 4096 of about 5000 to wait", full, read)
	}
	judged(t, tr)
}

func TestCrashOfPausedMember(t *testing.T) {
	modes(t, func(t *testing.T, mode func(*sim.Scenario)) {
		s := base(3)
		mode(s)
		step(t, s, 3*time.Second, "pause n2")
		step(t, s, 4*time.Second, "crash n2")
		step(t, s, 5*time.Second, "resume n2")
		step(t, s, 6*time.Second, "restart n2")
		tr := play(t, raftsim.Engine{}, s)
		if n := count(tr, sim.KindDropped, func(e sim.Event) bool {
			return e.Peer == 2 && e.Note == "down" &&
				e.At == 4*time.Second
		}); n == 0 {
			t.Error("what waited for the crashed member was not dropped")
		}
		if n := count(tr, sim.KindResumed, nil); n != 0 {
			t.Error("a member that was down was resumed")
		}
		judged(t, tr)
	})
}

// beats are the times at which a member sent heartbeats to another.
func beats(tr *sim.Trace, p pair, w sim.Window) (at []time.Duration) {
	for _, e := range tr.Events {
		if e.Kind == sim.KindSent && e.Msg == sim.MsgHeartbeat && e.Member == p.from && e.Peer == p.to && w.Has(e.At) {
			at = append(at, e.At)
		}
	}
	return at
}

func TestDriftingClock(t *testing.T) {
	for _, tt := range []struct {
		drift string
		want  time.Duration
	}{{"25%", 80 * ms}, {"-20%", 125 * ms}} {
		s := base(2)
		s.Workload.Mix = sim.Mix{Put: 1} // reads make heartbeats too
		step(t, s, 3*time.Second, "drift leader "+tt.drift, 3*time.Second)
		tr := play(t, raftsim.Engine{}, s)
		var p pair
		for _, e := range tr.Events {
			if e.Kind == sim.KindState && e.Role == sim.Leader {
				p = pair{e.Member, 3 - e.Member}
			}
		}
		for _, w := range []struct {
			window sim.Window
			want   time.Duration
		}{{sim.Window{From: 2 * time.Second, To: 3 * time.Second}, 100 * ms},
			{sim.Window{From: 3200 * ms, To: 6 * time.Second}, tt.want},
			{sim.Window{From: 6200 * ms, To: 8 * time.Second}, 100 * ms}} {
			at := beats(tr, p, w.window)
			sum := at[len(at)-1] - at[0]
			if mean := sum / time.Duration(len(at)-1); mean < w.want-ms || mean > w.want+ms {
				t.Errorf("drift %s: from %v on a heartbeat came every %v, want %v", tt.drift, w.window.From, mean, w.want)
			}
		}
	}
}

// TestScriptedTimeouts forces a split vote and then a winner.
func TestScriptedTimeouts(t *testing.T) {
	s := base(4)
	s.Workload.Clients = 0
	s.Cluster.PreVote = false
	s.Cluster.Election, s.Cluster.Tick = sim.Distribution{Lo: 150 * ms, Hi: 300 * ms}, ms
	s.Cluster.Disk.Fsync = sim.Distribution{}
	s.Cluster.Network.Latency = sim.Fixed(5 * ms)
	for _, far := range [][2]string{{"n1", "n4"}, {"n2", "n3"}} { // so n3 hears n1 first, and n4 hears n2
		s.Cluster.Links = append(s.Cluster.Links, sim.LinkRule{LinkSpec: sim.LinkSpec{Latency: sim.Fixed(10 * ms)},
			From: []sim.Selector{sim.Named(far[0])}, To: []sim.Selector{sim.Named(far[1])}})
	}
	script := func(m sim.MemberID, draw int) int {
		if draw < 2 && m <= 2 {
			return 150 // n1 and n2 at once: two votes each
		}
		return 200 + 20*int(m)
	}
	tr := play(t, raftsim.Engine{Timeouts: script}, s)
	first := sim.Event{}
	candidates := map[uint64]int{}
	for _, e := range tr.Events {
		if e.Kind == sim.KindState && e.Role == sim.Candidate {
			candidates[e.Term]++
		}
		if e.Kind == sim.KindState && e.Role == sim.Leader && first.Kind == sim.KindNone {
			first = e
		}
	}
	if candidates[2] != 2 || first.Member != 1 || first.Term != 3 {
		t.Errorf("candidates by term %v and first leader %v in term %d, want two in term 2 and n1 in term 3", candidates,
			first.Member, first.Term)
	}
}
