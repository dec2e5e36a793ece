package script

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

// good is a scenario without problems, for tests to break.
func good(t *testing.T, steps ...string) *sim.Scenario {
	t.Helper()
	s := &sim.Scenario{Name: "good", Engines: []string{"sim"}, Run: 30 * time.Second}
	s.Cluster = sim.ClusterSpec{Heartbeat: 100 * time.Millisecond, Election: sim.Fixed(time.Second)}
	s.Cluster.Disk.Mode = "etcd"
	s.Cluster.Store.SnapshotCount = 1
	for _, zone := range []string{"a", "a", "b"} {
		id := sim.MemberID(len(s.Cluster.Members) + 1)
		s.Cluster.Members = append(s.Cluster.Members, sim.MemberSpec{Name: id.String(), Zone: zone, Role: sim.Follower})
	}
	for i, text := range steps {
		st, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		s.Steps = append(s.Steps, sim.Step{At: time.Duration(i) * time.Second, Do: st})
	}
	return s
}

func TestValidateSaysWhereAndWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		name   string
		steps  []string
		spoil  func(*sim.Scenario)
		path   string
		offset int
		want   string
	}{
		{"name", nil, func(s *sim.Scenario) { s.Name = "Leader Loss" }, "name", 0, `"Leader Loss" is not a scenario name`},
		{"no engine", nil, func(s *sim.Scenario) { s.Engines = nil }, "engines", 0, "no engine is named; the engines are " +
			"sim and etcd"},
		{"engine", nil, func(s *sim.Scenario) { s.Engines[0] = "ectd" }, "engines[0]", 0,
			`unknown engine "ectd" (did you mean "etcd"?)`},
		{"engine twice", nil, func(s *sim.Scenario) { s.Engines = []string{"sim", "sim"} }, "engines[1]", 0,
			`the engine "sim" is named twice`},
		{"heartbeat", nil, func(s *sim.Scenario) {
			s.Cluster.Heartbeat = 2 * time.Second
			s.Cluster.Election = sim.Distribution{Lo: time.Second, Hi: time.Second}
		}, "cluster.election", 0, "the election timeout 1s must be longer than the heartbeat 2s"},
		{"order", []string{"heal", "heal"}, func(s *sim.Scenario) { s.Steps[0].At = 2 * time.Second }, "steps[1].at", 0,
			"1s is before the previous step, at 2s"},
		{"member", []string{"crash leader n7"}, nil, "steps[0].do", 13, `unknown member "n7"; members are n1 to n3`},
		{"zone", []string{"isolate zone c"}, nil, "steps[0].do", 13, `unknown zone "c"; the zones are a and b`},
		{"two sides", []string{"partition n1 n2 | n3 n1"}, nil, "steps[0].do", 21, `"n1" is on two sides of the partition`},
		{"fill keys", []string{"fill 2000000 1KiB"}, nil, "steps[0].do", 5, "2000000 keys are more than the maximum of " +
			"1000000"},
		{"fill size", []string{"fill 10 2MiB"}, nil, "steps[0].do", 8, "2MiB is more than the 1MiB that fits in etcd's " +
			"request limit"},
		{"kubernetes", []string{"kubernetes 10 40000"}, nil, "steps[0].do", 14, "40000 pods are more than the maximum of " +
			"30000"},
		{"link rule", nil, func(s *sim.Scenario) {
			s.Cluster.Links = []sim.LinkRule{{From: []sim.Selector{sim.Named("n1"), {By: sim.ByLeader}},
				To: []sim.Selector{{By: sim.ByAll}}}}
		}, "cluster.links[0].from", 3, `"leader" changes during a run`},
		{"via", nil, func(s *sim.Scenario) {
			s.Workload = sim.Workload{Clients: 1, Mix: sim.Mix{Put: 1}, Keys: 1, Timeout: time.Second,
				Reads: sim.ReadLinearizable,
				Via:   []sim.Selector{sim.Named("n1"), sim.Named("n4")}}
		}, "workload.via", 3, `unknown member "n4"; members are n1 to n3`},
		{"both ways", nil, func(s *sim.Scenario) {
			s.Expect = []sim.Expectation{{Check: "safety"}, {Check: "safety", Broken: true}}
		}, "expect[1]", 0, `"safety" and "not safety" can't both be true`},
		{"window", nil, func(s *sim.Scenario) {
			s.Expect = []sim.Expectation{{Measure: "m", Op: "==", Window: sim.Window{From: 40 * time.Second}}}
		}, "expect[0]", 1, "the window [40s..] is outside the run, which is 30s long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := good(t, tt.steps...)
			if tt.spoil != nil {
				tt.spoil(s)
			}
			ps := s.Validate()
			if len(ps) != 1 {
				t.Fatalf("%d problems, want 1: %v", len(ps), ps)
			}
			if p := ps[0]; p.Path != tt.path || p.Offset != tt.offset || !strings.HasPrefix(p.Err.Error(), tt.want) {
				t.Errorf("%s at %d: %v\nwant %s at %d: %s", p.Path, p.Offset, p.Err, tt.path, tt.offset, tt.want)
			}
		})
	}
}

func TestValidateNamesIndependentProblemsTogether(t *testing.T) {
	s := good(t)
	s.Workload = sim.Workload{Clients: 1, Mix: sim.Mix{Put: -1, Get: 2}, Value: 2 << 20, Reads: sim.ReadLease}
	var paths []string
	for _, p := range s.Validate() {
		paths = append(paths, p.Path)
	}
	want := "workload.mix workload.keys workload.value workload.timeout workload.reads"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("problems at %s\nwant        at %s", got, want)
	}
}

func TestValidateOffersAnElectionTimeThatFits(t *testing.T) {
	s := good(t)
	s.Cluster.Heartbeat = 300 * time.Millisecond
	ps := s.Validate()
	if len(ps) != 1 || ps[0].Error() != "cluster.election: 1s is not a whole number of ticks of 300ms; 1.2s would be" {
		t.Errorf("problems %v", ps)
	}
}
