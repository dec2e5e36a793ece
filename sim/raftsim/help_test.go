package raftsim_test

import (
	"bytes"
	"context"
	"flag"
	"time"

	"pgregory.net/rapid"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/script"
)

const ms = time.Millisecond

// What rapid draws is the same each time, unless -rapid.seed says otherwise (0: at random), so that
// a change is not judged by another one's luck.
func init() {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
}

// base is a small cluster with a load, as package scenarios would fill it in.
func base(members int) *sim.Scenario {
	s := &sim.Scenario{
		Name: "test", Engines: []string{"sim"}, Seed: 1, Run: 10 * time.Second,
		Cluster: sim.ClusterSpec{
			Heartbeat: 100 * ms, Election: sim.Fixed(time.Second), PreVote: true, CheckQuorum: true,
			Network:    sim.LinkSpec{Latency: sim.Distribution{Lo: 300 * time.Microsecond, Hi: 700 * time.Microsecond}},
			ClientLink: sim.Fixed(200 * time.Microsecond),
			Disk:       sim.DiskSpec{Fsync: sim.Distribution{P50: 2 * ms, P99: 8 * ms}, Mode: "etcd"},
			Store:      sim.StoreSpec{SnapshotCount: 10000, CatchUpEntries: 5000},
		},
		Workload: sim.Workload{Clients: 4, Rate: 100, Mix: sim.Mix{Put: 70, Get: 20, CAS: 10}, Keys: 8, Value: 256,
			Reads: sim.ReadLinearizable, Timeout: 7 * time.Second, Via: []sim.Selector{{By: sim.ByAll}}},
	}
	for i := range members {
		s.Cluster.Members = append(s.Cluster.Members, sim.MemberSpec{Name: sim.MemberID(i + 1).String(), Role: sim.Follower})
	}
	return s
}

// step adds a line to the script.
func step(t rapid.TB, s *sim.Scenario, at time.Duration, do string, lasts ...time.Duration) {
	t.Helper()
	st, err := script.Parse(do)
	if err != nil {
		t.Fatal(err)
	}
	line := sim.Step{At: at, Do: st}
	if len(lasts) > 0 {
		line.For = lasts[0]
	}
	s.Steps = append(s.Steps, line)
}

// play runs a scenario, which must be without problems.
func play(t rapid.TB, e raftsim.Engine, s *sim.Scenario) *sim.Trace {
	t.Helper()
	tr, err := run(e, s)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func run(e raftsim.Engine, s *sim.Scenario) (*sim.Trace, error) {
	for _, p := range s.Validate() {
		return nil, p
	}
	rec := sim.NewRecorder(sim.AllKinds)
	check.Until(rec, s)
	err := e.Run(context.Background(), s, rec, nil)
	return rec.Trace(s, "sim", "test"), err
}

// count counts the events of a kind that fit.
func count(tr *sim.Trace, k sim.Kind, fits func(sim.Event) bool) (n int) {
	for _, e := range tr.Events {
		if e.Kind == k && (fits == nil || fits(e)) {
			n++
		}
	}
	return n
}

// lines are events as a trace file has them.
func lines(t rapid.TB, es ...sim.Event) string {
	t.Helper()
	var b bytes.Buffer
	if err := (&sim.Trace{Events: es}).Write(&b); err != nil {
		t.Fatal(err)
	}
	_, body, _ := bytes.Cut(b.Bytes(), []byte("\n"))
	return string(body)
}
