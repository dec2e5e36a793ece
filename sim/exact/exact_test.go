package exact_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/exact"
	"quorumlab/sim/exact/wire"
	"quorumlab/sim/run"
	"quorumlab/sim/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var runs = flag.Int("runs", 4, "how often the same run is made: make nightly makes 20")

// short is a cluster for which everything happens in a few seconds.
const short = `name: test
engines: [etcd]
seed: 3
run: 3s
cluster: {heartbeat: 50ms, election: 250ms}
workload: {clients: 3, rate: 40/s, keys: 4}
steps:
  - {at: 500ms, do: crash leader}
  - {at: 1s, do: restart crashed}
  - {at: 1500ms, do: isolate random 1, for: 400ms}
`

func parse(t *testing.T, text string) *sim.Scenario {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// needModule skips a test if there is no module, unless the caller's caller built one.
func needModule(t *testing.T) {
	t.Helper()
	_, err := exact.Own()
	switch {
	case testing.Short():
		t.Skip("runs a module")
	case err == nil:
	case os.Getenv("QUORUMLAB_REQUIRE_WASM") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

// TestSameBytes runs one scenario again and again: beside other runs and with other numbers of processors, under
// wazero and, every second time, under Node.js. All must be the same, byte for byte.
func TestSameBytes(t *testing.T) {
	needModule(t)
	s := parse(t, short)
	node, err := exec.LookPath("node")
	if err != nil {
		t.Log("there is no Node.js here: all runs are under wazero")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	first := traceOf(t, s)
	if n := bytes.Count(first, []byte("\n")); n < 500 {
		t.Fatalf("the run has %d events only", n)
	}
	for i := range *runs - 1 {
		if i%2 == 0 && node != "" {
			compare(t, fmt.Sprintf("run %d, under Node.js", i+2), underNode(t, node, s), first)
			continue
		}
		runtime.GOMAXPROCS(1 + i%3)
		other := make(chan error)
		go func() {
			beside := parse(t, strings.Replace(short, "seed: 3", "seed: 4", 1))
			_, err := run.Do(t.Context(), beside, exact.Engine{}, run.Options{Unjudged: true})
			other <- err
		}()
		again := traceOf(t, s)
		if err := <-other; err != nil {
			t.Fatal(err)
		}
		compare(t, fmt.Sprintf("run %d, under wazero", i+2), again, first)
	}
}

// traceOf are the events of a run, as a trace has them.
func traceOf(t *testing.T, s *sim.Scenario) []byte {
	t.Helper()
	j, err := run.Do(t.Context(), s, exact.Engine{}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := j.Trace.Write(&b); err != nil {
		t.Fatal(err)
	}
	if hash, err := exact.OwnHash(); err != nil || j.Trace.Module != hash {
		t.Errorf("the trace names the module %s, not %s: %v", j.Trace.Module, hash, err)
	}
	_, events, _ := bytes.Cut(b.Bytes(), []byte("\n"))
	return events
}

// underNode are the events of a run under Node.js.
func underNode(t *testing.T, node string, s *sim.Scenario) []byte {
	t.Helper()
	input, err := wire.Input(s)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "world/node.mjs", "dist/etcd.wasm.gz", fmt.Sprint(s.Seed))
	cmd.Stdin = bytes.NewReader(input)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.Bytes())
	}
	events, end, _ := bytes.Cut(out, []byte(`{"end":`))
	if string(end) != "true}\n" {
		t.Errorf("the run under Node.js ended with %s", end)
	}
	return events
}

// compare names the first event in which two runs differ.
func compare(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	gs, ws := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(gs), len(ws)) {
		if !bytes.Equal(gs[i], ws[i]) {
			t.Fatalf("%s: event %d differs: it is\n%s\nand was\n%s", what, i+1, gs[i], ws[i])
		}
	}
	t.Fatalf("%s: it has %d events, and the first run %d", what, len(gs)-1, len(ws)-1)
}

// TestInput: what a module is given is the whole scenario, but for what no run depends on.
func TestInput(t *testing.T) {
	words := sim.Language{Statement: script.Parse, Expectation: func(string) (sim.Expectation, error) {
		return sim.Expectation{}, errors.New("an expectation")
	}}
	for _, entry := range scenarios.Library() {
		name := entry.Name
		s, err := entry.Scenario()
		if err != nil {
			t.Fatal(err)
		}
		b, err := wire.Input(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := sim.ReadTrace(bytes.NewReader(b), words)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := *s
		want.Name, want.Title, want.Chapter, want.About, want.Expect = "exact", "", "", "", nil
		want.Engines = []string{"etcd"}
		if len(want.Steps) == 0 {
			want.Steps = nil
		}
		if !reflect.DeepEqual(got.Scenario, want) {
			t.Errorf("%s: a module gets\n%+v\nof\n%+v", name, got.Scenario, want)
		}
	}
}

// TestModules: what is no module is refused, and what writes no events is told.
func TestModules(t *testing.T) {
	s := parse(t, short)
	_, err := run.Do(t.Context(), s, exact.Engine{Module: exact.Packed([]byte("nothing"))}, run.Options{})
	if err == nil || !strings.Contains(err.Error(), "the WebAssembly module") {
		t.Errorf("a module that is none: %v", err)
	}
	if _, err := exact.Own(); err != nil {
		refused := new(sim.RefusedError)
		if _, err := run.Do(context.Background(), s, exact.Engine{}, run.Options{}); !errors.As(err, &refused) ||
			!strings.Contains(err.Error(), "make build") {
			t.Errorf("a program without the module: %v", err)
		}
	}
}
