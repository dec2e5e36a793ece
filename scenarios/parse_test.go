package scenarios_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quorumlab/scenarios"
	"quorumlab/sim"
)

func parse(t *testing.T, text string, sets ...string) *sim.Scenario {
	t.Helper()
	s, err := scenarios.ParseWith("a-run.yaml", []byte(text), sets)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The defaults, in full: etcd's where etcd has one.
func TestParseFillsInDefaults(t *testing.T) {
	want := &sim.Scenario{
		Name:    "a-run",
		Engines: []string{"sim", "etcd"},
		Seed:    1,
		Cluster: sim.ClusterSpec{
			Members: []sim.MemberSpec{
				{Name: "n1", Role: sim.Follower}, {Name: "n2", Role: sim.Follower}, {Name: "n3", Role: sim.Follower}},
			Heartbeat:   100 * time.Millisecond,
			Election:    sim.Fixed(time.Second),
			PreVote:     true,
			CheckQuorum: true,
			Network:     sim.LinkSpec{Latency: sim.Distribution{Lo: 300 * time.Microsecond, Hi: 700 * time.Microsecond}},
			ClientLink:  sim.Distribution{Lo: 300 * time.Microsecond, Hi: 700 * time.Microsecond},
			Disk: sim.DiskSpec{Fsync: sim.Distribution{P50: 2 * time.Millisecond, P99: 8 * time.Millisecond},
				Mode: "etcd"},
			Store:   sim.StoreSpec{SnapshotCount: 10_000, CatchUpEntries: 5_000},
			Process: sim.ProcessShared,
			Metrics: sim.MetricsBasic,
		},
		Workload: sim.Workload{
			Clients: 8,
			Mix:     sim.Mix{Put: 70, Get: 20, CAS: 10},
			Keys:    64,
			Value:   256,
			Reads:   sim.ReadLinearizable,
			Timeout: 7 * time.Second,
			Via:     []sim.Selector{{By: sim.ByAll}},
		},
		Run: 30 * time.Second,
	}
	if diff := cmp.Diff(want, parse(t, "run: 30s\nworkload: {}\n")); diff != "" {
		t.Errorf("with a workload (-want +got):\n%s", diff)
	}
	want.Workload.Clients = 0
	if diff := cmp.Diff(want, parse(t, "run: 30s\n")); diff != "" {
		t.Errorf("without a workload (-want +got):\n%s", diff)
	}
}

func TestParseLetsWhatIsWrittenWin(t *testing.T) {
	s := parse(t, `
seed: 0
cluster:
  pre-vote: false
  check-quorum: false
  election: 500ms
  network: {loss: 1%}
  disk: {fsync: 0s}
  client-link: 0s
  store: {catch-up-entries: 0}
workload: {mix: {get: 1}}
run: 1m
`)
	c, w := s.Cluster, s.Workload
	if s.Seed != 0 || c.PreVote || c.CheckQuorum || !c.Disk.Fsync.IsZero() || !c.ClientLink.IsZero() ||
		c.Store.CatchUpEntries != 0 {
		t.Errorf("a zero that is written gives way to a default: %+v", s)
	}
	if c.Network.Loss != 10_000 || c.Network.Latency.IsZero() || c.Disk.Mode != "etcd" || c.Store.SnapshotCount != 10_000 {
		t.Errorf("what is not written beside it loses its default: %+v", c)
	}
	if w.Mix != (sim.Mix{Get: 1}) {
		t.Errorf("mix %+v; a kind that is not in it has the weight 0", w.Mix)
	}
	if w.Timeout != 6*time.Second {
		t.Errorf("timeout %v, want 5s and twice the election time", w.Timeout)
	}
}

func TestParseMembersAndLinks(t *testing.T) {
	s := parse(t, `
cluster:
  members:
    - {zone: a}
    - {name: far, zone: b}
    - {role: learner}
  network: {latency: 1ms, loss: 2%}
  links:
    - {from: zone a, to: zone b, latency: 9ms}
    - {from: all, to: n3, one-way: true, loss: 0%}
run: 30s
`)
	want := []sim.MemberSpec{{Name: "n1", Zone: "a", Role: sim.Follower}, {Name: "far", Zone: "b", Role: sim.Follower},
		{Name: "n3", Role: sim.Learner}}
	if diff := cmp.Diff(want, s.Cluster.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		from, to sim.MemberID
		want     sim.LinkSpec
	}{
		{2, 1, sim.LinkSpec{Latency: sim.Fixed(9 * time.Millisecond), Loss: 20_000}},
		{1, 3, sim.LinkSpec{Latency: sim.Fixed(time.Millisecond)}},
		{3, 1, sim.LinkSpec{Latency: sim.Fixed(time.Millisecond), Loss: 20_000}},
	} {
		if got := s.Link(tt.from, tt.to); got != tt.want {
			t.Errorf("link %v -> %v: %+v, want %+v", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestSetPutsInASetting(t *testing.T) {
	const text = "cluster: {members: 5}\nsteps:\n  - {at: 5s, do: crash leader}\nrun: 30s\n"
	for _, tt := range []struct {
		sets []string
		got  func(*sim.Scenario) any
		want any
	}{
		{[]string{"cluster.members=3"}, func(s *sim.Scenario) any { return len(s.Cluster.Members) }, 3},
		{[]string{"cluster.members="}, func(s *sim.Scenario) any { return len(s.Cluster.Members) }, 3},
		{[]string{"cluster.members=[{}, {role: learner}]"}, func(s *sim.Scenario) any { return len(s.Cluster.Members) }, 2},
		{[]string{"seed=7", "seed=8"}, func(s *sim.Scenario) any { return s.Seed }, uint64(8)},
		{[]string{"steps[0].do=put k a = b"}, func(s *sim.Scenario) any { return s.Steps[0].Do.Text }, "a = b"},
		{[]string{"workload.rate=500/s"}, func(s *sim.Scenario) any { return s.Workload.Rate }, 500},
		{[]string{"workload.rate=500/s"}, func(s *sim.Scenario) any { return s.Workload.Clients }, 8},
		{[]string{"engines=[sim]"}, func(s *sim.Scenario) any { return len(s.Engines) }, 1},
		{[]string{"cluster.network.latency.p50=2ms", "cluster.network.latency.p99=8ms"},
			func(s *sim.Scenario) any { return s.Cluster.Network.Latency.String() }, "p50 2ms p99 8ms"},
		{[]string{"steps="}, func(s *sim.Scenario) any { return len(s.Steps) }, 0},
	} {
		t.Run(strings.Join(tt.sets, " "), func(t *testing.T) {
			if got := tt.got(parse(t, text, tt.sets...)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestSetErrorsAreAsExactAsTheFiles(t *testing.T) {
	const text = "cluster: {members: 5}\nsteps:\n  - {at: 5s, do: crash leader}\nrun: 30s\n"
	for _, tt := range []struct{ set, want string }{
		{"cluster.memebrs=3", `--set cluster.memebrs=3: unknown field "memebrs" (did you mean "members"?)
  cluster.memebrs=3
          ^`},
		{"cluster.process=mine", `--set cluster.process=mine: the process must be "shared" or "own", not "mine"
  cluster.process=mine
                  ^`},
		{"cluster.metrics=all", `--set cluster.metrics=all: the metrics must be "basic" or "extensive", not "all"
  cluster.metrics=all
                  ^`},
		{"steps[0].do=crash  n7", `--set steps[0].do=crash  n7: unknown member "n7"; members are n1 to n5
  steps[0].do=crash  n7
                     ^`},
		{"steps[1].do=heal", `--set steps[1].do=heal: steps has one item, [0]
  steps[1].do=heal
        ^`},
		{"cluster.members[0].zone=a", `--set cluster.members[0].zone=a: cluster.members is one value here and has no item [0]; set it as a whole
  cluster.members[0].zone=a
                  ^`},
		{"steps.at=5s", `--set steps.at=5s: steps is a list here and has no "at"; set it as a whole
  steps.at=5s
        ^`},
		{"cluster.members", `--set cluster.members: a setting is written PATH=VALUE, like "cluster.members=3" or "steps[0].at=7s"
  cluster.members
  ^`},
		{"cluster..members=3", `--set cluster..members=3: a setting is written PATH=VALUE, like "cluster.members=3" or "steps[0].at=7s"
  cluster..members=3
  ^`},
		{"engines=[sim", `--set engines=[sim: this "[" is never closed; the list needs a "]" at its end
  engines=[sim
          ^`},
		{"cluster.members=a\nb: c", `--set cluster.members=a\nb: c: this is no field; one is written "name: value", with a space after the colon
  cluster.members=a
                  ^`},
		{"cluster.heartbeat=1s", `--set cluster.heartbeat=1s: the election timeout 1s must be longer than the heartbeat 1s
  cluster.heartbeat=1s
  ^`},
	} {
		t.Run(tt.set, func(t *testing.T) {
			_, err := scenarios.ParseWith("a-run.yaml", []byte(text), []string{tt.set})
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefusesTextsThatAreNoFiles(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"too long": {"#" + strings.Repeat("x", 1<<20), "a-run.yaml:1:1: the text has 1048577 bytes; a scenario may have " +
			"at most 65536"},
		"too many": {strings.Repeat("- x\n", 16_000), "a-run.yaml:10001:1: the text is too long: a scenario may have at " +
			"most 20000 tokens, and this is one more"},
		"not text": {"run: 1s\r\ntitle: caf\xe9", "a-run.yaml:2:11: the text is not UTF-8 here"},
		"a control": {"run: 1s\rabout: \"é\x1b[31m",
			`a-run.yaml:2:10: the control character '\x1b' is not allowed in YAML`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := scenarios.Parse("a-run.yaml", []byte(tt.text))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v\nwant  %s", err, tt.want)
			}
		})
	}
}

func TestErrorEndsBeforeItFillsTheScreen(t *testing.T) {
	_, err := scenarios.Parse("a-run.yaml", []byte("run: 5s\nsteps:\n"+strings.Repeat("  - {at: 1s, do: crash n9}\n",
		100)))
	if err == nil || strings.Count(err.Error(), "unknown member") != 20 ||
		!strings.HasSuffix(err.Error(), "\nand 80 more") {
		t.Errorf("error %v", err)
	}
}

func TestLoadFindsTheLibraryAndFiles(t *testing.T) {
	s, err := scenarios.Load("leader-crash", "seed=7")
	if err != nil || s.Name != "leader-crash" || s.Seed != 7 {
		t.Errorf("from the library: %v, %v", s, err)
	}
	path := filepath.Join(t.TempDir(), "my-own.yaml")
	if err := os.WriteFile(path, []byte("run: 5s\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if s, err = scenarios.Load(path); err != nil || s.Name != "my-own" {
		t.Errorf("from a file: %v, %v", s, err)
	}
	if _, err = scenarios.Load("./none.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	_, err = scenarios.Load("leader-crahs")
	if want := `unknown scenario "leader-crahs" (did you mean "leader-crash"?)`; err == nil ||
		!strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v\nwant  %s...", err, want)
	}
}

// Quantiles may be any, and are written as they are read.
func TestParseQuantiles(t *testing.T) {
	text := "cluster: {disk: {fsync: {p99.9: 1s, p50: 2ms, max: 3s, p95: 8ms}}}\nrun: 5s\n"
	s, err := scenarios.Parse("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Cluster.Disk.Fsync.String(); got != "p50 2ms p95 8ms p99.9 1s max 3s" {
		t.Errorf("the distribution is %s", got)
	}
	roundTrip(t, s)
}
