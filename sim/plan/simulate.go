package plan

import (
	"context"
	"math"
	"slices"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// How much the simulator does for Simulate: enough for the 99th percentile of writes and the
// 90th of failovers.
const (
	checkedWrites    = 2000
	checkedFailovers = 200
)

// Simulate runs the planned cluster under its load on an engine in virtual time, and then crashes its leader
// many times. Errors are the engine's.
func (p *Plan) Simulate(ctx context.Context, e sim.Engine) (*Simulated, error) {
	rate := p.Latency.Writes
	if rate == 0 || rate > p.Latency.Ceiling {
		rate = 1
	}
	s := p.WriteTrial(rate, time.Duration(checkedWrites/rate*float64(time.Second)), 1)
	r, err := run.Do(ctx, s, e, run.Options{Keep: sim.AllKinds &^ sim.HighRate, Unjudged: true})
	if err != nil {
		return nil, err
	}
	failovers, err := p.simulateFailovers(ctx, e)
	if err != nil {
		return nil, err
	}
	return p.Lay(answered(r.Trace), failovers), nil
}

func (p *Plan) simulateFailovers(ctx context.Context, e sim.Engine) (took []float64, err error) {
	if p.Input.Members < 3 {
		return nil, nil
	}
	o := run.Options{Ask: &check.Questions{Readings: []sim.Reading{{Measure: "failover", In: sim.Millis}},
		Checks: []string{"none"}}}
	for seed := range uint64(checkedFailovers) {
		r, err := run.Do(ctx, p.FailoverTrial(seed+1), e, o)
		if err != nil {
			return nil, err
		}
		if v := r.Answers.Values[0]; !math.IsNaN(v) {
			took = append(took, v)
		}
	}
	slices.Sort(took)
	return took, nil
}
