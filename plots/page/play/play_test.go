package play_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"quorumlab/plots/page/play"
	"quorumlab/plots/page/replay"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

func do(t *testing.T, q play.Request) *play.Game {
	t.Helper()
	a, err := play.Do(t.Context(), "v", q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// small is a scenario that runs in a moment.
const small = "name: small\ncluster: {members: 3}\nworkload: {clients: 2, rate: 20/s}\nrun: 8s\n"

// What was played is a file that quorumlab run reproduces byte for byte.
func TestWhatIsPlayedIsAFile(t *testing.T) {
	a := do(t, play.Request{Scenario: small, At: 3 * time.Second, Do: "crash leader"})
	a = do(t, play.Request{Scenario: a.Scenario, At: 4500*time.Millisecond + 123, Do: "partition n1 | n2 n3 for 1s"})
	if a.Error != "" || len(a.Steps) != 2 || a.Dropped != 0 || a.Steps[1].Line != "partition n1 | n2 n3 for 1s" {
		t.Fatalf("%+v", a)
	}
	s, err := scenarios.Parse("small.yaml", []byte(a.Scenario))
	if err != nil {
		t.Fatal(err)
	}
	j, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{Version: "v"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := replay.Pack(j.Trace, j.Result)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Bytes()
	if err != nil || !bytes.HasSuffix(got, want) {
		t.Errorf("quorumlab run gives another run than was played (%v)", err)
	}

	// So is its trace, and what was done is known by then.
	var trace bytes.Buffer
	if err := j.Trace.Write(&trace); err != nil {
		t.Fatal(err)
	}
	var shares []float64
	a = do(t, play.Request{Scenario: a.Scenario, Trace: true,
		Progress: func(share float64) { shares = append(shares, share) }})
	if got, err = a.Bytes(); err != nil || !bytes.HasSuffix(got, trace.Bytes()) || trace.Len() == 0 {
		t.Errorf("the trace is not that of quorumlab run (%v)", err)
	}
	if len(shares) == 0 || !slices.IsSorted(shares) || shares[0] <= 0 || shares[len(shares)-1] > 1 {
		t.Errorf("the run is so far: %v", shares)
	}
}

// A statement in the past leaves what was before it, byte for byte, and drops what came after.
func TestAChangeInThePast(t *testing.T) {
	trace := func(text string) *sim.Trace {
		s, err := scenarios.Parse("small.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		j, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return j.Trace
	}
	a := do(t, play.Request{Scenario: small, At: 5 * time.Second, Do: "crash leader"})
	b := do(t, play.Request{Scenario: a.Scenario, At: 3 * time.Second, Do: "pause n2"})
	if b.Dropped != 1 || len(b.Steps) != 1 || b.Steps[0].Line != "pause n2" {
		t.Fatalf("%+v", b)
	}
	x, y := trace(a.Scenario), trace(b.Scenario)
	n := 0
	for n < len(x.Events) && x.Events[n].At < 3*time.Second {
		if x.Events[n] != y.Events[n] {
			t.Fatalf("event %d is %+v and was %+v", n, y.Events[n], x.Events[n])
		}
		n++
	}
	if n == 0 || n == len(x.Events) || x.Events[n] == y.Events[n] {
		t.Error("the futures do not part at the statement")
	}
}

func TestWhatCantBePlayedIsSaid(t *testing.T) {
	for _, tt := range []struct {
		name string
		q    play.Request
		want string
	}{
		{"no statement", play.Request{Scenario: small, Do: "crush n1"}, `unknown statement "crush"`},
		{"no member", play.Request{Scenario: small, Do: "crash n9"}, `n9`},
		{"not on sim", play.Request{Scenario: small, Do: "defrag all"}, "the sim engine can't"},
		{"after the end", play.Request{Scenario: small, At: 8 * time.Second, Do: "crash n1"}, "the run is over"},
		{"no scenario", play.Request{Scenario: "nonsense: ["}, "scenario:1"},
		{"too long", play.Request{Scenario: strings.Replace(small, "8s", "11m", 1)}, "more than 10m"},
		{"too large", play.Request{Scenario: "#" + strings.Repeat("x", play.MostText)}, "bytes"},
		{"too many events", play.Request{Scenario: strings.NewReplacer("20/s", "20000/s", "8s", "10m").Replace(small)},
			"more events"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if testing.Short() && tt.name == "too many events" {
				t.Skip("slow under the race detector")
			}
			if a := do(t, tt.q); !strings.Contains(a.Error, tt.want) || a.Scenario != "" {
				t.Errorf("the answer is %.300q %q, want %q", a.Error, a.Scenario, tt.want)
			}
		})
	}
}

func TestARunThatNobodyWaitsForEnds(t *testing.T) {
	ctx, gone := context.WithCancel(t.Context())
	gone()
	if _, err := play.Do(ctx, "v", play.Request{}); err == nil {
		t.Error("it ran to its end")
	}
}

// The start is a scenario that nobody needs to change to see something, and that holds what it should.
func TestStart(t *testing.T) {
	a := do(t, play.Request{})
	if a.Error != "" || a.Scenario == "" || len(a.Steps) != 0 {
		t.Fatalf("%+v", a)
	}
	verbs := map[string]bool{}
	for _, v := range a.Verbs {
		verbs[strings.Fields(v.Usage)[0]] = true
	}
	if !verbs["crash"] || !verbs["partition"] || !verbs["campaign"] || verbs["defrag"] {
		t.Errorf("what can be said is %v", verbs)
	}
	if again := do(t, play.Request{Scenario: a.Scenario}); again.Scenario != a.Scenario {
		t.Error("the scenario changes by being read again")
	}
}
