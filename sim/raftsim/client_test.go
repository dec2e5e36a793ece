package raftsim_test

import (
	"strconv"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// returned pairs each call with its return, which every call has.
func returned(t *testing.T, tr *sim.Trace) (calls, returns []sim.Event) {
	t.Helper()
	at := map[uint64]int{}
	for _, e := range tr.Events {
		switch e.Kind {
		case sim.KindCall:
			at[e.ID] = len(calls)
			calls, returns = append(calls, e), append(returns, sim.Event{})
		case sim.KindReturn:
			i, ok := at[e.ID]
			if !ok || returns[i].Kind != sim.KindNone {
				t.Fatalf("a return without its call: %s", lines(t, e))
			}
			returns[i] = e
			if c := calls[i]; c.Client != e.Client || c.Op != e.Op || c.Key != e.Key {
				t.Fatalf("a return that is not its call's: %s%s", lines(t, c), lines(t, e))
			}
		}
	}
	for i := range calls {
		if returns[i].Kind == sim.KindNone {
			t.Fatalf("no return: %s", lines(t, calls[i]))
		}
	}
	return calls, returns
}

func measure(t *testing.T, tr *sim.Trace, name string) float64 {
	t.Helper()
	f, ok := check.Judge(tr).Measure(name)
	if !ok {
		t.Fatalf("there is no measure %s", name)
	}
	return f.Value
}

func TestOpenLoop(t *testing.T) {
	s := base(3)
	tr := play(t, raftsim.Engine{}, s)
	calls, _ := returned(t, tr)
	leader := when(t, tr, "the first leader", func(e sim.Event) bool {
		return e.Kind == sim.KindState &&
			e.Role == sim.Leader
	})
	values := map[uint64]bool{}
	for i, c := range calls {
		if want := leader.At + time.Duration(i)*10*ms; c.At != want {
			t.Fatalf("operation %d began at %v, want %v", i, c.At, want)
		}
		if int(c.Client) != i%4+1 {
			t.Fatalf("operation %d is client %d's", i, c.Client)
		}
		if c.Op.IsWrite() && values[c.Value] {
			t.Fatalf("the value %d is written twice", c.Value)
		}
		values[c.Value] = true
	}
	last := calls[len(calls)-1]
	if last.At > s.Run || last.At < s.Run-10*ms {
		t.Errorf("the last operation began at %v", last.At)
	}
}

func TestClosedLoop(t *testing.T) {
	s := base(3)
	s.Workload.Rate = 0
	step(t, s, 4*time.Second, "load 100/s", time.Second)
	step(t, s, 6*time.Second, "stop-load", time.Second)
	step(t, s, 8*time.Second, "crash n1 n2 n3", time.Second)
	tr := play(t, raftsim.Engine{}, s)
	calls, returns := returned(t, tr)
	begun := map[string]int{}
	open := map[uint32]uint64{}
	place := map[uint64]int{}
	for i := range calls {
		place[calls[i].ID] = i
	}
	for _, e := range tr.Events {
		if e.Kind == sim.KindReturn && open[e.Client] == e.ID {
			delete(open, e.Client)
		}
		if e.Kind != sim.KindCall {
			continue
		}
		closed := e.At < 4*time.Second || e.At > 5*time.Second
		if other, busy := open[e.Client]; busy && closed && calls[place[other]].At > 5*time.Second {
			t.Fatalf("client %d begins an operation while it has one: %s", e.Client, lines(t, e))
		}
		open[e.Client] = e.ID
		switch {
		case e.At < 4*time.Second:
			begun["before"]++
		case e.At < 5*time.Second:
			begun["open"]++
		case e.At < 6*time.Second:
			begun["after"]++
		case e.At < 7*time.Second:
			begun["stopped"]++
		case e.At > 8*time.Second+10*ms && e.At < 9*time.Second:
			begun["down"]++
		}
	}
	// A client that finds nobody up waits 10 ms: 4 clients, 100 times a second.
	if begun["open"] != 100 || begun["stopped"] != 0 || begun["before"] < 500 || begun["after"] < 200 ||
		begun["down"] < 300 || begun["down"] > 400 {
		t.Errorf("operations that began: %v", begun)
	}
	for i, r := range returns {
		if calls[i].At > 8*time.Second+10*ms && calls[i].At < 9*time.Second &&
			(r.Result != sim.OutcomeFailed || r.At != calls[i].At) {
			t.Fatalf("with nobody up an operation did not fail at once: %s", lines(t, r))
		}
	}
	judged(t, tr)
}

func TestRoundRobinOverVia(t *testing.T) {
	for _, tt := range []struct {
		via  string
		want func(e sim.Event, leader sim.MemberID) bool
	}{
		{"all", func(e sim.Event, _ sim.MemberID) bool { return true }},
		{"leader", func(e sim.Event, leader sim.MemberID) bool { return e.Member == leader }},
		{"followers", func(e sim.Event, leader sim.MemberID) bool { return e.Member != leader }},
		{"n1 n3", func(e sim.Event, _ sim.MemberID) bool { return e.Member != 2 }},
	} {
		s := base(3)
		via, err := sim.ParseSelectors(tt.via)
		if err != nil {
			t.Fatal(err)
		}
		s.Workload.Via = via
		tr := play(t, raftsim.Engine{}, s)
		leader := when(t, tr, "a leader", func(e sim.Event) bool {
			return e.Kind == sim.KindState &&
				e.Role == sim.Leader
		}).Member
		by := map[sim.MemberID]int{}
		total := 0
		for _, e := range tr.Events {
			if e.Kind == sim.KindReturn {
				if !tt.want(e, leader) {
					t.Fatalf("via %s: %s", tt.via, lines(t, e))
				}
				by[e.Member]++
				total++
			}
		}
		for m, n := range by {
			if n < total/len(by)-5 || n > total/len(by)+5 {
				t.Errorf("via %s: %v answered %d of %d", tt.via, m, n, total)
			}
		}
	}
}

// TestBrokenConnection: a crash leaves its writes unknown and its reads to others.
func TestBrokenConnection(t *testing.T) {
	unknown := 0
	for seed := range uint64(5) {
		s := base(3)
		s.Run, s.Seed, s.Workload.Rate, s.Workload.Clients = 5*time.Second, seed, 1000, 20
		step(t, s, 3*time.Second, "crash a-follower")
		tr := play(t, raftsim.Engine{}, s)
		_, returns := returned(t, tr)
		for _, r := range returns {
			if r.Result == sim.OutcomeUnknown && r.Note == "the connection was lost" {
				unknown++
				if !r.Op.IsWrite() || r.At > 3*time.Second+ms {
					t.Errorf("seed %d: %s", seed, lines(t, r))
				}
			}
			if r.Op == sim.OpGet && r.Result != sim.OutcomeOK {
				t.Errorf("seed %d: a read did not find another member: %s", seed, lines(t, r))
			}
		}
		judged(t, tr)
	}
	if unknown == 0 {
		t.Error("no crash broke a connection with a write")
	}
}

// TestTimeouts: without a quorum a client waits for its timeout.
func TestTimeouts(t *testing.T) {
	s := base(3)
	s.Workload.Timeout = 2 * time.Second
	step(t, s, 5*time.Second, "crash n2 n3")
	tr := play(t, raftsim.Engine{}, s)
	calls, returns := returned(t, tr)
	for i, r := range returns {
		if calls[i].At < 5*time.Second+ms {
			continue
		}
		want := sim.OutcomeFailed
		if r.Op.IsWrite() {
			want = sim.OutcomeUnknown
		}
		if r.Result != want || r.At-calls[i].At != 2*time.Second || r.Note != "timed out" {
			t.Fatalf("%s%s", lines(t, calls[i]), lines(t, r))
		}
	}
	if last := tr.Events[len(tr.Events)-1].At; last > s.Run+4*time.Second+time.Second {
		t.Errorf("the run ended at %v", last)
	}
	if n := count(tr, sim.KindFinal, nil); n != 0 {
		t.Error("a cluster without a quorum answered the last reads")
	}
}

// TestWritesWaitForLeader: a member without a leader lets a write wait.
func TestWritesWaitForLeader(t *testing.T) {
	s := base(3)
	s.Workload.Mix, s.Workload.Rate = sim.Mix{Put: 1}, 20
	s.Workload.Timeout = 20 * time.Second
	step(t, s, 3*time.Second, "crash n2 n3", 6*time.Second)
	tr := play(t, raftsim.Engine{}, s)
	calls, returns := returned(t, tr)
	waited := 0
	for i, r := range returns {
		if calls[i].At > 6*time.Second && calls[i].At < 9*time.Second && r.Result == sim.OutcomeOK && r.At > 9*time.Second {
			waited++
		}
	}
	if waited < 55 {
		t.Errorf("%d of about 60 writes waited for a leader", waited)
	}
	judged(t, tr)
}

func TestPutStatement(t *testing.T) {
	s := base(3)
	s.Workload.Clients = 0
	step(t, s, 3*time.Second, "put city Oslo")
	step(t, s, 4*time.Second, "put k1 v")
	tr := play(t, raftsim.Engine{}, s)
	calls, returns := returned(t, tr)
	if len(calls) != 2 || calls[0].Key != "city" || calls[0].Client != 1 || returns[1].Result != sim.OutcomeOK ||
		returns[1].Revision != 3 {
		t.Errorf("%s%s", lines(t, calls...), lines(t, returns...))
	}
	if n := count(tr, sim.KindFinal, nil); n != 2 {
		t.Errorf("%d keys were read at the end, want the two that were put", n)
	}
}

// TestRevisions holds the store to etcd's revisions: 1 at first, and one more with
// each write that succeeds.
func TestRevisions(t *testing.T) {
	s := base(3)
	s.Workload.Mix = sim.Mix{Put: 1, Get: 1, CAS: 2}
	s.Workload.Keys = 2
	tr := play(t, raftsim.Engine{}, s)
	wrote := map[uint64]uint64{} // revision to value
	mismatches := 0
	for _, e := range tr.Events {
		if e.Kind == sim.KindReturn && e.Op.IsWrite() && e.Result == sim.OutcomeOK {
			if wrote[e.Revision] != 0 {
				t.Fatalf("two writes have revision %d", e.Revision)
			}
			wrote[e.Revision] = e.Value
		}
		if e.Kind == sim.KindReturn && e.Result == sim.OutcomeMismatch {
			mismatches++
		}
	}
	for r := uint64(2); r < uint64(len(wrote)+2); r++ {
		if wrote[r] == 0 {
			t.Fatalf("no write has revision %d", r)
		}
	}
	for _, e := range tr.Events {
		if e.Kind == sim.KindFinal && wrote[e.Revision] != e.Value {
			t.Errorf("%s: revision %d wrote %d", lines(t, e), e.Revision, wrote[e.Revision])
		}
	}
	if mismatches == 0 {
		t.Error("no compare-and-swap found another value")
	}
	judged(t, tr)
}

func TestCompact(t *testing.T) {
	s := base(3)
	step(t, s, 3*time.Second, "compact 50")
	step(t, s, 4*time.Second, "compact")
	step(t, s, 5*time.Second, "compact 60")
	step(t, s, 6*time.Second, "compact 100000")
	step(t, s, 7*time.Second, "crash n1 n2 n3", time.Second)
	step(t, s, 7500*ms, "compact")
	tr := play(t, raftsim.Engine{}, s)
	for m := sim.MemberID(1); m <= 3; m++ {
		var revs []uint64
		for _, e := range tr.Events {
			if e.Kind == sim.KindStoreCompacted && e.Member == m {
				revs = append(revs, e.Revision)
			}
		}
		if len(revs) < 3 || revs[0] != 50 || revs[1] < 100 || revs[len(revs)-1] <= revs[1] {
			t.Errorf("%v compacted at revisions %v", m, revs)
		}
	}
	for _, why := range []string{"required revision has been compacted", "required revision is a future revision"} {
		when(t, tr, why, func(e sim.Event) bool {
			return e.Kind == sim.KindFaultFailed && len(e.Note) > len(why) && e.Note[len(e.Note)-len(why):] == why
		})
	}
}

// TestStaleReads: what each mode of reading promises, on a leader that was stopped
// and cut off, and does not know that there is another one.
func TestStaleReads(t *testing.T) {
	for mode, stale := range map[sim.ReadMode]bool{sim.ReadLinearizable: false, sim.ReadLease: true,
		sim.ReadSerializable: true} {
		s := base(3)
		s.Workload.Reads, s.Workload.Rate, s.Workload.Clients = mode, 300, 12
		s.Run = 15 * time.Second
		step(t, s, 4*time.Second, "isolate leader", 6*time.Second)
		step(t, s, 4*time.Second, "pause leader", 3*time.Second)
		tr := play(t, raftsim.Engine{}, s)
		if n := measure(t, tr, "reads.stale"); (n > 0) != stale {
			t.Errorf("%s: %v stale reads", mode, n)
		}
	}
}

// TestLeaseReadsAreFaster: they save the round of heartbeats.
func TestLeaseReadsAreFaster(t *testing.T) {
	mean := map[sim.ReadMode]time.Duration{}
	for _, mode := range []sim.ReadMode{sim.ReadLinearizable, sim.ReadLease, sim.ReadSerializable} {
		s := base(3)
		s.Workload.Reads, s.Workload.Mix = mode, sim.Mix{Get: 1}
		s.Cluster.Network.Latency = sim.Fixed(5 * ms)
		calls, returns := returned(t, play(t, raftsim.Engine{}, s))
		for i := range calls {
			mean[mode] += (returns[i].At - calls[i].At) / time.Duration(len(calls))
		}
	}
	if mean[sim.ReadLinearizable] < mean[sim.ReadLease]+8*ms || mean[sim.ReadLease] < mean[sim.ReadSerializable]+5*ms {
		t.Errorf("mean times of reads: %v", mean)
	}
}

// TestLostReadIndexIsRetried: a follower asks again after 500 ms.
func TestLostReadIndexIsRetried(t *testing.T) {
	s := base(3)
	s.Workload.Mix, s.Workload.Rate = sim.Mix{Get: 1}, 20
	step(t, s, 3*time.Second, "lose followers -> leader 30%", 5*time.Second)
	calls, returns := returned(t, play(t, raftsim.Engine{}, s))
	retried := 0
	for i, r := range returns {
		if r.Result != sim.OutcomeOK {
			t.Errorf("%s", lines(t, r))
		}
		if r.At-calls[i].At > readRetry {
			retried++
		}
	}
	if retried == 0 {
		t.Error("no read took longer than the time after which it is asked again")
	}
}

const readRetry = 500 * ms

func TestKeyNames(t *testing.T) {
	s := base(1)
	for i, key := range []string{"k7", "k07", "k8", "k-1", "kx", "k7"} {
		step(t, s, time.Duration(i)*ms, "put "+key+" v")
	}
	s.Workload.Rate = 1
	puts := map[string]int{}
	for _, e := range play(t, raftsim.Engine{}, s).Events {
		if e.Kind == sim.KindCall && int(e.Client) == s.Workload.Clients+1 {
			puts[e.Key]++
		}
	}
	if len(puts) != 5 || puts["k7"] != 2 {
		t.Errorf("keys put: %s", strconv.Itoa(len(puts)))
	}
}

// TestOnlyMemberServesAtOnce: a cluster of one answers what waited as soon as it
// leads.
func TestOnlyMemberServesAtOnce(t *testing.T) {
	s := base(1)
	step(t, s, 0, "put k1 v")
	tr := play(t, raftsim.Engine{}, s)
	leads := when(t, tr, "a leader", func(e sim.Event) bool { return e.Kind == sim.KindState && e.Role == sim.Leader })
	_, returns := returned(t, tr)
	if d := returns[0].At - leads.At; d > 30*ms {
		t.Errorf("the write that waited came back %v after there was a leader", d)
	}
}
