package lessons

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/engines"
)

// ScenarioJudge judges a scenario by running it.
type ScenarioJudge struct {
	// Engine that it runs on: sim where possible, since marks must not depend on luck.
	Engine string
	// Seeds is how many seeds it is run with; 0: one. They are the judge's: the answer's own is never
	// among them, since it may have been sought for its luck.
	Seeds int
	// Given reports a change to a part of the start that must stay as it is; nil: everything
	// may change. An answer that changes the question gets no points, with the reason.
	Given func(answer *sim.Scenario) error
	// Must lists the requirements.
	Must []Criterion
}

// Criterion is one requirement for a scenario: Expect or Shows for its runs, or Holds for the
// scenario itself.
type Criterion struct {
	Points int
	What   string // in a few words
	Hint   string
	// Except is how many of the seeds may fail, where even a good answer needs some luck.
	Except int
	// Expect is an expectation as in scenarios: "failover <= 2s", "linearizable", "not progress".
	Expect string
	// Shows reports whether a run shows what is required, and why, where no expectation can
	// express it.
	Shows func(t *sim.Trace) (ok bool, why string)
	// Holds reports whether the scenario is as required, and why.
	Holds func(s *sim.Scenario) (ok bool, why string)
}

// Judge runs the answer for every seed. A criterion must hold for all but Except of them.
func (j ScenarioJudge) Judge(ctx context.Context, env *Env, name string, answer []byte) ([]Mark, error) {
	s, err := scenarios.Parse(name, answer)
	if err != nil {
		return nil, &BadAnswer{err}
	}
	engine := cmp.Or(j.Engine, "sim")
	s.Engines = []string{engine}
	if err := refuse(s, engine); err != nil {
		return nil, &BadAnswer{err}
	}
	if j.Given != nil {
		if err := j.Given(s); err != nil {
			return j.none(err), nil
		}
	}
	return j.marks(ctx, env, name, s, engine)
}

// none gives no points, all for one reason.
func (j ScenarioJudge) none(err error) (ms []Mark) {
	for _, c := range j.Must {
		ms = append(ms, Mark{What: c.What, Of: c.Points, Why: "not judged: " + err.Error(), Hint: "put back what the task " +
			"specifies"})
	}
	return ms
}

func (j ScenarioJudge) marks(ctx context.Context, env *Env, name string, s *sim.Scenario, engine string) ([]Mark,
	error) {
	expect, err := j.expectations()
	if err != nil {
		return nil, err
	}
	s.Expect = expect
	if s.Run > longestRun {
		return nil, &BadAnswer{fmt.Errorf("%s: an answer runs for at most %s, not %s", name, sim.FormatDuration(longestRun),
			sim.FormatDuration(s.Run))}
	}
	tallies, ran := map[string]*tally{}, 0
	for _, seed := range j.seeds(s.Seed) {
		if j.lost(tallies) {
			break
		}
		ran++
		s.Seed = seed
		env.Say("%s on %s, seed %d", s.Name, engine, s.Seed)
		t, result, err := RunScenario(ctx, s, engine, env.Version)
		if err != nil {
			return nil, err
		}
		for i, c := range j.Must {
			if c.Shows != nil {
				ok, why := c.Shows(t)
				result.Verdicts = append(result.Verdicts, sim.Verdict{Check: shown(i), OK: ok, Why: why})
			}
		}
		count(tallies, result, s.Seed)
	}
	var ms []Mark
	for i, c := range j.Must {
		ms = append(ms, c.mark(s, tallies, shown(i), ran))
	}
	return ms, nil
}

// longestRun is how long an answer's run may be, in its own time.
const longestRun = 10 * time.Minute

// lost is whether nothing can be won any more, so that the other seeds need not be run.
func (j ScenarioJudge) lost(tallies map[string]*tally) bool {
	for i, c := range j.Must {
		if c.Holds != nil {
			continue
		}
		name := shown(i)
		if e, err := check.ParseExpectation(c.Expect); c.Shows == nil && err == nil {
			name = verdictName(tallies, e)
		}
		if y := tallies[name]; y == nil || y.failed <= c.Except {
			return false
		}
	}
	return true
}

// firstSeed is the first seed that answers are judged with, unless it is their own.
const firstSeed = 40_000

// seeds are those to judge with; own is the answer's.
func (j ScenarioJudge) seeds(own uint64) (seeds []uint64) {
	for seed := uint64(firstSeed); len(seeds) < max(j.Seeds, 1); seed++ {
		if seed != own {
			seeds = append(seeds, seed)
		}
	}
	return seeds
}

// shown is the name of the verdict on what the criterion's Shows tells.
func shown(criterion int) string { return fmt.Sprint("criterion ", criterion) }

// expectations are those of the criteria: the answer's own expectations don't count.
func (j ScenarioJudge) expectations() (es []sim.Expectation, err error) {
	for _, c := range j.Must {
		if c.Expect == "" {
			continue
		}
		e, err := check.ParseExpectation(c.Expect)
		if err != nil {
			return nil, fmt.Errorf("criterion %q: %w", c.Expect, err)
		}
		es = append(es, e)
	}
	return es, nil
}

// tally is what came of one requirement over the seeds.
type tally struct {
	failed      int
	first, last sim.Verdict // the first that failed, and the last that did not
}

// count adds a run's verdicts to the tallies, which are by the verdicts' names.
func count(tallies map[string]*tally, r *check.Result, seed uint64) {
	for _, v := range r.Verdicts {
		y := tallies[v.Check]
		if y == nil {
			y = &tally{}
			tallies[v.Check] = y
		}
		switch {
		case v.OK:
			y.last = v
		case y.failed == 0:
			v.Why = fmt.Sprintf("with seed %d: %s", seed, v.Why)
			y.first = v
			fallthrough
		default:
			y.failed++
		}
	}
}

func (c Criterion) mark(s *sim.Scenario, tallies map[string]*tally, name string, seeds int) Mark {
	if c.Holds != nil {
		ok, why := c.Holds(s)
		return Marked(ok, c.Points, c.What, why, c.Hint)
	}
	if c.Shows == nil {
		e, err := check.ParseExpectation(c.Expect)
		if err != nil {
			return Marked(false, c.Points, c.What, err.Error(), c.Hint)
		}
		name = verdictName(tallies, e)
	}
	y := tallies[name]
	if y == nil {
		return Marked(false, c.Points, c.What, "there is no verdict on "+name, c.Hint)
	}
	return Marked(y.failed <= c.Except, c.Points, c.What, y.why(seeds), c.Hint)
}

// why is the evidence: how often it held, and one of the runs.
func (y *tally) why(seeds int) string {
	switch {
	case seeds == 1 && y.failed == 0:
		return y.last.Why
	case seeds == 1:
		return y.first.Why
	case y.failed == 0:
		return fmt.Sprintf("held for %d seeds; with the last: %s", seeds, y.last.Why)
	}
	return fmt.Sprintf("held for %d of %d seeds; %s", seeds-y.failed, seeds, y.first.Why)
}

// verdictName is under which name the verdict on an expectation is found.
func verdictName(tallies map[string]*tally, e sim.Expectation) string {
	for _, name := range []string{e.String(), e.Check} {
		if _, ok := tallies[name]; ok {
			return name
		}
	}
	return e.String()
}

// refuse returns why the engine can't run the scenario.
func refuse(s *sim.Scenario, engine string) error {
	e, err := engines.Named(engine)
	if err != nil {
		return err
	}
	if rs := e.Refuse(s); len(rs) > 0 {
		return &sim.RefusedError{Scenario: s.Name, Engine: engine, Refusals: rs}
	}
	return nil
}
