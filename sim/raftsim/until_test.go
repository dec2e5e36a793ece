package raftsim_test

import (
	"slices"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// A run until its failover is the beginning of the whole run, and ends with the
// event that completes the failover.
func TestUntilEndsWithTheMeasure(t *testing.T) {
	for seed := range uint64(10) {
		whole := base(5)
		whole.Seed = seed
		step(t, whole, 4*time.Second, "crash leader")
		short := *whole
		short.Until = "failover"

		long, cut := play(t, raftsim.Engine{}, whole), play(t, raftsim.Engine{}, &short)
		n := len(cut.Events) - 1 // the last is the note on the end
		if !slices.Equal(long.Events[:n], cut.Events[:n]) {
			t.Fatalf("seed %d: the run that ends sooner is another one", seed)
		}
		end := cut.Events[n]
		if end.Kind != sim.KindNote || end.At != cut.End() || end.At >= whole.Run {
			t.Errorf("seed %d: it ends with %+v at %s", seed, end, cut.End())
		}
		failover := check.MeasureNamed("failover")
		want, _ := failover.Compute(long, sim.Window{})
		if got, ok := failover.Compute(cut, sim.Window{}); !ok || got != want {
			t.Errorf("seed %d: failover is %v ms, want %v", seed, got, want)
		}
	}
}

// What a meter reads while the run goes on is what the measure reads off the trace.
func TestMetersAreTheMeasures(t *testing.T) {
	for _, name := range check.Metered() {
		for seed := range uint64(5) {
			s := base(5)
			s.Seed = seed
			step(t, s, 3*time.Second, "isolate leader", time.Second)
			step(t, s, 5*time.Second, "pause leader", 2*time.Second)
			m := check.MeasureNamed(name)
			meter := m.Meter(s)
			rec := sim.NewRecorder(sim.AllKinds, meter, check.NewSafety())
			if err := (raftsim.Engine{}).Run(t.Context(), s, rec, nil); err != nil {
				t.Fatal(err)
			}
			want, there := m.Compute(rec.Trace(s, "sim", "test"), sim.Window{})
			if got, ok := meter.Value(); got != want || ok != there || ok != meter.Done() {
				t.Errorf("seed %d: %s is %v (%v) on the meter and %v (%v) in the trace", seed, name, got, ok, want, there)
			}
		}
	}
}

// Without its measure a run lasts until Run.
func TestUntilThatNeverComes(t *testing.T) {
	s := base(3)
	s.Until = "failover"
	if tr := play(t, raftsim.Engine{}, s); tr.End() != s.Run {
		t.Errorf("it ends at %s, not at %s", tr.End(), s.Run)
	}
}

func TestCampaignMakesTheLeader(t *testing.T) {
	s := base(5)
	step(t, s, 0, "campaign n4")
	step(t, s, 5*time.Second, "campaign n2")
	tr := play(t, raftsim.Engine{}, s)
	var leaders []sim.MemberID
	for _, e := range tr.Events {
		if e.Kind == sim.KindState && e.Role == sim.Leader {
			leaders = append(leaders, e.Member)
		}
	}
	if want := []sim.MemberID{4}; !slices.Equal(leaders, want) {
		t.Errorf("leaders are %v, want %v: with pre-vote and check-quorum nobody unseats a leader that is heard", leaders,
			want)
	}
}

// A step with a Within comes at a moment of its own for each seed, over all of the
// stretch and never outside of it.
func TestWithinDrawsTheMoment(t *testing.T) {
	alone(t)
	const from, length = 2 * time.Second, time.Second
	var thirds [3]int
	for seed := range uint64(300) {
		s := base(3)
		s.Seed = seed
		step(t, s, from, "crash n1")
		s.Steps[0].Within = length
		at := s.StepTime(0)
		if at < from || at >= from+length {
			t.Fatalf("seed %d: the step comes at %s", seed, at)
		}
		thirds[(at-from)*3/length]++
		if seed == 0 {
			if n := count(play(t, raftsim.Engine{}, s), sim.KindCrashed, func(e sim.Event) bool { return e.At == at }); n != 1 {
				t.Errorf("%d members crash at %s", n, at)
			}
		}
	}
	for i, n := range thirds {
		if n < 70 || n > 130 { // 100 expected, 8 the standard deviation
			t.Errorf("%d of 300 steps come in third %d", n, i+1)
		}
	}
}
