package scenarios_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/script"
)

func TestFormatLeavesOutWhatIsDefault(t *testing.T) {
	text, err := os.ReadFile("testdata/long.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Parse("testdata/long.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/long.golden", string(scenarios.Format(s)))
}

func TestFormatOfTheLibraryReadsTheSame(t *testing.T) {
	for _, e := range scenarios.Library() {
		s, err := e.Scenario()
		if err != nil {
			t.Error(err)
			continue
		}
		roundTrip(t, s)
	}
}

func TestFormatReadsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScenario(t)
		if ps := s.Validate(); len(ps) > 0 {
			t.Fatalf("the generator drew what can't be: %v", ps)
		}
		roundTrip(t, s)
	})
}

func roundTrip(t interface {
	Helper()
	Fatalf(string, ...any)
}, s *sim.Scenario) {
	t.Helper()
	text := scenarios.Format(s)
	got, err := scenarios.Parse(s.Name+".yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if diff := cmp.Diff(s, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a,
		b sim.Form) bool {
		return a == b
	})); diff != "" {
		t.Fatalf("it comes back changed (-want +got):\n%s\n%s", diff, text)
	}
	if again := scenarios.Format(got); !bytes.Equal(text, again) {
		t.Fatalf("formatted twice:\n%s\n%s", text, again)
	}
}

// draw makes scenarios of every setting, all of them possible.
type draw struct{ *rapid.T }

func drawScenario(t *rapid.T) *sim.Scenario {
	d := draw{t}
	s := &sim.Scenario{
		Name:    rapid.StringMatching(`[a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,2}`).Draw(t, "name"),
		Title:   rapid.String().Draw(t, "title"),
		Chapter: d.word("", "40.3", "40.10", "null", "1e3"),
		About:   strings.TrimSpace(rapid.String().Draw(t, "about")),
		Engines: rapid.SampledFrom([][]string{{"sim"}, {"etcd"}, {"sim", "etcd"}, {"etcd", "sim"}}).Draw(t, "engines"),
		Seed:    rapid.Uint64().Draw(t, "seed"),
		Run:     time.Minute,
	}
	s.Cluster = d.cluster()
	s.Workload = d.workload()
	at := time.Duration(0)
	for range rapid.IntRange(0, 4).Draw(t, "steps") {
		at += d.duration()
		s.Steps = append(s.Steps, d.step(at))
	}
	if d.bool() {
		s.Alerts = sim.AlertSpec{Scrape: time.Duration(d.count(10)) * 100 * time.Millisecond, Pace: d.count(30)}
	}
	for range rapid.IntRange(0, 3).Draw(t, "expect") {
		s.Expect = append(s.Expect, d.expectation())
	}
	return s
}

func (d draw) word(ws ...string) string { return rapid.SampledFrom(ws).Draw(d.T, "word") }
func (d draw) bool() bool               { return rapid.Bool().Draw(d.T, "bool") }
func (d draw) count(to int) int         { return rapid.IntRange(1, to).Draw(d.T, "count") }

func (d draw) duration() time.Duration {
	unit := rapid.SampledFrom([]time.Duration{time.Nanosecond, time.Microsecond, time.Millisecond}).Draw(d.T, "unit")
	return time.Duration(d.count(9999)) * unit
}

func (d draw) distribution() sim.Distribution {
	lo, more := d.duration(), d.duration()
	return rapid.SampledFrom([]sim.Distribution{{}, sim.Fixed(lo), {Lo: lo, Hi: lo + more},
		{P50: lo, P99: lo + more}}).Draw(d.T, "distribution")
}

func (d draw) share() sim.Share {
	return sim.Share(rapid.Int32Range(0, int32(sim.Whole)).Draw(d.T, "share"))
}

func (d draw) autoCompaction() sim.AutoCompaction {
	return rapid.SampledFrom([]sim.AutoCompaction{{}, {Period: 5 * time.Second}, {Period: 1500 * time.Millisecond},
		{Revisions: 1000}}).Draw(d.T, "auto-compaction")
}

func (d draw) link() sim.LinkSpec { return sim.LinkSpec{Latency: d.distribution(), Loss: d.share()} }

var drawnMembers = []sim.MemberSpec{
	{Name: "n1", Role: sim.Follower}, {Name: "n2", Zone: "a", Role: sim.Follower},
	{Name: "null", Zone: "no", Role: sim.Follower}, {Name: "0x10", Role: sim.Learner}, {Name: "1.5", Role: sim.Learner}}

func (d draw) learners() sim.LearnerLimit {
	return rapid.SampledFrom([]sim.LearnerLimit{0, 2, 3, 4}).Draw(d.T, "learners") // 1 is read as 0, the default
}

