package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// trial is what is kept of one run of many: its figures by name, each a value or, for
// what is measured per operation, many.
type trial map[string][]float64

// repeat runs a job n times, with the seeds from its scenario's on, at most so many at a
// time, and returns the trials in the order of their seeds. Each has something done first, in the
// place where it will run. The first error ends it.
func repeat(ctx context.Context, j job, n, atATime int, first func(context.Context) error, io streams) ([]trial, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	bar := &sharedProgress{bar: newProgress(io, j.scenario.Name+" on "+j.engine.Name(), time.Duration(n)*j.scenario.Run)}
	defer bar.bar.done()
	trials, seeds := make([]trial, n), make(chan int)
	var workers sync.WaitGroup
	for range min(n, atATime) {
		workers.Go(func() {
			for i := range seeds {
				err := first(ctx)
				if err == nil {
					trials[i], err = j.seeded(j.scenario.Seed + uint64(i)).trial(ctx)
				}
				if err != nil {
					stop(err)
					return
				}
				bar.add(j.scenario.Run)
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
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

// seeded is the same job with another seed, and with its script later by up to an election
// time. Otherwise the faults would come at the same place of the leader's own timers each
// time: on etcd, where it is elected as soon as the run begins, a fault at 5 s would always
// fall between the same two of its looks for a quorum.
func (j job) seeded(seed uint64) job {
	s := *j.scenario
	s.Seed = seed
	longest := max(s.Cluster.Election.Lo, s.Cluster.Election.Hi)
	later := time.Duration(sim.Below(sim.Stream(seed, "script"), int64(longest)))
	s.Steps = slices.Clone(s.Steps)
	for i := range s.Steps {
		s.Steps[i].At += later
	}
	s.Run += later
	j.scenario = &s
	return j
}

// trial runs the job and keeps its figures. Nothing is judged: a comparison measures.
func (j job) trial(ctx context.Context) (trial, error) {
	rec := sim.NewRecorder(sim.AllKinds &^ sim.HighRate)
	check.Until(rec, j.scenario)
	if err := j.engine.Run(ctx, j.scenario, rec, nil); err != nil {
		return nil, errRun(j, err)
	}
	r, t := check.Read(rec.Trace(j.scenario, j.engine.Name(), version)), trial{}
	for _, name := range comparedFigures {
		if name == putLatency {
			for _, d := range r.Latencies(sim.OpPut, sim.Window{}) {
				t[name] = append(t[name], sim.MillisOf(d))
			}
		} else if v, ok := r.Figure(name, sim.Window{}); ok {
			t[name] = []float64{v}
		}
	}
	return t, nil
}

// sharedProgress adds up what runs side by side have done.
type sharedProgress struct {
	mu   sync.Mutex
	bar  *progress
	done time.Duration
}

func (p *sharedProgress) add(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += d
	p.bar.at(p.done)
}
