package shrink

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"quorumlab/sim"
)

// Options say how to shrink.
type Options struct {
	// Fails reports whether a scenario, which is valid, fails in the way that is looked
	// for. It is called from one goroutine.
	Fails func(ctx context.Context, s *sim.Scenario) bool
	// Defaults is a scenario with the language's defaults, which are the simplest
	// settings. Its members and steps do not matter.
	Defaults *sim.Scenario
	// Seeds is how many seeds a smaller scenario is tried with, at least 1: the one that
	// fails now, then 1, 2 and so on. At the end, steps are left out with many times as many.
	Seeds int
	// Smaller is called for each pass that made the scenario smaller; it may be nil.
	Smaller func(BestSoFar)
}

// BestSoFar is how far the search for the smallest scenario is.
type BestSoFar struct {
	Pass string // what was reduced
	Runs int    // how many scenarios were run so far
	Best *sim.Scenario
}

// Shrink returns the smallest scenario found and how many were run. s itself must fail,
// and is not changed. When ctx is done it returns the smallest so far.
func Shrink(ctx context.Context, s *sim.Scenario, o Options) (smallest *sim.Scenario, runs int) {
	h := &shrinker{ctx: ctx, o: o, best: clone(s)}
	for again := true; again; {
		h.look(1)
		for h.all(passes) {
		}
		h.look(patience)
		again = len(h.best.Steps) > 1 && h.all(passes[:1])
	}
	return h.best, h.runs
}

// patience is how many times as many seeds are tried without a step, once nothing is found with a
// few: that each is needed may only be the luck of a seed. By then runs are short.
const patience = 16

// look makes it look again at what did not fail, with so many times the seeds.
func (h *shrinker) look(times int) {
	h.seeds, h.tried = times*max(1, h.o.Seeds), map[string]bool{}
}

// all goes through passes and reports whether one of them made the scenario smaller.
func (h *shrinker) all(passes []pass) (smaller bool) {
	for _, p := range passes {
		before := h.accepted
		p.run(h)
		if h.accepted > before {
			smaller = true
			if h.o.Smaller != nil {
				h.o.Smaller(BestSoFar{p.name, h.runs, h.best})
			}
		}
	}
	return smaller && h.ctx.Err() == nil
}

type shrinker struct {
	ctx      context.Context
	o        Options
	best     *sim.Scenario
	seeds    int // to try each with
	runs     int
	accepted int
	tried    map[string]bool // what does not fail, or is no scenario
}

// try makes an edit of the best scenario the best, if it still fails with one of the
// seeds. An edit that changes nothing is no gain.
func (h *shrinker) try(edit func(c *sim.Scenario)) bool {
	c := clone(h.best)
	edit(c)
	c.Expect = slices.DeleteFunc(c.Expect, func(e sim.Expectation) bool { return !c.Names(e) })
	key := whole(c)
	if h.ctx.Err() != nil || h.tried[key] || key == whole(h.best) {
		return false
	}
	h.tried[key] = true
	if len(c.Validate()) > 0 {
		return false
	}
	for i := range h.seeds {
		if i > 0 {
			c.Seed = uint64(i)
		}
		h.runs++
		if h.o.Fails(h.ctx, c) {
			h.best = c
			h.accepted++
			return true
		}
	}
	return false
}

// whole tells scenarios apart: it is how a trace's header has one, with everything that can be set.
func whole(s *sim.Scenario) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("a scenario can't be written: %v", err)) // all that it holds can be
	}
	return string(b)
}

// remove removes as many of n things as it can, in halves, quarters and so on, and again
// until no single one can go. The later ones go first.
func (h *shrinker) remove(count func() int, cut func(c *sim.Scenario, from, to int)) {
	for size := count(); size > 0; {
		gone := false
		for to := count(); to > 0; {
			from := max(0, to-size)
			if h.try(func(c *sim.Scenario) { cut(c, from, to) }) {
				gone = true
			}
			to = min(from, count())
		}
		if size > 1 || !gone {
			size /= 2
		}
	}
}

// lower reduces as far as it can a number that may not go below least: all of it, or
// half, or a quarter and so on.
func (h *shrinker) lower(least, now int64, set func(c *sim.Scenario, v int64)) {
	for less := now - least; less > 0; {
		if v := now - less; h.try(func(c *sim.Scenario) { set(c, v) }) {
			now = v
			less = min(less, now-least)
		} else {
			less /= 2
		}
	}
}

// clone shares nothing that an edit changes.
func clone(s *sim.Scenario) *sim.Scenario {
	c := *s
	c.Cluster.Members = slices.Clone(s.Cluster.Members)
	c.Cluster.Links = slices.Clone(s.Cluster.Links)
	c.Expect = slices.Clone(s.Expect)
	c.Steps = slices.Clone(s.Steps)
	for i := range c.Steps {
		c.Steps[i].Do.Groups = slices.Clone(c.Steps[i].Do.Groups)
		for j, g := range c.Steps[i].Do.Groups {
			c.Steps[i].Do.Groups[j] = slices.Clone(g)
		}
	}
	return &c
}
