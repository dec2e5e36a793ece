package lessons

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"quorumlab/internal/text"
)

// Lesson is the exercise of one chapter.
type Lesson struct {
	ID      string // the chapter, like "40.1"
	Name    string // lower-case words with dashes; the folder is ID-Name
	Title   string
	About   string // one sentence: what you can do or know afterwards
	Text    string // Markdown; see Sections for its structure
	Steps   []LessonStep
	Tasks   []Task // at least two
	Further []Source
	// Needs reports what the machine lacks for the lesson, and how to install it; nil: nothing is needed.
	Needs func(ctx context.Context) error
}

// LessonStep is one turn of predict, run, look, explain.
type LessonStep struct {
	ID          string // lower-case words with dashes, unique in the lesson
	Title       string
	Predictions []Prediction
	Run         Runner
	// Claims are what must hold on every machine: counts, codes, orders. If one does not hold,
	// the step has failed, and the lesson with it.
	Claims []Claim
	// Misconception is the wrong belief that the step corrects, in the words of somebody who
	// holds it.
	Misconception string
}

// Prediction is a question asked before the run. Its answer is a fact from the run.
type Prediction struct {
	ID       string // lower-case words with dashes, unique in the lesson
	Question string
	// Choices to pick one from; none: the answer is a number in the fact's unit.
	Choices []Choice
	Fact    string // the name of the fact that answers it
	// Within is the relative tolerance of a number; 0: none. A fact that is not exact needs a
	// wide one: people predict orders of magnitude.
	Within float64
	// Why is shown after the comparison: the reason, in one sentence.
	Why string
}

// Choice is an answer to pick. It is right if Value is the fact's value, as Fact.String
// writes it.
type Choice struct{ Value, Text string }

// Source is further reading.
type Source struct{ Title, Where string }

var registered = map[string]*Lesson{}

// Register adds a lesson; package all does so for each folder. It panics when the lesson is
// incomplete, since only its author can fix that.
func Register(l Lesson) {
	if registered[l.ID] != nil {
		panic("lessons: " + l.ID + " is registered twice")
	}
	if err := l.Validate(); err != nil {
		panic(fmt.Sprintf("lessons: %s: %v", l.ID, err))
	}
	registered[l.ID] = &l
}

// All lists the lessons in the order of their chapters.
func All() []*Lesson {
	var ls []*Lesson
	for _, l := range registered {
		ls = append(ls, l)
	}
	slices.SortFunc(ls, func(a, b *Lesson) int { return compareChapters(a.ID, b.ID) })
	return ls
}

// compareChapters orders "35.2" before "35.10" before "40.1".
func compareChapters(a, b string) int {
	if c := len(strings.Split(a, ".")[0]) - len(strings.Split(b, ".")[0]); c != 0 {
		return c
	}
	x, y, _ := strings.Cut(a, ".")
	v, w, _ := strings.Cut(b, ".")
	if c := strings.Compare(x, v); c != 0 {
		return c
	}
	if c := len(y) - len(w); c != 0 {
		return c
	}
	return strings.Compare(y, w)
}

// Find finds a lesson by its chapter, its name, or its folder's name. The error suggests the
// one that was probably meant.
func Find(name string) (*Lesson, error) {
	var known []string
	for _, l := range All() {
		if name == l.ID || name == l.Name || name == l.Folder() {
			return l, nil
		}
		known = append(known, l.ID)
	}
	return nil, fmt.Errorf("unknown lesson %q%s", name, text.DidYouMeanOr(name, known,
		"lessons are "+strings.Join(known, ", ")))
}

// Lacks is the error of Needs. Where it is not nil, the lesson can't be played, nor its tasks graded.
func (l *Lesson) Lacks(ctx context.Context) error {
	if l.Needs == nil {
		return nil
	}
	if err := l.Needs(ctx); err != nil {
		return fmt.Errorf("lesson %s: %w", l.ID, err)
	}
	return nil
}

// Folder is the name of the lesson's folder, also in the output of `lesson all`.
func (l *Lesson) Folder() string { return l.ID + "-" + l.Name }

// Step finds a step by its ID, or nil.
func (l *Lesson) Step(id string) *LessonStep {
	i := slices.IndexFunc(l.Steps, func(s LessonStep) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &l.Steps[i]
}

// Task finds a task by its ID. The error lists the existing ones.
func (l *Lesson) Task(id string) (*Task, error) {
	var known []string
	for i := range l.Tasks {
		if l.Tasks[i].ID == id {
			return &l.Tasks[i], nil
		}
		known = append(known, l.Tasks[i].ID)
	}
	return nil, fmt.Errorf("lesson %s has no task %q%s", l.ID, id, text.DidYouMeanOr(id, known,
		"its tasks are "+strings.Join(known, ", ")))
}

// Validate reports what is missing or duplicated.
func (l *Lesson) Validate() error {
	switch {
	case l.ID == "" || l.Name == "" || l.Title == "" || l.About == "":
		return fmt.Errorf("a lesson needs an ID, a name, a title and a sentence about it")
	case len(l.Steps) == 0:
		return fmt.Errorf("there are no steps")
	case len(l.Tasks) < 2:
		return fmt.Errorf("a lesson needs at least two tasks, not %d", len(l.Tasks))
	}
	if _, err := l.Sections(); err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, s := range l.Steps {
		if err := s.validate(ids); err != nil {
			return fmt.Errorf("step %s: %w", s.ID, err)
		}
	}
	for _, t := range l.Tasks {
		if err := t.validate(ids); err != nil {
			return fmt.Errorf("task %s: %w", t.ID, err)
		}
	}
	return nil
}

func (s *LessonStep) validate(ids map[string]bool) error {
	if err := newID(ids, s.ID); err != nil {
		return err
	}
	switch {
	case s.Title == "" || s.Run == nil || s.Misconception == "":
		return fmt.Errorf("a step needs a title, a run and a misconception that it corrects")
	case len(s.Predictions) == 0:
		return fmt.Errorf("there are no predictions")
	case len(s.Claims) == 0:
		return fmt.Errorf("there are no claims")
	}
	for _, p := range s.Predictions {
		if err := p.validate(ids); err != nil {
			return fmt.Errorf("prediction %s: %w", p.ID, err)
		}
	}
	for _, c := range s.Claims {
		if _, err := c.parse(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Prediction) validate(ids map[string]bool) error {
	if err := newID(ids, p.ID); err != nil {
		return err
	}
	if p.Question == "" || p.Fact == "" || p.Why == "" {
		return fmt.Errorf("a prediction needs a question, a fact that answers it and a reason")
	}
	if len(p.Choices) == 1 {
		return fmt.Errorf("a prediction needs at least two choices")
	}
	return nil
}

// newID takes a name that must be well formed and new.
func newID(ids map[string]bool, id string) error {
	if id == "" || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("%q is not lower-case words with dashes", id)
	}
	if ids[id] {
		return fmt.Errorf("the name %s is used twice in the lesson", id)
	}
	ids[id] = true
	return nil
}
