package lessons

import (
	"context"
	"fmt"
)

// Task is something that the learner solves: a file is completed or mended and judged by
// what it does.
type Task struct {
	ID    string // lower-case words with dashes
	Title string
	// File is the name of the learner's file, like "timeouts.yaml". The text's section "task"
	// says what is asked for.
	File         string
	Start, Model []byte // what the learner begins with, and an answer that wins full marks
	Judge        Judge
}

// Judge gives marks for an answer.
type Judge interface {
	// Judge judges the text of an answer by running it. name is its file's, for errors.
	//
	// Errors: a *BadAnswer when the answer can't be read as what was asked for, ctx's, and
	// those of the machine. An answer that does not solve the task is no error.
	Judge(ctx context.Context, env *Env, name string, answer []byte) ([]Mark, error)
}

// JudgeFunc is a judge that is a function.
type JudgeFunc func(ctx context.Context, env *Env, name string, answer []byte) ([]Mark, error)

// Judge calls the function.
func (f JudgeFunc) Judge(ctx context.Context, env *Env, name string, answer []byte) ([]Mark, error) {
	return f(ctx, env, name, answer)
}

// Mark is what an answer gets for one thing that was asked for.
type Mark struct {
	What string // what is asked for, in a few words
	Got  int    // points
	Of   int    // the most there is
	Why  string // the evidence: what the answer did
	Hint string // what to look at next; empty at full points
}

// Marked is full points if ok, and otherwise none and the hint.
func Marked(ok bool, of int, what, why, hint string) Mark {
	m := Mark{What: what, Of: of, Why: why}
	if ok {
		m.Got = of
	} else {
		m.Hint = hint
	}
	return m
}

// BadAnswer is an answer that can't be read. Its error has the file, the place and what
// would be right.
type BadAnswer struct{ Err error }

func (b *BadAnswer) Error() string { return b.Err.Error() }
func (b *BadAnswer) Unwrap() error { return b.Err }

// Sum is the points of marks, and the most there is.
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
		return fmt.Errorf("a task has a title, a file, a start, a model answer and a judge")
	}
	return nil
}