func (d draw) cluster() sim.ClusterSpec {
	c := sim.ClusterSpec{
		Members:   drawnMembers,
		Heartbeat: 100 * time.Millisecond,
		Election: rapid.SampledFrom([]sim.Distribution{sim.Fixed(time.Second), sim.Fixed(300 * time.Millisecond),
			{Lo: 150 * time.Millisecond, Hi: 300 * time.Millisecond}}).Draw(d.T, "election"),
		Tick:        rapid.SampledFrom([]time.Duration{0, 10 * time.Millisecond, 50 * time.Millisecond}).Draw(d.T, "tick"),
		PreVote:     d.bool(),
		CheckQuorum: d.bool(),

		ReconfigRules: sim.ReconfigRules{StrictReconfigCheck: sim.OnByDefault(d.bool()), MaxLearners: d.learners()},

		Network:    d.link(),
		ClientLink: d.distribution(),
		Disk:       d.disk(),
		Store: sim.StoreSpec{SnapshotCount: uint64(d.count(20_000)), CatchUpEntries: uint64(d.count(9000) - 1),
			Quota: sim.Size(d.count(1<<40) - 1), AutoCompaction: d.autoCompaction(),
			CorruptCheck: rapid.SampledFrom([]time.Duration{0, time.Second, 1500 * time.Millisecond}).Draw(d.T,
				"corrupt-check")},
		Process: sim.ProcessMode(d.word("shared", "own")),
		Metrics: sim.MetricsLevel(d.word("basic", "extensive")),
	}
	if c.TLS.Clients = d.bool(); c.TLS.Clients {
		c.TLS.ServerLifetime = time.Duration(d.count(100)-1) * time.Second
		c.TLS.ClientCertificates = d.bool()
		c.TLS.Roles = c.TLS.ClientCertificates && d.bool()
	}
	c.TLS.Peers = d.bool()
	for range rapid.IntRange(0, 2).Draw(d.T, "links") {
		c.Links = append(c.Links, sim.LinkRule{From: d.group("all", "n1 zone a", "null"), To: d.group("zone no", "n2"),
			OneWay: d.bool(), LinkSpec: d.link()})
	}
	return c
}

// disk states its fsync, or has the default one.
func (d draw) disk() sim.DiskSpec {
	spec := sim.DiskSpec{Fsync: sim.Distribution{P50: 2 * time.Millisecond, P99: 8 * time.Millisecond},
		Mode: d.word("etcd", "async")}
	if d.bool() {
		spec.Fsync, spec.FsyncStated = d.distribution(), true
	}
	return spec
}

func (d draw) group(texts ...string) []sim.Selector {
	g, err := sim.ParseSelectors(d.word(texts...))
	if err != nil {
		d.Fatal(err)
	}
	return g
}

func (d draw) workload() sim.Workload {
	w := sim.Workload{
		Habits:  sim.Habits{Skew: sim.Skew(d.count(201) - 1), LeaseTTL: sim.TTL(d.count(100)-1) * sim.TTL(time.Second)},
		Clients: d.count(20) - 1,
		Rate:    d.count(1_000_000) - 1,
		Mix:     sim.Mix{Put: d.count(9), Get: d.count(3) - 1, CAS: d.count(3) - 1, Lease: d.count(3) - 1},
		Keys:    d.count(1_000_000),
		Value:   sim.Size(d.count(1<<20) - 1),
		Reads:   sim.ReadMode(d.word("linearizable", "serializable")),
		Timeout: d.duration(),
		Via:     d.group("all", "leader", "n1 0x10"),
	}
	if w.Rate == 0 {
		w.Think = d.distribution()
	}
	return w
}

// step is any statement: the example of a verb, or one whose words need care.
func (d draw) step(at time.Duration) sim.Step {
	texts := []string{"put key a, {b: c} # d", `put k "quoted" \`, "partition n1 | rest", "isolate zone no",
		"crash null 1.5",
		"slow-disk leader p50 1ms p99 9ms", "put k é🜁\u2028x", "lose all -> n1 0.0001%"}
	for _, v := range script.Verbs() {
		if !strings.Contains(v.Example, "n3") && !strings.Contains(v.Example, "n4") && v.Name != "load" {
			texts = append(texts, v.Example)
		}
	}
	st, err := script.Parse(d.word(texts...))
	if err != nil {
		d.Fatal(err)
	}
	s := sim.Step{At: at, Do: st}
	if script.VerbNamed(st.Verb).Lasts && d.bool() {
		s.For = time.Second
	}
	return s
}

func (d draw) expectation() sim.Expectation {
	window := d.word("", "[2s..10s]", "[500ms..]")
	text := d.word("progress", "not safety", "linearizable",
		fmt.Sprintf("writes.ok%s %s %d", window, d.word("==", "!=", "<", "<=", ">", ">="), d.count(1<<40)),
		fmt.Sprintf("leaderless.longest%s <= %s", window, sim.FormatDuration(d.duration())),
		fmt.Sprintf("throughput%s >= %d/s", window, d.count(9999)))
	e, err := check.ParseExpectation(text)
	if err != nil {
		d.Fatal(err)
	}
	return e
}
