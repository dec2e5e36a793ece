package compare

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// Measured is what is kept of one run of many: its measures by name, each a value or, for what is taken per
// operation, many.
type Measured map[string][]float64

// Repetition is a scenario that is run many times on one engine.
type Repetition struct {
	Scenario *sim.Scenario
	Engine   sim.Engine
	Runs     int // with consecutive seeds from the scenario's
	AtATime  int // how many at once, at least 1
	Version  string
	// First is called before each run, in the goroutine that will run it; may be nil. It must be safe for
	// concurrent use, see InTurn.
	First func(context.Context) error
	// Progress is called with how much of Total is done; may be nil. Calls do not overlap.
	Progress func(done time.Duration)
}

// Total is how long all runs take in their own time.
func (r Repetition) Total() time.Duration { return time.Duration(r.Runs) * r.Scenario.Run }

// Do runs the scenario and returns what each run gave, in the order of their seeds. The first error ends it:
// ctx's, First's, or the engine's with the seed.
func (r Repetition) Do(ctx context.Context) ([]Measured, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	trials, seeds := make([]Measured, r.Runs), make(chan int)
	var done sum
	var workers sync.WaitGroup
	for range min(r.Runs, r.AtATime) {
		workers.Go(func() {
			for i := range seeds {
				var err error
				if r.First != nil {
					err = r.First(ctx)
				}
				if err == nil {
					trials[i], err = r.one(ctx, Seeded(r.Scenario, r.Scenario.Seed+uint64(i)))
				}
				if err != nil {
					stop(err)
					return
				}
				done.add(r.Scenario.Run, r.Progress)
			}
		})
	}
	for i := 0; i < r.Runs && ctx.Err() == nil; i++ {
		select {
		case seeds <- i:
		case <-ctx.Done():
		}
	}
	close(seeds)
	workers.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return trials, nil
}

// Seeded is a scenario with another seed, and with its script delayed by up to an election
// timeout. Otherwise the faults would always hit the leader's own timers at the same point: on etcd, where it
// is elected as soon as the run begins, a fault at 5 s would always fall between the same two of its quorum checks.
func Seeded(scenario *sim.Scenario, seed uint64) *sim.Scenario {
	s := *scenario
	s.Seed = seed
	longest := max(s.Cluster.Election.Lo, s.Cluster.Election.Hi)
	later := time.Duration(sim.Below(sim.Stream(seed, "script"), int64(longest)))
	s.Steps = slices.Clone(s.Steps)
	for i := range s.Steps {
		s.Steps[i].At += later
	}
	s.Run += later
	return &s
}

// one runs a scenario once and keeps its measures. Nothing is judged: a comparison measures.
func (r Repetition) one(ctx context.Context, s *sim.Scenario) (Measured, error) {
	j, err := run.Do(ctx, s, r.Engine, run.Options{Version: r.Version, Keep: sim.AllKinds &^ sim.HighRate, Unjudged: true})
	if err != nil {
		return nil, fmt.Errorf("%s on %s, seed %d: %w", s.Name, r.Engine.Name(), s.Seed, err)
	}
	read, vs := check.Read(j.Trace), Measured{}
	for _, name := range compared {
		if name == putLatency {
			for _, d := range read.Latencies(sim.OpPut, sim.Window{}) {
				vs[name] = append(vs[name], sim.MillisOf(d))
			}
		} else if v, ok := read.Measure(name, sim.Window{}); ok {
			vs[name] = []float64{v}
		}
	}
	return vs, nil
}

// InTurn makes calls of a function run one at a time.
func InTurn(do func(context.Context) error) func(context.Context) error {
	var turn sync.Mutex
	return func(ctx context.Context) error {
		turn.Lock()
		defer turn.Unlock()
		return do(ctx)
	}
}

// sum adds up what runs side by side have done.
type sum struct {
	mu   sync.Mutex
	done time.Duration
}

func (s *sum) add(d time.Duration, tell func(time.Duration)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done += d
	if tell != nil {
		tell(s.done)
	}
}

// compared are the measures that are compared, in the order of the table.
var compared = []string{"failover", "leaderless.longest", putLatency, "latency.put.p99", "ops.failed"}

// putLatency is the one that has a value for each operation.
const putLatency = "latency.put"

// Between is what the runs of a scenario on two engines give: a row for each measure that either has.
func Between(truth, model Repetition, truthRuns, modelRuns []Measured) Agreement {
	s := truth.Scenario
	return Agreement{
		Name: s.Name, Title: s.Title, Seed: s.Seed,
		Real:  Runs{Engine: truth.Engine.Name(), N: len(truthRuns)},
		Model: Runs{Engine: model.Engine.Name(), N: len(modelRuns)},
		Rows:  rows(truthRuns, modelRuns),
	}
}

func rows(truth, model []Measured) (rs []Row) {
	for _, name := range compared {
		r := Row{Measure: name, PerRun: true, Real: sampled(truth, name), Model: sampled(model, name)}
		if name == putLatency {
			r.PerRun, r.Unit, r.About = false, sim.Millis, "the latency of answered puts, over all puts of all runs"
		} else {
			m := check.MeasureNamed(name)
			r.Unit, r.About = m.Unit, m.About
		}
		if !r.Empty() {
			rs = append(rs, r)
		}
	}
	return rs
}

func sampled(runs []Measured, name string) Sample {
	var vs []float64
	for _, r := range runs {
		vs = append(vs, r[name]...)
	}
	return Of(vs)
}
