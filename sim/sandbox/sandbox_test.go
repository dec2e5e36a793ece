package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/run"
	"quorumlab/sim/sandbox"
	"quorumlab/sim/script"
)

func TestMain(m *testing.M) {
	cluster.Main()
	goleak.VerifyTestMain(m)
}

// A program without a terminal. What is left is the trace with its verdicts, the script in
// the trace, and the data. Its main begins with etcdsim.Main.
func Example() {
	ctx := context.Background()
	data, err := sandbox.NewData("data")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer data.Release()
	place, err := sandbox.Claim("mine") // quorumlab do --name mine "crash leader"
	if err != nil {
		fmt.Println(err)
		return
	}
	defer place.Release()
	b, err := sandbox.Open(ctx, sandbox.Config{Name: "mine", Data: data, Version: "mine 1.0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	b.Narrate(func(at time.Duration, line string) { fmt.Println(at, line) })
	control := sandbox.Serve(place, b.Do)
	for _, line := range []string{"wait leader", "crash leader for 2s", "wait leader", "put city Oslo", "status"} {
		reply, err := b.Do(ctx, line, true)
		if err != nil {
			fmt.Println(line+":", err)
			continue
		}
		fmt.Println(reply.Text)
	}
	control.Close()
	j, err := b.End(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(j.Trace.Events), "events, all as it should be:", j.OK())
}

// TestExample carries the example out.
func TestExample(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Chdir(t.TempDir())
	Example()
	if _, err := os.Stat("data"); err != nil {
		t.Error("the example kept nothing:", err)
	}
}

// quick is a small cluster that elects soon.
func quick(t *testing.T, settings ...string) *sim.Scenario {
	t.Helper()
	settings = append([]string{"cluster.heartbeat=20ms", "cluster.election=200ms"}, settings...)
	s, err := sandbox.DefaultScenario("small", settings...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// told are the lines that a sandbox told.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (o *told) tell(_ time.Duration, line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, line)
}

func (o *told) has(part string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.lines, func(l string) bool { return strings.Contains(l, part) })
}

// do carries lines out that must succeed, and returns the last reply.
func do(t *testing.T, b interface {
	Do(context.Context, string, bool) (sandbox.Reply, error)
}, lines ...string) (r sandbox.Reply) {
	t.Helper()
	for _, line := range lines {
		var err error
		if r, err = b.Do(t.Context(), line, true); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return r
}

// TestLife is what a program without a terminal does with a sandbox, in process and over
// the socket.
func TestLife(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	dir := filepath.Join(t.TempDir(), "data")
	data, err := sandbox.NewData(dir)
	if err != nil {
		t.Fatal(err)
	}
	place, err := sandbox.Claim("small")
	if err != nil {
		t.Fatal(err)
	}
	b, err := sandbox.Open(t.Context(), sandbox.Config{Name: "small", Scenario: quick(t, "cluster.members=1"), Idle: true,
		Data: data, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	control := sandbox.Serve(place, b.Do)
	do(t, b, "wait leader", "put city Oslo")
	var heard told
	b.Narrate(heard.tell)
	if !heard.has("n1 leads in term") {
		t.Errorf("what happened before somebody listened is not told: %q", heard.lines)
	}
	if got, want := do(t, b, "resume n1").Text, "n1 was not paused."; got != want {
		t.Errorf("a member that was not paused was resumed: %q, want %q", got, want)
	}
	c, err := sandbox.Dial("small")
	if err != nil {
		t.Fatal(err)
	}
	r := do(t, c, "add-learner n2", "wait leader", "status")
	b.Catch()
	if !heard.has("n2 is a member now") {
		t.Errorf("the new member is not told: %q", heard.lines)
	}
	if s := r.Status; s == nil || s.Leader != "n1" || len(s.Members) != 2 ||
		!strings.Contains(r.Text, "small, running for") {
		t.Errorf("the status is %+v\n%s", s, r.Text)
	}
	if s, err := b.Status(t.Context()); err != nil || s.Operations.OK == 0 {
		t.Errorf("the status is %+v, %v", s, err)
	}
	if s := r.Status; len(s.Faults) != 0 || len(s.Load) != 1 || s.Load[0].Statement != "stop-load" {
		t.Errorf("nothing is wrong in a sandbox without a load, but its status has faults %+v and load %+v", s.Faults, s.Load)
	}
	wrongLines(t, b, c)
	if got := do(t, c, "quit").Text; got != "small was asked to end" {
		t.Errorf("quit was answered %q", got)
	}
	<-b.Left()
	control.Close()
	if err := errors.Join(c.Close(), place.Release()); err != nil {
		t.Error(err)
	}
	ended(t, b)
	if err := data.Release(); err != nil {
		t.Error(err)
	}
	goesOn(t, dir)
}

// wrongLines are refused in the same way here and there, and do nothing.
func wrongLines(t *testing.T, b *sandbox.Sandbox, c *sandbox.Client) {
	t.Helper()
	for line, want := range map[string]string{
		"crahs n1":             `unknown statement "crahs" (did you mean "crash"?); help lists the statements`,
		"status n1":            `status takes no argument, but got "n1"`,
		"crash n9":             `unknown member "n9"; members are n1, n2`,
		"wait long":            `wait takes a time like "10s", "leader", or "leader for 10s", not "long"`,
		"wait leader for ever": `wait takes a time like "10s", "leader", or "leader for 10s", not "leader for ever"`,
		"wait leader for 0s":   "wait leader must wait longer than 0",
	} {
		for _, who := range []interface {
			Do(context.Context, string, bool) (sandbox.Reply, error)
		}{b, c} {
			_, err := who.Do(t.Context(), line, true)
			var bad *run.InputError
			if !errors.As(err, &bad) || err.Error() != want {
				t.Errorf("%T: %s: %v; want the InputError %s", who, line, err, want)
			}
		}
	}
}

// ended ends a sandbox and looks at what is left of it.
func ended(t *testing.T, b *sandbox.Sandbox) {
	t.Helper()
	j, err := b.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	trace := j.Trace
	if !j.OK() || trace.Version != "test" || trace.Scenario.Name != "small" {
		t.Errorf("%s by %s: %+v", trace.Scenario.Name, trace.Version, j.Result.Verdicts)
	}
	var said []string
	for _, s := range trace.Scenario.Steps {
		said = append(said, script.FormatLine(s))
	}
	if want := []string{"stop-load", "put city Oslo", "resume n1", "add-learner n2"}; !slices.Equal(said, want) {
		t.Errorf("the script is %q; want %q", said, want)
	}
	if err := b.Close(); err != nil {
		t.Errorf("closed after the end: %v", err)
	}
}

// goesOn starts with kept data, which have the member that came later.
func goesOn(t *testing.T, dir string) {
	t.Helper()
	data, err := sandbox.OpenData(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sandbox.OpenData(dir); !errors.Is(err, sandbox.ErrInUse) {
		t.Errorf("taken twice: %v", err)
	}
	if _, err := sandbox.NewData(dir); !errors.Is(err, sandbox.ErrNotEmpty) {
		t.Errorf("taken as new: %v", err)
	}
	s, err := data.Scenario()
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Cluster.Members; len(m) != 2 || m[1].Role != sim.Learner {
		t.Errorf("the members are %+v", m)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	b, err := sandbox.Open(ctx, sandbox.Config{Name: "small", Scenario: s, Idle: true, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	do(t, b, "wait leader")
	interrupt()
	<-b.Left()
	if _, err := b.Do(t.Context(), "wait 1h", true); !errors.Is(err, context.Canceled) {
		t.Errorf("a line after the end: %v", err)
	}
	if err := errors.Join(b.Close(), data.Release()); err != nil {
		t.Error(err)
	}
}

// TestWaitLeaderGivesUp says how the members are when there is no leader, and when there is one, finds it.
func TestWaitLeaderGivesUp(t *testing.T) {
	b, err := sandbox.Open(t.Context(), sandbox.Config{Name: "small", Scenario: quick(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() }) // the trace is of no interest
	do(t, b, "wait leader for 1m", "crash n1 n2")
	for { // the one that is left notices in its own time
		s, err := b.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s.Members[2].State == "pre-candidate" {
			break
		}
		do(t, b, "wait 20ms")
	}
	_, err = b.Do(t.Context(), "wait  leader for 50ms", true)
	var bad *run.InputError
	if err == nil || errors.As(err, &bad) || !regexp.MustCompile(`^no leader after 50ms: n1 is down; n2 is down; `+
		`n3 is (pre-candidate|follower) in term \d+ and knows no leader$`).MatchString(err.Error()) {
		t.Errorf("without a leader: %v", err)
	}
	do(t, b, "restart crashed", "wait leader")
}

// TestRefused starts nothing and leaves nothing.
func TestRefused(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	for _, tt := range []struct {
		name   string
		config sandbox.Config
		want   string
	}{
		{"name", sandbox.Config{Name: "Not a name"}, `"Not a name" is not a valid name`},
		{"members", sandbox.Config{Scenario: quick(t, "cluster.members=9")}, "9 members"},
	} {
		var bad *run.InputError
		if err := tt.config.Check(); !errors.As(err, &bad) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: Check says %v", tt.name, err)
		}
		if _, err := sandbox.Open(t.Context(), tt.config); !errors.As(err, &bad) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: Open says %v", tt.name, err)
		}
	}
	if err := (sandbox.Config{}).Check(); err != nil {
		t.Errorf("the zero value: %v", err)
	}
	_, err := sandbox.Dial("nobody")
	var none *sandbox.NotUpError
	if !errors.As(err, &none) || err.Error() != `no sandbox called "nobody" is running` {
		t.Errorf("nobody: %v", err)
	}
	if _, err := sandbox.OpenData(t.TempDir()); !errors.Is(err, sandbox.ErrNoData) {
		t.Errorf("an empty folder: %v", err)
	}
	unused := filepath.Join(t.TempDir(), "new")
	data, err := sandbox.NewData(unused)
	if err != nil {
		t.Fatal(err)
	}
	if err := data.Release(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(unused); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that no cluster came of is still there: %v", err)
	}
}
