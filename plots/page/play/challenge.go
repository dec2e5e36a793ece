package play

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/scenarios"
	"quorumlab/sim"
)

// Challenge is a task for who plays: to bring a cluster into a state by statements.
type Challenge struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Text  string   `json:"text"`
	Hints []string `json:"hints"`
	Verbs []string `json:"verbs"` // the statements that are allowed; none: all
	Most  int      `json:"most"`  // how many statements there may be; 0: any number

	start string // the scenario, whose expectations are goals
	goals []goal // more goals
	model []line // an answer, for the tests
}

// goal is what must be so in the run, where no measure says it.
type goal struct {
	text  string
	holds func(t *sim.Trace) bool
}

// line is a statement of an answer at its moment.
type line struct {
	at time.Duration
	do string
}

// GameGoal is a goal and whether it was reached.
type GameGoal struct {
	Text string `json:"text"`
	OK   bool   `json:"ok"`
}

// Challenges lists the challenges, the easiest first.
func Challenges() []Challenge { return challenges }

// challengeNamed finds a challenge, or nil.
func challengeNamed(name string) *Challenge {
	i := slices.IndexFunc(challenges, func(c Challenge) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &challenges[i]
}

// allows is the error of a scenario that does more than the challenge lets one do.
func (c *Challenge) allows(s *sim.Scenario) error {
	start, err := scenarios.Parse(c.Name, []byte(c.start))
	if err != nil {
		return err
	}
	own := *s
	own.Steps = start.Steps
	if string(scenarios.Format(&own)) != string(scenarios.Format(start)) {
		return errors.New("the challenge is about what happens to this cluster: its settings stay as they are")
	}
	if c.Most > 0 && len(s.Steps) > c.Most {
		return fmt.Errorf("the challenge allows %d statements at most", c.Most)
	}
	for _, st := range s.Steps {
		if len(c.Verbs) > 0 && !slices.Contains(c.Verbs, st.Do.Verb) {
			return fmt.Errorf("the challenge does not allow %s, only %s", st.Do.Verb, strings.Join(c.Verbs, ", "))
		}
	}
	return nil
}

// reached tells which goals a run reached.
func (c *Challenge) reached(t *sim.Trace, verdicts []sim.Verdict) (gs []GameGoal) {
	for _, e := range t.Scenario.Expect {
		text := e.String()
		ok := slices.ContainsFunc(verdicts, func(v sim.Verdict) bool {
			return v.OK && (v.Check == text || e.Check != "" && strings.TrimPrefix(v.Check, "not ") == e.Check)
		})
		gs = append(gs, GameGoal{text, ok})
	}
	for _, g := range c.goals {
		gs = append(gs, GameGoal{g.text, g.holds(t)})
	}
	return gs
}
