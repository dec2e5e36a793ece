package play

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"quorumlab/plots/page/replay"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/script"
)

// Request is a scenario and what to add to it.
type Request struct {
	Scenario string        `json:"scenario"` // as text; empty: the one that visitors start with
	At       time.Duration `json:"at"`       // when Do happens, in nanoseconds
	Do       string        `json:"do"`       // a statement, perhaps with "for" and a time; empty: nothing is added
	// Challenge is the name of the challenge that is played, or empty.
	Challenge string `json:"challenge"`
	// Trace asks for the run's trace in the place of the packed run: what quorumlab run writes, byte for byte.
	Trace bool `json:"trace"`
	// Progress, if set, is called now and then with how far the run is, from 0 to 1.
	Progress func(share float64) `json:"-"`
}

// Game is what became of a request. A request that can't be carried out has an Error, and nothing else.
type Game struct {
	Error    string     `json:"error"`
	Scenario string     `json:"scenario"` // as text, with the statement
	Steps    []GameStep `json:"steps"`
	Dropped  int        `json:"dropped"` // steps after the statement, which belong to another future
	Verbs    []GameVerb `json:"verbs"`   // what can be said
	Goals    []GameGoal `json:"goals"`   // of the challenge
	Solved   bool       `json:"solved"`  // all of them were reached
	run      []byte
}

// GameVerb is a statement that the sim engine can carry out.
type GameVerb struct {
	Usage   string `json:"usage"`
	About   string `json:"about"`
	Example string `json:"example"`
}

// gameVerbs lists them by name.
var gameVerbs = sync.OnceValue(func() (vs []GameVerb) {
	for _, v := range script.Verbs() {
		st, err := script.Parse(v.Example)
		if err != nil {
			panic(err) // the examples are the program's own
		}
		if len(raftsim.Engine{}.Refuse(&sim.Scenario{Steps: []sim.Step{{Do: st}}})) == 0 {
			vs = append(vs, GameVerb{v.Usage(), v.About, v.Example})
		}
	}
	return vs
})

// GameStep is a step of the scenario for people.
type GameStep struct {
	At   time.Duration `json:"at"`
	Line string        `json:"line"`
}

// The bounds of what a browser may ask for.
const (
	MostText   = 64 << 10         // of a request, in bytes
	mostTime   = 10 * time.Minute // of a run
	mostEvents = 700_000
)

// start is the scenario that visitors start with: quiet enough to be watched, and long enough to be played with.
const start = `name: play
title: "A cluster to play with"
about: |
  Five members elect a leader, and a few clients write. Click a member to crash, pause or cut it off, drag a line
  between members to part them, or type a statement.
cluster: {members: 5}
workload: {clients: 4, rate: 10/s}
run: 60s
`

// Do carries out a request. Version is the program's, for the trace. The error is ctx's, or one of the machine;
// what is wrong with the request is in the answer.
func Do(ctx context.Context, version string, q Request) (*Game, error) {
	c := challengeNamed(q.Challenge)
	if c == nil && q.Challenge != "" {
		return &Game{Error: fmt.Sprintf("unknown challenge %q", q.Challenge)}, nil
	}
	if c != nil && q.Scenario == "" {
		q.Scenario = c.start
	}
	s, dropped, err := q.scenario()
	if err == nil && c != nil {
		err = c.allows(s)
	}
	if err != nil {
		return &Game{Error: err.Error()}, nil
	}
	t, r, err := q.simulate(ctx, version, s)
	switch refused := (*sim.RefusedError)(nil); {
	case errors.As(err, &refused):
		return &Game{Error: refused.Error()}, nil
	case errors.Is(err, sim.ErrFlood), errors.Is(err, sim.ErrStandstill):
		return &Game{Error: "this run has more events than can be played: " + err.Error()}, nil
	case err != nil:
		return nil, err
	}
	a := &Game{Scenario: string(scenarios.Format(s)), Dropped: dropped, Steps: []GameStep{}, Verbs: gameVerbs(),
		Goals: []GameGoal{}}
	if c != nil {
		a.Goals = c.reached(t, r.Verdicts)
		a.Solved = !slices.ContainsFunc(a.Goals, func(g GameGoal) bool { return !g.OK })
	}
	for i := range s.Steps {
		a.Steps = append(a.Steps, GameStep{s.StepTime(i), script.FormatLine(s.Steps[i])})
	}
	if q.Trace {
		var b bytes.Buffer
		err = t.Write(&b)
		a.run = b.Bytes()
		return a, err
	}
	a.run, err = replay.Pack(t, r)
	return a, err
}

// scenario is the request's scenario with its statement, and how many steps that left out.
func (q *Request) scenario() (s *sim.Scenario, dropped int, err error) {
	if q.Scenario == "" {
		q.Scenario = start
	}
	if len(q.Scenario)+len(q.Do) > MostText {
		return nil, 0, fmt.Errorf("the scenario has more than %d bytes", MostText)
	}
	if s, err = scenarios.Parse("scenario", []byte(q.Scenario)); err != nil {
		return nil, 0, err
	}
	if s.Run > mostTime {
		return nil, 0, fmt.Errorf("a run of more than %s can't be played here; quorumlab run takes it",
			sim.FormatDuration(mostTime))
	}
	if q.Do == "" {
		return s, 0, nil
	}
	st, err := script.ParseLine(q.Do)
	if err != nil {
		return nil, 0, err
	}
	// The file has times to the microsecond, so that people can read them.
	st.At = max(q.At, 0).Truncate(time.Microsecond)
	if st.At >= s.Run {
		return nil, 0, errors.New("the run is over at this moment: go back before you change something")
	}
	all := len(s.Steps)
	s.Steps = slices.DeleteFunc(s.Steps, func(o sim.Step) bool { return o.At > st.At })
	dropped = all - len(s.Steps)
	s.Steps = append(s.Steps, st)
	// What was built is read again, so that it is checked as a file is, and is what the file says.
	s, err = scenarios.Parse("scenario", scenarios.Format(s))
	return s, dropped, err
}

// simulate runs a scenario, as quorumlab run does on the sim engine.
func (q *Request) simulate(ctx context.Context, version string, s *sim.Scenario) (*sim.Trace, *check.Result, error) {
	safety := check.NewSafety()
	rec := sim.NewRecorder(sim.AllKinds, safety)
	check.Until(rec, s)
	e := raftsim.Engine{}.Bounded(mostEvents)
	var progress func(time.Duration)
	if q.Progress != nil {
		progress = func(at time.Duration) { q.Progress(min(float64(at)/float64(s.Run), 1)) }
	}
	if err := e.Run(ctx, s, rec, progress); err != nil {
		return nil, nil, err
	}
	t := rec.Trace(s, e.Name(), version)
	return t, check.Judge(t, check.WithSafety(safety)), nil
}

// Bytes is the answer for a browser: the length of its text in four bytes, the text as JSON, then the packed run or
// the trace.
func (a *Game) Bytes() ([]byte, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("play: %w", err)
	}
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...), a.run...), nil
}
