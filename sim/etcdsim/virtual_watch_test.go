package etcdsim

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	runner "quorumlab/sim/run"
)

// TestWatchGivesUpABubbleThatStandsStill: a goroutine of it waits for a mutex that nobody in it gives back.
func TestWatchGivesUpABubbleThatStandsStill(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	b := &bubble{over: make(chan error, 1)}
	go func() {
		b.over <- b.run(func(context.Context) error {
			waitForEver(&mu)
			return nil
		})
	}()
	err := b.watch(t.Context(), 200*time.Millisecond, nil)
	if err == nil || !strings.Contains(err.Error(), "stood still") || !strings.Contains(err.Error(), "waitForEver") {
		t.Errorf("the error is %v; it must name the goroutine", err)
	}
	mu.Unlock()
	if err := <-b.over; err != nil {
		t.Error(err)
	}
}

// TestARunThatStandsStillIsJudgedByItsTrace: it fails, and what happened until then is there.
func TestARunThatStandsStillIsJudgedByItsTrace(t *testing.T) {
	s, err := scenarios.Load("leader-crash")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	mu.Lock()
	looks := 0
	v := Virtual{Patience: 200 * time.Millisecond, gone: make(chan error, 1), inside: func(*run) {
		if looks++; looks == 30 { // three seconds
			waitForEver(&mu)
		}
	}}
	j, err := runner.Do(t.Context(), s, v, runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	last := j.Result.Verdicts[len(j.Result.Verdicts)-1]
	if j.OK() || last.Check != runner.Bounded || !strings.Contains(last.Why, "waitForEver") {
		t.Errorf("the last verdict is %+v", last)
	}
	end := j.Trace.Events[len(j.Trace.Events)-1].At
	if end < 2*time.Second || end > 4*time.Second {
		t.Errorf("the trace ends at %v", end)
	}
	mu.Unlock()
	if err := <-v.gone; !errors.Is(err, context.Canceled) {
		t.Errorf("time passes again, and the run ends with %v", err)
	}
}

// TestFatalStartInVirtualTime: etcd gives up while it starts, and leaves a goroutine of its database behind. The
// member stays down, and the run comes to its end.
func TestFatalStartInVirtualTime(t *testing.T) {
	if os.Getenv(leaky) == "" { // what stays behind must not be in the process of other tests
		cmd := exec.CommandContext(contextFor(t), os.Args[0], "-test.run=^TestFatalStartInVirtualTime$")
		cmd.Env = append(os.Environ(), leaky+"=1")
		if out, err := cmd.CombinedOutput(); err != nil && !strings.Contains(string(out), "found unexpected goroutines") ||
			!strings.Contains(string(out), "PASS") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	s, err := scenarios.Parse("fatal.yaml", []byte(`name: fatal
engines: [etcd]
run: 6s
steps:
  - {at: 1s, do: crash n2}
  - {at: 3s, do: restart n2}
  - {at: 4s, do: restart n2}
`))
	if err != nil {
		t.Fatal(err)
	}
	looks := 0
	v := Virtual{inside: func(r *run) {
		if looks++; looks != 20 {
			return
		}
		logs, err := filepath.Glob(filepath.Join(r.cluster.Dir(), "*", "*", "member", "wal", "0000000000000000-*.wal"))
		for _, from := range logs {
			if strings.Contains(from, "member2") { // its first segment is missing
				err = os.Rename(from, filepath.Join(filepath.Dir(from), "0000000000000001-0000000000000005.wal"))
			}
		}
		if err != nil || len(logs) != 3 {
			t.Error(logs, err)
		}
	}}
	j, err := runner.Do(t.Context(), s, v, runner.Options{})
	if err != nil {
		t.Fatal(err)
	}
	died := 0
	const why = "etcd did not start: failed to open WAL"
	for _, e := range j.Trace.Events {
		if e.Kind == sim.KindPanicked && e.Member == 2 && strings.HasPrefix(e.Note, why) {
			died++
		}
	}
	if died != 2 || j.Trace.End() < 6*time.Second {
		t.Errorf("it gave up %d times, want 2; the run ended at %v", died, j.Trace.End())
	}
}

// leaky is the environment variable by which a test's own process may leave goroutines behind.
const leaky = "QUORUMLAB_TEST_LEAKS"

func waitForEver(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock()
}

// TestPanicInABubbleIsAnError, and so is what is left in it.
func TestPanicInABubbleIsAnError(t *testing.T) {
	b := &bubble{}
	if err := b.run(func(context.Context) error { panic("of a test") }); err == nil ||
		!strings.Contains(err.Error(), "of a test") {
		t.Errorf("the error is %v", err)
	}
}
