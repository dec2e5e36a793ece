package exact_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/exact"
	"quorumlab/sim/exact/overlay"
	"quorumlab/sim/run"
	"quorumlab/sim/shrink"
)

var (
	planted = flag.String("planted", "", "look for the planted bugs with this module, which is built if it is not there")
	only    = flag.String("only", "", "look for this planted bug alone")
)

// head is how the scenarios begin in which the planted bugs are looked for.
const head = `engines: [etcd]
cluster: {heartbeat: 50ms, election: 250ms}
`

// strikes are scenarios in which a planted bug shows with most seeds.
var strikes = map[string]string{
	"apply-skipped": head + `run: 2s
workload: {clients: 2, rate: 60/s, keys: 4}
`,
	"compaction-drops-key": head + `run: 2s
workload: {clients: 2, rate: 40/s, keys: 40, mix: {put: 60, get: 40}}
expect: [linearizable]
steps:
  - {at: 1800ms, do: compact}
`,
	"read-unconfirmed": head + `run: 3s
workload: {clients: 3, rate: 100/s, keys: 1, mix: {put: 50, get: 50}}
expect: [linearizable]
steps:
  - {at: 1s, do: isolate leader, for: 1s}
`,
	"lease-revoked-by-old-leader": head + `run: 9s
workload: {clients: 6, rate: 10/s, mix: {put: 100}}
expect: [leases.early == 0]
steps:
  - {at: 1s, do: grant a 2s by c1}
  - {at: 1s, do: grant b 2s by c2}
  - {at: 1s, do: grant c 2s by c3}
  - {at: 1s, do: keep-alive a}
  - {at: 1s, do: keep-alive b}
  - {at: 1s, do: keep-alive c}
  - {at: 3s, do: stall-disk leader, for: 4s}
`,
	"watcher-misses-event": head + `run: 5s
workload: {clients: 3, rate: 60/s, keys: 1, mix: {put: 100}}
expect: [watch.missed == 0]
steps:
  - {at: 300ms, do: watch k0}
  - {at: 1s, do: crash n1}
  - {at: 1500ms, do: restart n1}
  - {at: 2s, do: crash n2}
  - {at: 2500ms, do: restart n2}
  - {at: 3s, do: crash n3}
  - {at: 3500ms, do: restart n3}
`,
	"index-not-saved": head + `run: 3s
workload: {clients: 2, rate: 60/s, keys: 4}
steps:
  - {at: 1s, do: crash a-follower}
  - {at: 1500ms, do: restart crashed}
`,
}

// plantedModule is the module with the bugs.
func plantedModule(t *testing.T) *exact.Built {
	t.Helper()
	packed, err := os.ReadFile(*planted)
	if err == nil {
		return exact.Packed(packed)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := overlay.BuildPlanted(t.Context(), root, filepath.Join(root, "out", "planted"))
	if err != nil {
		t.Fatal(err)
	}
	if packed, err = overlay.Pack(wasm); err == nil {
		err = os.WriteFile(*planted, packed, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	return exact.Packed(packed)
}

// TestPlanted: each bug planted in etcd's own code is found within ten seeds, fails in the same way again, byte for
// byte, and shrinks. Without the bug the same module passes.
func TestPlanted(t *testing.T) {
	for _, b := range overlay.AllPlanted {
		if strikes[b.Name] == "" || b.About == "" {
			t.Errorf("%s: a bug needs a sentence and a scenario", b.Name)
			continue
		}
		if _, err := scenarios.Parse(b.Name+".yaml", []byte(strikes[b.Name])); err != nil {
			t.Error(err)
		}
	}
	if *planted == "" {
		t.Skip("give -planted FILE: make planted")
	}
	module := plantedModule(t)
	for _, b := range overlay.AllPlanted {
		if *only != "" && *only != b.Name {
			continue
		}
		t.Run(b.Name, func(t *testing.T) { hunt(t, &b, module) })
	}
}

func hunt(t *testing.T, b *overlay.Planted, module *exact.Built) {
	s, err := scenarios.Parse(b.Name+".yaml", []byte(strikes[b.Name]))
	if err != nil {
		t.Fatal(err)
	}
	e := exact.Engine{Module: module, Environ: []string{overlay.PlantedBy + "=" + b.Name}}
	do := func(e exact.Engine, s *sim.Scenario) *run.Judged {
		j, err := run.Do(t.Context(), s, e, run.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	var first *run.Judged
	for s.Seed = 1; ; s.Seed++ {
		if s.Seed > 10 {
			t.Fatal("not found with ten seeds")
		}
		if first = do(e, s); !first.OK() {
			break
		}
	}
	var a, again bytes.Buffer
	if err := first.Trace.Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := do(e, s).Trace.Write(&again); err != nil {
		t.Fatal(err)
	}
	compare(t, "the run again", again.Bytes(), a.Bytes())
	if j := do(exact.Engine{Module: module}, s); !j.OK() {
		for _, v := range j.Result.Verdicts {
			if !v.OK {
				t.Errorf("without the bug: %s: %s", v.Check, v.Why)
			}
		}
	}
	f, err := shrink.FailureOf(first, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("seed %d: %s: %s", s.Seed, f.Check, f.Why)
	defaults, err := scenarios.Parse("", []byte("name: defaults\nengines: [etcd]\nrun: 1s\n"))
	if err != nil {
		t.Fatal(err)
	}
	from := f.Alone(s)
	small, runs := shrink.Shrink(t.Context(), from, shrink.Options{Defaults: defaults, Seeds: 1,
		Fails: func(ctx context.Context, c *sim.Scenario) bool { return f.Is(ctx, e, c) }})
	if small.Run > from.Run || len(small.Steps) > len(from.Steps) || !f.Is(t.Context(), e, small) {
		t.Errorf("shrunk in %d runs to what does not fail, or is larger: %+v", runs, small)
	}
	t.Logf("shrunk in %d runs:\n%s", runs, strings.TrimSpace(string(scenarios.Format(small))))
}
