package lessons

import (
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
	About   string // one sentence: what one can do or knows afterwards
	Text    string // Markdown; see Sections for how it is divided
	Steps   []Step
	Tasks   []Task // at least two
	Further []Source
}

// Step is one turn of predict, run, look, explain.
type Step struct {
	ID          string // lower-case words with dashes, unique in the lesson
	Title       string
	Predictions []Prediction
	Run         Run
	// Claims are what must come out on every machine: counts, codes, orders. A step of which
	// one does not hold has failed, and the lesson with it.
	Claims []Claim
	// Misconception is the wrong belief that the step removes, in the words of somebody who
	// has it.
	Misconception string
}

// Prediction is a question that is asked before the run. A fact of the run is its answer.
type Prediction struct {
	ID       string // lower-case words with dashes, unique in the lesson
	Question string
	// Choices to pick one from; none: the answer is a number in the fact's unit.
	Choices []Choice
	Fact    string // the name of the fact that answers it
	// Within is how far a number may be from the fact, as a share of it; 0: not at all. A
	// fact that is not exact wants a wide one: people predict orders of magnitude.
	Within float64
	// Why is said behind the comparison: one sentence why it is so.
	Why string
}

// Choice is an answer to pick. Value is the fact's value, as Fact.String writes it, that
// makes it the right one.
type Choice struct{ Value, Text string }

// Source is where to read on.
type Source struct{ Title, Where string }

var registered = map[string]*Lesson{}

// Register adds a lesson; its folder does so from its init function. It panics when the
// lesson is not whole, since only who wrote it can mend that.
func Register(l Lesson) {
	if registered[l.ID] != nil {
		panic("lessons: " + l.ID + " is registered twice")
	}
	if err := l.validate(); err != nil {
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

// Find finds a lesson by its chapter, its name, or both as its folder has them. The error
// names the one that was perhaps meant.
func Find(name string) (*Lesson, error) {
	var known []string
	for _, l := range All() {
		if name == l.ID || name == l.Name || name == l.Folder() {
			return l, nil
		}
		known = append(known, l.ID)
	}
	return nil, fmt.Errorf("unknown lesson %q%s; lessons are %s", name, text.DidYouMean(name, known), strings.Join(known, ", "))
}

// Folder is the name of the lesson's folder, also below what `lesson all` writes.
func (l *Lesson) Folder() string { return l.ID + "-" + l.Name }

// Step finds a step by its ID, or nil.
func (l *Lesson) Step(id string) *Step {
	i := slices.IndexFunc(l.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &l.Steps[i]
}

// Task finds a task by its ID. The error names those that there are.
func (l *Lesson) Task(id string) (*Task, error) {
	var known []string
	for i := range l.Tasks {
		if l.Tasks[i].ID == id {
			return &l.Tasks[i], nil
		}
		known = append(known, l.Tasks[i].ID)
	}
	return nil, fmt.Errorf("lesson %s has no task %q%s; its tasks are %s", l.ID, id, text.DidYouMean(id, known), strings.Join(known, ", "))
}

// validate tells what is missing or double.
func (l *Lesson) validate() error {
	switch {
	case l.ID == "" || l.Name == "" || l.Title == "" || l.About == "":
		return fmt.Errorf("a lesson has an ID, a name, a title and a sentence about it")
	case len(l.Steps) == 0:
		return fmt.Errorf("there are no steps")
	case len(l.Tasks) < 2:
		return fmt.Errorf("there are %d tasks; a lesson has at least two", len(l.Tasks))
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

func (s *Step) validate(ids map[string]bool) error {
	if err := newID(ids, s.ID); err != nil {
		return err
	}
	switch {
	case s.Title == "" || s.Run == nil || s.Misconception == "":
		return fmt.Errorf("a step has a title, a run and a misconception that it removes")
	case len(s.Predictions) == 0:
		return fmt.Errorf("nothing is predicted")
	case len(s.Claims) == 0:
		return fmt.Errorf("nothing is claimed of what comes out")
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
		return fmt.Errorf("a prediction has a question, a fact that answers it and a reason")
	}
	if len(p.Choices) == 1 {
		return fmt.Errorf("one choice is none")
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
