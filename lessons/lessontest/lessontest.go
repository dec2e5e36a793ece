// Package lessontest tests a lesson as its folder ships it: every step's claims hold, every
// prediction has a right answer, and each task is solved by its model answer and not by
// its start.
package lessontest

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"quorumlab/internal/postgres/postgrestest"
	"quorumlab/lessons"
	"quorumlab/sim/etcdsim/cluster"
)

// Main is the body of the TestMain of a lesson on real servers: it makes this test's own helpers, and nothing may be
// left running in the end.
func Main(m *testing.M) {
	cluster.Main()
	goleak.VerifyTestMain(m)
}

// Whole tests the lesson. The steps run one after the other, since their
// measurements must not disturb each other; tasks run in parallel. In short mode, which the
// race pass uses, whatever runs on real members is left out: etcdsim's own tests cover that. Where
// PostgreSQL is missing, lessons that need it are skipped with the reason.
func Whole(t *testing.T, l lessons.Lesson) {
	if err := l.Validate(); err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		t.Skip("lessons run whole without -short; their parts have race tests of their own")
	}
	postgrestest.Need(t, l.Lacks(t.Context()))
	for i := range l.Steps {
		t.Run("step "+l.Steps[i].ID, func(t *testing.T) { step(t, &l.Steps[i]) })
	}
	for i := range l.Tasks {
		t.Run("task "+l.Tasks[i].ID, func(t *testing.T) {
			t.Parallel()
			task(t, &l.Tasks[i])
		})
	}
}

func step(t *testing.T, s *lessons.LessonStep) {
	r, err := s.Play(t.Context(), env(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if !f.Holds {
			t.Errorf("%s: %s", f.Claim, f.Why)
		}
	}
	for i := range s.Predictions {
		prediction(t, &s.Predictions[i], r.Observations)
	}
	for _, p := range r.Observations.Pictures {
		if !bytes.Contains(p.SVG, []byte("<svg")) || !bytes.HasPrefix(p.PNG, []byte("\x89PNG")) {
			t.Errorf("picture %s is not an SVG with a PNG", p.Name)
		}
	}
}

// prediction holds that what came out can be predicted, and that with choices something
// else can be, too.
func prediction(t *testing.T, p *lessons.Prediction, o *lessons.Observations) {
	fact, _ := o.Fact(p.Fact)
	if err := p.Accept(fact.String()); err != nil && len(p.Choices) > 0 {
		t.Errorf("prediction %s: the actual result can't be chosen: %v", p.ID, err)
	}
	right := 0
	for _, c := range p.Choices {
		if ok, err := p.Right(c.Value, o); err != nil {
			t.Errorf("prediction %s: %v", p.ID, err)
		} else if ok {
			right++
		}
	}
	if len(p.Choices) > 0 && right != 1 {
		t.Errorf("prediction %s: %d of the choices are right; %s is %s", p.ID, right, p.Fact, fact)
	}
}

func task(t *testing.T, k *lessons.Task) {
	for name, text := range map[string][]byte{"model": k.Model, "start": k.Start} {
		marks, err := k.Judge.Judge(t.Context(), env(t), k.File, text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, of := lessons.Sum(marks)
		switch {
		case of == 0:
			t.Errorf("%s: there are no points to get", name)
		case name == "model" && got != of:
			t.Errorf("the model answer gets %d of %d:", got, of)
			say(t, marks)
		case name == "start" && got == of:
			t.Errorf("the start gets all %d points:", of)
			say(t, marks)
		}
		for _, m := range marks {
			if m.What == "" || m.Why == "" || m.Got < m.Of && m.Hint == "" {
				t.Errorf("%s: a mark without what, why or hint: %+v", name, m)
			}
		}
	}
}

func say(t *testing.T, marks []lessons.Mark) {
	for _, m := range marks {
		t.Logf("%d of %d for %s: %s; %s", m.Got, m.Of, m.What, m.Why, m.Hint)
	}
}

func env(t *testing.T) *lessons.Env {
	return &lessons.Env{Dir: t.TempDir(), Version: "test", Say: func(string, ...any) {}}
}

// TaskAnswer is an answer to a task, and what it must get.
type TaskAnswer struct {
	Task, Text string
	Points     int
	Hint       string // part of one of its hints; empty: full marks
	Bad        string // part of the error of an answer that can't be parsed
}

// Answers judges named answers in parallel. Like Whole it is skipped in short mode.
func Answers(t *testing.T, l lessons.Lesson, answers map[string]TaskAnswer) {
	for name, a := range answers {
		t.Run(name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("answers are judged without -short, as lessons are")
			}
			if a.Bad == "" { // what can't be read needs no program
				postgrestest.Need(t, l.Lacks(t.Context()))
			}
			t.Parallel()
			k, err := l.Task(a.Task)
			if err != nil {
				t.Fatal(err)
			}
			marks, err := k.Judge.Judge(t.Context(), env(t), k.File, []byte(a.Text))
			a.hold(t, marks, err)
		})
	}
}

func (a TaskAnswer) hold(t *testing.T, marks []lessons.Mark, err error) {
	var bad *lessons.BadAnswer
	switch {
	case a.Bad != "" && (!errors.As(err, &bad) || !strings.Contains(err.Error(), a.Bad)):
		t.Fatalf("got the error %v, want a bad answer with %q", err, a.Bad)
	case a.Bad != "":
		return
	case err != nil:
		t.Fatal(err)
	}
	got, of := lessons.Sum(marks)
	hinted := a.Hint == "" && got == of
	for _, m := range marks {
		hinted = hinted || a.Hint != "" && strings.Contains(m.Hint, a.Hint)
	}
	if got != a.Points || !hinted {
		t.Errorf("got %d points, want %d, with the hint %q:", got, a.Points, a.Hint)
		say(t, marks)
	}
}
