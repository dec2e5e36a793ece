package export_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/export"
	"quorumlab/sim/script"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden holds a text to a file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s: -want +got\n%s", name, d)
	}
}

// target is a StatefulSet with a pod for each member.
func target(members int) export.ChaosTarget {
	t := export.ChaosTarget{Namespace: "default", Container: "etcd", Volume: "/var/lib/etcd", Image: "etcd:v3"}
	for i := range members {
		t.Pods = append(t.Pods, fmt.Sprintf("etcd-%d", i))
		t.Endpoints = append(t.Endpoints, fmt.Sprintf("http://etcd-%d.etcd:2379", i))
	}
	return t
}

func options(s *sim.Scenario) export.ChaosOptions {
	return export.ChaosOptions{Target: target(len(s.Cluster.Members)), Made: "quorumlab export " + s.Name +
		" --to chaos-mesh", Version: "1"}
}

// chaos is a workflow for a scenario of the library.
func chaos(t testing.TB, name string) []byte {
	t.Helper()
	s, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := export.ChaosMesh(s, options(s))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// script is a scenario of three members in two zones with these steps.
func scripted(t testing.TB, steps string) *sim.Scenario {
	t.Helper()
	text := `
title: A script
engines: [sim]
cluster:
  members: [{name: n1, zone: a}, {name: n2, zone: b}, {name: n3, zone: b}]
steps:
` + steps + "\nrun: 30s\n"
	s, err := scenarios.Parse("script.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func indexedJob(t testing.TB) []byte {
	t.Helper()
	m, err := export.IndexedJob(export.ShardedSweep{Words: []string{"odd.yaml", "--set", "title=costs $(HOME) it's",
		"--trials", "30"}, Name: "odd-sweep", Shards: 3,
		File: &export.File{Name: "odd.yaml", Text: "run: 1s\n"}, Made: "quorumlab export", Version: "1"},
		export.JobOptions{Namespace: "lab", Image: "quorumlab:1", Parallelism: 2, Storage: "1Gi", CPU: "2", Memory: "1Gi"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGolden shows what is written, and holds it to the official schemas.
func TestGolden(t *testing.T) {
	for _, name := range []string{"leader-cut-off", "slow-follower-disk"} {
		m := chaos(t, name)
		golden(t, name+".yaml", m)
		validate(t, m)
	}
	m := indexedJob(t)
	golden(t, "indexed-job.yaml", m)
	validate(t, m)
	golden(t, "slurm.sh", export.Slurm(export.ShardedSweep{Words: []string{"figure-16", "--set", "title=it's"},
		Name: "figure-16-sweep", Shards: 4,
		Made: "quorumlab export figure-16 --to slurm", Version: "1"}, export.SlurmOptions{CPUs: 2, Memory: "1G",
		Time: "1:00:00", Out: "out"}))
}

// TestFileIsKept: a scenario's file comes out of the ConfigMap as it went in, since a
// sweep's plan holds its text.
func TestFileIsKept(t *testing.T) {
	for _, text := range []string{"run: 1s\n", "run: 1s", "# a\n\n  b: 1\nrun: 1s\n", "  run: 1s\n\n\n",
		"# x\n\nrun: 1s # y \n", "about: |\n  a\n\n   b\t\nrun: 1s\n", "a: \"\\t\"\r\nrun: 1s\r\n"} {
		m, err := export.IndexedJob(export.ShardedSweep{Words: []string{"a.yaml"}, Name: "a-sweep", Shards: 1,
			File: &export.File{Name: "a.yaml", Text: text}}, export.JobOptions{Claim: "c"})
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := bytes.Cut(m, []byte("---\n"))
		var o struct{ Data map[string]string }
		if err := yaml.Unmarshal(first, &o); err != nil || o.Data["a.yaml"] != text {
			t.Errorf("%q came out as %q, %v\n%s", text, o.Data["a.yaml"], err, first)
		}
	}
}

// TestLibrary: every scenario of the library is exported, and what comes out is an
// object that Chaos Mesh takes, the same each time; or it is refused with a reason.
func TestLibrary(t *testing.T) {
	exported := 0
	for _, e := range scenarios.Library() {
		s, err := scenarios.Load(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		o := options(s)
		o.LeaveOut = true
		m, _, err := export.ChaosMesh(s, o)
		if err != nil {
			if !strings.Contains(err.Error(), "has no fault that Chaos Mesh can inject") {
				t.Errorf("%s: %v", e.Name, err)
			}
			continue
		}
		exported++
		complete(t, validate(t, m)[0])
		if again, _, _ := export.ChaosMesh(s, o); !bytes.Equal(m, again) {
			t.Errorf("%s is exported in two ways", e.Name)
		}
	}
	if exported < 25 {
		t.Errorf("only %d scenarios are exported", exported)
	}
}

// complete sees what Chaos Mesh's webhook does: that templates have names of their own,
// short enough for a label with five characters behind, and that all that are named exist.
func complete(t *testing.T, workflow map[string]any) {
	t.Helper()
	spec := workflow["spec"].(map[string]any)
	has, named := map[string]bool{}, []any{spec["entry"]}
	for _, x := range spec["templates"].([]any) {
		x := x.(map[string]any)
		name := x["name"].(string)
		if has[name] || len(name) > 57 {
			t.Errorf("%s is there twice, or too long", name)
		}
		has[name] = true
		if children, ok := x["children"].([]any); ok {
			named = append(named, children...)
		}
		branches, _ := x["conditionalBranches"].([]any)
		for _, b := range branches {
			named = append(named, b.(map[string]any)["target"])
		}
		if strings.HasSuffix(x["templateType"].(string), "Chaos") && x["deadline"] == nil {
			t.Errorf("%s never ends", name)
		}
	}
	for _, n := range named {
		if !has[n.(string)] {
			t.Errorf("there is no %v", n)
		}
	}
}

// TestEveryVerb: each statement of the language has a counterpart, or there is a reason
// why not. Its example is what is exported.
func TestEveryVerb(t *testing.T) {
	for _, v := range script.Verbs() {
		s := scripted(t, "")
		do, err := script.Parse(v.Example)
		if err != nil {
			t.Fatal(err)
		}
		s.Steps = []sim.Step{{At: s.Run / 3, Do: do}}
		m, _, err := export.ChaosMesh(s, options(s))
		var none *export.NoCounterpartError
		switch {
		case err == nil:
			validate(t, m)
		case errors.As(err, &none) && len(none.Refusals[0].Reason) > 20:
		case v.Name == "heal" || v.Name == "heal-disk" || v.Example == "restart crashed":
		default:
			t.Errorf("%s: %v", v.Example, err)
		}
	}
}

// TestSpans: what begins when, how long it lasts and whom it hits.
func TestSpans(t *testing.T) {
	for _, tt := range []struct{ name, steps, want string }{
		{"it ends by itself", `
  - {at: 5s, for: 3s, do: isolate n2}`,
			"step-1-wait 5s; step-1 3s partition both etcd-1 > etcd-0 etcd-2"},
		{"another statement ends it", `
  - {at: 5s, do: partition zone a | rest}
  - {at: 12s, do: heal}`,
			"step-1-wait 5s; step-1 7s partition both etcd-0 > etcd-1 etcd-2"},
		{"healing one side of a cut ends it", `
  - {at: 5s, do: cut n1 -> n2 n3}
  - {at: 9s, do: heal n1}`,
			"step-1-wait 5s; step-1 4s partition to etcd-0 > etcd-1 etcd-2"},
		{"nothing ends it but the run", `
  - {at: 0s, do: crash n3}`,
			"step-1 30s pod-failure etcd-2"},
		{"crashed and started again", `
  - {at: 1s, do: crash n1}
  - {at: 4s, do: crash n2}
  - {at: 10s, do: restart crashed}`,
			"step-1-wait 1s; step-1 9s pod-failure etcd-0; step-2-wait 4s; step-2 6s pod-failure etcd-1"},
		{"who is up is killed, who is down started", `
  - {at: 1s, do: crash n1}
  - {at: 10s, do: restart n1 n2}`,
			"step-1-wait 1s; step-1 9s pod-failure etcd-0; step-2-wait 10s; step-2 5s container-kill etcd-1 [etcd]"},
		{"no member has a link to itself", `
  - {at: 1s, for: 2s, do: lose all -> n1 n2 10%}`,
			"step-1-wait 1s; step-1-1 2s loss to etcd-0 > etcd-1 loss 10; step-1-2 2s loss to etcd-1 > etcd-0 loss 10; " +
				"step-1-3 2s loss to etcd-2 > etcd-0 etcd-1 loss 10"},
		{"each link has its own limit", `
  - {at: 1s, for: 2s, do: limit n1 -> n2 n3 1MB/s}`,
			"step-1-wait 1s; step-1-1 2s netem to etcd-0 > etcd-1 rate 1000000bps; step-1-2 2s netem to etcd-0 > etcd-2 rate " +
				"1000000bps"},
		{"a range is a middle and a jitter", `
  - {at: 1s, for: 2s, do: delay n1 -> n2 10ms..31ms}`,
			"step-1-wait 1s; step-1 2s delay to etcd-0 > etcd-1 delay 20500us 10500us"},
		{"disks and clocks", `
  - {at: 1s, for: 2s, do: slow-disk n1 200ms}
  - {at: 2s, for: 4s, do: stall-disk n2}
  - {at: 3s, do: fill-disk n3}
  - {at: 4s, for: 10s, do: drift n1 -5%}
  - {at: 8s, do: heal-disk}`,
			"step-1-wait 1s; step-1 2s latency etcd-0 [etcd] [fsync] 200ms; step-2-wait 2s; step-2 4s latency etcd-1 [etcd] " +
				"[write fsync] 4s; step-3-wait 3s; step-3 5s fault etcd-2 [etcd] [write create] 28; step-4-wait 4s; step-4 10s " +
				"clock etcd-0 [etcd] -500ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := scripted(t, tt.steps)
			m, _, err := export.ChaosMesh(s, options(s))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, inShort(validate(t, m)[0])); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// TestRandomIsTheSeeds: "random 1" is drawn once, by the seed.
func TestRandomIsTheSeeds(t *testing.T) {
	got := map[string]bool{}
	for seed := range uint64(20) {
		s := scripted(t, "\n  - {at: 0s, do: crash random 1}")
		s.Seed = seed
		m, _, err := export.ChaosMesh(s, options(s))
		if err != nil {
			t.Fatal(err)
		}
		got[inShort(validate(t, m)[0])] = true
	}
	if len(got) != 3 {
		t.Errorf("in 20 seeds: %v", got)
	}
}

// TestRefused: what has no counterpart is refused with the reason, all of it at once.
func TestRefused(t *testing.T) {
	for _, tt := range []struct{ name, steps, want string }{
		{"no counterpart", `
  - {at: 1s, for: 2s, do: pause n1}
  - {at: 4s, do: move-leader n2}`,
			`step 1 "pause n1": Chaos Mesh can't pause a pod's process
  step 2 "move-leader n2": Chaos Mesh breaks things and does not operate etcd; do it with etcdctl`},
		{"quantiles", "\n  - {at: 1s, for: 2s, do: delay n1 -> n2 p50 2ms p99 8ms}", "no quantiles"},
		{"a disk's range", "\n  - {at: 1s, for: 2s, do: slow-disk n1 2ms..8ms}", "no range"},
		{"too short", "\n  - {at: 1s, for: 20ms, do: isolate n1}", "it lasts 20ms, and Chaos Mesh takes about a second"},
		{"ends a part", `
  - {at: 1s, do: crash n1 n2}
  - {at: 9s, do: restart n2}`, `it ends part of "crash n1 n2"`},
		{"ends nobody knows what", `
  - {at: 1s, do: isolate leader}
  - {at: 9s, do: heal n2}`, `whether it ends "isolate leader" is only known during the run`},
		{"crashed", "\n  - {at: 1s, for: 2s, do: isolate crashed}", `which members "crashed" selects is only known`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := scripted(t, tt.steps)
			_, _, err := export.ChaosMesh(s, options(s))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// What etcdctl 3.7.3 and 3.5 print of three members, of which the second or the third
// leads or the first does not answer.
const (
	status37 = `http://etcd-0.etcd:2379, bd8f1a16c0188b55, 3.7.3, 3.7.0, 20 kB, 16 kB, 20%, 2.1 GB, false, false, 2, 8, 8, , , false
http://etcd-1.etcd:2379, 7369c6e3e5b9adab, 3.7.3, 3.7.0, 20 kB, 16 kB, 20%, 2.1 GB, false, false, 2, 8, 8, , , false
http://etcd-2.etcd:2379, a7eaddd5633aafce, 3.7.3, 3.7.0, 20 kB, 16 kB, 20%, 2.1 GB, true, false, 2, 8, 8, , , false`
	status35 = `{"level":"warn","msg":"retrying of unary invoker failed","target":"etcd-endpoints://0xc00019/etcd-0.etcd:2379"}
Failed to get the status of endpoint http://etcd-0.etcd:2379 (context deadline exceeded)
http://etcd-1.etcd:2379, 7369c6e3e5b9adab, 3.5.21, 20 kB, true, false, 2, 8, 8,
http://etcd-2.etcd:2379, a7eaddd5633aafce, 3.5.21, 20 kB, false, false, 2, 8, 8,`
)

// TestAsksWhoLeads evaluates the branches as Chaos Mesh does, on what etcdctl prints: just
// one is taken, and it hits the leader.
func TestAsksWhoLeads(t *testing.T) {
	s := scripted(t, "\n  - {at: 5s, for: 3s, do: partition leader | rest}")
	m, _, err := export.ChaosMesh(s, options(s))
	if err != nil {
		t.Fatal(err)
	}
	two := strings.Replace(status37, "20%, 2.1 GB, false", "20%, 2.1 GB, true", 1)
	for _, tt := range []struct{ name, stdout, want string }{
		{"the third", status37, "step-1-leader-3 3s partition both etcd-2 > etcd-0 etcd-1"},
		{"the second, and one is down", status35, "step-1-leader-2 3s partition both etcd-1 > etcd-0 etcd-2"},
		{"one that was deposed does not know it", two, "step-1-leader-1 3s partition both etcd-0 > etcd-1 etcd-2"},
		{"nobody", strings.ReplaceAll(status37, "true", "false"), "step-1-again"},
		{"nobody answers", "", "step-1-again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := validate(t, m)[0]
			var taken []string
			for _, x := range w["spec"].(map[string]any)["templates"].([]any) {
				branches, _ := x.(map[string]any)["conditionalBranches"].([]any)
				for _, b := range branches {
					b := b.(map[string]any)
					yes, err := expr.Eval(b["expression"].(string), map[string]any{"stdout": tt.stdout, "exitCode": 0})
					if err != nil {
						t.Fatal(err)
					}
					if yes.(bool) {
						taken = append(taken, b["target"].(string))
					}
				}
			}
			if len(taken) != 1 || !strings.HasPrefix(tt.want, taken[0]) || !strings.Contains(inShort(w)+"step-1-again",
				tt.want) {
				t.Errorf("taken are %v, want %q of %q", taken, tt.want, inShort(w))
			}
		})
	}
}

// TestByLabel: with a label for all members and one for each, pods are selected by both.
func TestByLabel(t *testing.T) {
	s := scripted(t, "\n  - {at: 5s, for: 3s, do: isolate leader}\n  - {at: 9s, for: 3s, do: crash zone b}")
	o := options(s)
	o.Target.Labels, o.Target.MemberLabel, o.Target.TLSSecret = map[string]string{"app": "etcd"},
		"statefulset.kubernetes.io/pod-name", "etcd-client"
	m, _, err := export.ChaosMesh(s, o)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, m)
	golden(t, "by-label.yaml", m)
}
