package lessons

import (
	"context"
	"fmt"
)

// Task is an exercise for the learner: to complete or fix a file, which is judged by what it
// does.
type Task struct {
	ID    string // lower-case words with dashes
	Title string
	// File is the name of the learner's file, like "timeouts.yaml". The text's section "task"
	// says what is required.
	File         string
	Start, Model []byte // what the learner starts from, and an answer that gets full marks
	Judge        Judge
}

// Judge gives marks for an answer.
type Judge interface {
	// Judge judges the text of an answer by running it. name is the file's name, for errors.
	//
	// Errors: a *BadAnswer when the answer can't be parsed, ctx's, and those of the machine.
	// An answer that does not solve the task is not an error.
	Judge(ctx context.Context, env *Env, name string, answer []byte) ([]Mark, error)
}

// JudgeFunc is a judge that is a function.
type JudgeFunc func(ctx context.Context, env *Env, name string, answer []byte) ([]Mark, error)

// Judge calls the function.
func (f JudgeFunc) Judge(ctx context.Context, env *Env, name string, answer []byte) ([]Mark, error) {
	return f(ctx, env, name, answer)
}

// Mark is what an answer gets for one requirement.
type Mark struct {
	What string // the requirement, in a few words
	Got  int    // points
	Of   int    // the maximum
	Why  string // the evidence: what the answer did
	Hint string // what to look at next; empty at full points
}

// Marked is full points if ok, otherwise none, with the hint.
func Marked(ok bool, of int, what, why, hint string) Mark {
	m := Mark{What: what, Of: of, Why: why}
	if ok {
		m.Got = of
	} else {
		m.Hint = hint
	}
	return m
}

// BadAnswer is an answer that can't be parsed. Its error gives the file, the place and what
// would be right.
type BadAnswer struct{ Err error }

func (b *BadAnswer) Error() string { return b.Err.Error() }
func (b *BadAnswer) Unwrap() error { return b.Err }

// Sum is the total points of the marks, and the maximum.
func Sum(ms []Mark) (got, of int) {
	for _, m := range ms {
		got, of = got+m.Got, of+m.Of
	}
	return got, of
}

func (t *Task) validate(ids map[string]bool) error {
	if err := newID(ids, t.ID); err != nil {
		return err
	}
	if t.Title == "" || t.File == "" || len(t.Start) == 0 || len(t.Model) == 0 || t.Judge == nil {
		return fmt.Errorf("a task needs a title, a file, a start, a model answer and a judge")
	}
	return nil
}
