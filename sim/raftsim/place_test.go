package raftsim_test

import (
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// placed is a cluster of three whose clients send 40 operations a second, one after the other.
func placed(places ...sim.ClientPlace) *sim.Scenario {
	s := base(3)
	s.Workload.Rate, s.Workload.Timeout, s.Workload.Places = 40, time.Second, places
	return s
}

// between counts the events of a kind and client in a time.
func between(tr *sim.Trace, k sim.Kind, client uint32, from, to time.Duration, fits func(sim.Event) bool) int {
	return count(tr, k, func(e sim.Event) bool {
		return e.Client == client && e.At >= from && e.At < to && (fits == nil || fits(e))
	})
}

func asks(m sim.MemberID) func(sim.Event) bool {
	return func(e sim.Event) bool { return sim.ClientChange(e.Count) == sim.ClientAsks && e.Member == m }
}

// A paused client begins nothing and hears nothing; the others go on as if it had not been there.
func TestPausedClient(t *testing.T) {
	s := placed()
	step(t, s, 4*time.Second, "pause client c2", 2*time.Second)
	tr := play(t, raftsim.Engine{}, s)
	if n := between(tr, sim.KindCall, 2, 4*time.Second, 6*time.Second, nil) +
		between(tr, sim.KindReturn, 2, 4*time.Second, 6*time.Second, nil); n > 0 {
		t.Errorf("while it was paused, client c2 called or heard %d times", n)
	}
	for _, c := range []uint32{1, 3, 4} {
		if n := between(tr, sim.KindCall, c, 4*time.Second, 6*time.Second, nil); n != 20 {
			t.Errorf("client c%d called %d times while c2 was paused, want 20", c, n)
		}
	}
	if n := between(tr, sim.KindCall, 2, 6*time.Second, 8*time.Second, nil); n != 20 {
		t.Errorf("client c2 called %d times afterwards, want 20", n)
	}
	returned(t, tr)
}

// A client that resumes looks at its clock first: what has timed out meanwhile is given up, whatever has come.
func TestPausedClientTimesOutWhenItResumes(t *testing.T) {
	s := placed()
	step(t, s, 4*time.Second, "delay all -> client c2 50ms", 2*time.Second)
	step(t, s, 4*time.Second+20*ms, "pause client c2", 3*time.Second)
	s.Workload.Rate = 4000 // something is under way
	s.Run = 8 * time.Second
	tr := play(t, raftsim.Engine{}, s)
	back := 7*time.Second + 20*ms
	late := between(tr, sim.KindReturn, 2, back, back+ms, func(e sim.Event) bool { return e.Note == "timed out" })
	if late == 0 {
		t.Error("nothing timed out at the moment when the client resumed")
	}
	if n := between(tr, sim.KindReturn, 2, 4*time.Second+20*ms, back, nil); n > 0 {
		t.Errorf("%d answers came to a client that stood still", n)
	}
}

// What a client sends behind a cut arrives when it is over, and its balancer knows of nothing.
func TestCutClientGoesOnAsking(t *testing.T) {
	s := placed()
	step(t, s, 4*time.Second, "cut client c1 -> n2", 3*time.Second)
	tr := play(t, raftsim.Engine{}, s)
	if n := between(tr, sim.KindClient, 1, 4*time.Second, 7*time.Second, asks(2)); n != 10 {
		t.Errorf("the balancer gave n2 %d operations, want every third of 30", n)
	}
	dead := count(tr, sim.KindReturn, func(e sim.Event) bool { return e.Client == 1 && e.Note == "timed out" })
	if dead < 5 || dead > 8 {
		t.Errorf("%d operations timed out, want those of two of the three seconds", dead)
	}
	held := count(tr, sim.KindReturn, func(e sim.Event) bool {
		return e.Client == 1 && e.Member == 2 && e.Result == sim.OutcomeOK && e.At >= 7*time.Second &&
			e.At < 7*time.Second+50*ms
	})
	if held == 0 {
		t.Error("nothing that the cut had held back was answered when it ended")
	}
	if n := count(tr, sim.KindReturn, func(e sim.Event) bool { return e.Client != 1 && e.Note == "timed out" }); n > 0 {
		t.Errorf("%d operations of others timed out", n)
	}
	if got, want := measure(t, tr, "balancer.dead-ends"), 10.0; got != want {
		t.Errorf("balancer.dead-ends: %v, want %v", got, want)
	}
}

// A client with a keep-alive finds out and asks the others; one without never does.
func TestKeepAliveFindsTheCut(t *testing.T) {
	s := placed(sim.ClientPlace{Client: "c1", KeepAlive: 10 * time.Second, KeepAliveTimeout: time.Second})
	s.Run = 30 * time.Second
	step(t, s, 4*time.Second, "cut n2 -> client c1 client c2", 20*time.Second)
	tr := play(t, raftsim.Engine{}, s)
	for _, c := range []struct {
		client   uint32
		from, to time.Duration
		some     bool
	}{{1, 4 * time.Second, 14 * time.Second, true}, {1, 16 * time.Second, 24 * time.Second, false},
		{1, 24 * time.Second, 30 * time.Second, true}, {2, 16 * time.Second, 24 * time.Second, true}} {
		if n := between(tr, sim.KindClient, c.client, c.from, c.to, asks(2)); n > 0 != c.some {
			t.Errorf("client c%d gave n2 %d operations from %v to %v", c.client, n, c.from, c.to)
		}
	}
}

// Endpoints, time-outs and distances are a client's own.
func TestPlaces(t *testing.T) {
	s := placed(
		sim.ClientPlace{Client: "c1", Via: sim.Endpoints{sim.Named("n1"), sim.Named("n3")}, Farther: sim.Fixed(20 * ms)},
		sim.ClientPlace{Client: "c2", Timeout: 300 * ms})
	step(t, s, 5*time.Second, "isolate client c1 client c2", 2*time.Second)
	tr := play(t, raftsim.Engine{}, s)
	if n := between(tr, sim.KindClient, 1, 0, s.Run, asks(2)); n > 0 {
		t.Errorf("client c1 asked n2 %d times, which it does not know", n)
	}
	called := map[uint64]time.Duration{}
	for _, e := range tr.Events {
		switch took := e.At - called[e.ID]; {
		case e.Kind == sim.KindCall:
			called[e.ID] = e.At
		case e.Kind != sim.KindReturn:
		case e.Client == 1 && e.Result == sim.OutcomeOK && took < 40*ms:
			t.Errorf("an answer to client c1 took %v", took)
		case e.Client == 1 && e.Note == "timed out" && took != time.Second,
			e.Client == 2 && e.Note == "timed out" && took != 300*ms:
			t.Errorf("client c%d gave up after %v", e.Client, took)
		}
	}
	if n := count(tr, sim.KindReturn, func(e sim.Event) bool { return e.Client == 2 && e.Note == "timed out" }); n < 10 {
		t.Errorf("client c2 gave up %d times", n)
	}
}

// A closed loop stands still with its client and goes on with it.
func TestPausedClientOfAClosedLoop(t *testing.T) {
	s := placed()
	s.Workload.Rate = 0
	step(t, s, 4*time.Second, "pause clients", 2*time.Second)
	tr := play(t, raftsim.Engine{}, s)
	for c := range uint32(4) {
		if n := between(tr, sim.KindCall, c+1, 4*time.Second, 6*time.Second, nil); n > 0 {
			t.Errorf("client c%d began %d operations while it was paused", c+1, n)
		}
		if n := between(tr, sim.KindCall, c+1, 6*time.Second, 7*time.Second, nil); n < 10 {
			t.Errorf("client c%d began %d operations in the second after that", c+1, n)
		}
	}
}
