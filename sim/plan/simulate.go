package plan

import (
	"context"
	"math"
	"slices"
	"time"

	"quorumlab/internal/stats"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/run"
)

// How much the simulator does for Simulate: rounds of so many, until the quantiles are known well enough or there
// were that many rounds.
const (
	checkedWrites    = 2000
	checkedFailovers = 200
	mostRoundsRun    = 20
	wellEnough       = 0.05 // half of the widest 95% interval, as a share of its quantile
)

// Simulate runs the planned cluster under its load on an engine in virtual time, and then crashes its leader many
// times, until the quantiles' own 95% intervals are narrow, but not for ever. Errors are the engine's.
func (p *Plan) Simulate(ctx context.Context, e sim.Engine) (*Simulated, error) {
	writes, err := untilNarrow(writesShown, func(round uint64) ([]float64, error) {
		return p.simulateWrites(ctx, e, round)
	})
	if err != nil {
		return nil, err
	}
	failovers, err := untilNarrow(failoversShown, func(round uint64) ([]float64, error) {
		return p.simulateFailovers(ctx, e, round)
	})
	if err != nil {
		return nil, err
	}
	return p.Lay(writes, failovers), nil
}

// untilNarrow collects the results of rounds, sorted. A round without any is the last.
func untilNarrow(shown []float64, round func(n uint64) ([]float64, error)) (all []float64, err error) {
	for n := range uint64(mostRoundsRun) {
		more, err := round(n)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
		slices.Sort(all)
		if len(more) == 0 || narrow(all, shown) {
			break
		}
	}
	return all, nil
}

// narrow reports whether the quantiles of sorted values are known well enough.
func narrow(sorted, quantiles []float64) bool {
	for _, q := range quantiles {
		lo, hi := interval(sorted, q)
		if hi-lo > 2*wellEnough*stats.Quantile(sorted, q) {
			return false
		}
	}
	return true
}

// interval is a quantile's 95% interval by order statistics, with the normal distribution for the ranks.
func interval(sorted []float64, q float64) (lo, hi float64) {
	n := float64(len(sorted))
	half := 1.96 * math.Sqrt(n*q*(1-q))
	at := func(rank float64) float64 { return sorted[int(max(0, min(rank, n-1)))] }
	return at(math.Floor(n*q - half)), at(math.Ceil(n*q + half))
}

func (p *Plan) simulateWrites(ctx context.Context, e sim.Engine, round uint64) ([]float64, error) {
	rate := p.Latency.Writes
	if rate == 0 || rate > p.Latency.Ceiling {
		rate = 1
	}
	s := p.WriteTrial(rate, time.Duration(checkedWrites/rate*float64(time.Second)), 1+round)
	r, err := run.Do(ctx, s, e, run.Options{Keep: sim.AllKinds &^ sim.HighRate, Unjudged: true})
	if err != nil {
		return nil, err
	}
	return answered(r.Trace), nil
}

func (p *Plan) simulateFailovers(ctx context.Context, e sim.Engine, round uint64) (took []float64, err error) {
	if p.Input.Members < 3 {
		return nil, nil
	}
	o := run.Options{Ask: &check.Questions{Readings: []sim.Reading{{Measure: "failover", In: sim.Millis}},
		Checks: []string{"none"}}}
	for seed := range uint64(checkedFailovers) {
		r, err := run.Do(ctx, p.FailoverTrial(round*checkedFailovers+seed+1), e, o)
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
