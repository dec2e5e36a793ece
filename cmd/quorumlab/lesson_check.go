package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quorumlab/lessons"
	"quorumlab/lessons/learner"
	"quorumlab/sim/run"
)

// begin writes what the learner begins with, a file for each task. A file that is there
// already stays as it is.
func (o *lessonOptions) begin(_ context.Context, args []string, std streams) error {
	l, err := lesson(args[0])
	if err != nil {
		return err
	}
	dir := o.out
	if dir == "" {
		dir = "lesson-" + l.ID
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, t := range l.Tasks {
		path := filepath.Join(dir, t.File)
		err := writeNew(path, t.Start)
		switch {
		case errors.Is(err, fs.ErrExist):
			fmt.Fprintf(std.out, "%s already exists and is left unchanged\n", filepath.ToSlash(path))
		case err != nil:
			return err
		default:
			hanging(std.out, filepath.ToSlash(path)+": ", t.Title)
		}
	}
	_, err = fmt.Fprintf(std.out, "\n  see the tasks       quorumlab lesson show %s\n"+
		"  grade your answers  quorumlab lesson check %s %s\n", l.ID, l.ID, filepath.ToSlash(dir))
	return err
}

func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// answer is a learner's file and the task that it answers.
type answer struct {
	task *lessons.Task
	path string
	text []byte
}

// check judges answers: files, or folders that hold them. All are read before any is run.
func (o *lessonOptions) check(ctx context.Context, args []string, std streams) error {
	l, err := lesson(args[0])
	if err != nil {
		return err
	}
	b, err := o.book()
	if err != nil {
		return err
	}
	answers, err := o.answersIn(l, args[1:])
	if err != nil {
		return err
	}
	if err := l.Lacks(ctx); err != nil {
		return err
	}
	marked, full := lessons.MarksJSON{Format: 1, Lesson: l.ID}, true
	for _, a := range answers {
		marks, err := judge(ctx, a, std)
		if err != nil {
			return err
		}
		got, of := lessons.Sum(marks)
		err = b.Change(func(p *learner.Progress) { p.Lesson(l.ID).Try(a.task.ID, got, of) })
		if err != nil {
			return err
		}
		full = full && got == of
		marked.Tasks = append(marked.Tasks, lessons.NewTaskJSON(a.task.ID, marks))
		if !o.json {
			printMarks(std, a.task, marks)
		}
	}
	if o.json {
		if err := printIndented(std.out, marked); err != nil {
			return err
		}
	}
	if !full {
		return errFailed
	}
	return nil
}

func judge(ctx context.Context, a answer, std streams) (marks []lessons.Mark, err error) {
	env, end, err := lessonEnv(std, "judging "+a.task.ID)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	marks, err = a.task.Judge.Judge(ctx, env, a.path, a.text)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var bad *lessons.BadAnswer
	if errors.As(err, &bad) {
		return nil, &run.InputError{Err: err, Hint: "nothing was graded"}
	}
	if err != nil {
		return nil, fmt.Errorf("task %s: %w", a.task.ID, err)
	}
	return marks, nil
}

// answersIn finds the task of each file: by --task, or by the file's name.
func (o *lessonOptions) answersIn(l *lessons.Lesson, paths []string) (as []answer, err error) {
	for _, path := range paths {
		is, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: there is no such file or folder", path)
		}
		if err != nil {
			return nil, &run.InputError{Err: err, Hint: "an answer is a file, or a folder of files, as written by quorumlab " +
				"lesson start"}
		}
		var found []answer
		if is.IsDir() {
			found, err = answersBelow(l, path)
		} else {
			found, err = o.answerFile(l, path)
		}
		if err != nil {
			return nil, err
		}
		as = append(as, found...)
	}
	return as, nil
}

func answersBelow(l *lessons.Lesson, dir string) (as []answer, err error) {
	var names []string
	for i := range l.Tasks {
		t := &l.Tasks[i]
		names = append(names, t.File)
		path := filepath.Join(dir, t.File)
		text, err := lessons.ReadTextFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, &run.InputError{Err: err, Hint: "nothing was judged"}
		case bytes.Equal(text, t.Start): // nothing was done yet
		default:
			as = append(as, answer{t, path, text})
		}
	}
	if len(as) == 0 {
		return nil, badUsage("", "%s holds no answer that differs from its start; the files of lesson %s are %s", dir, l.ID,
			strings.Join(names, ", "))
	}
	return as, nil
}

func (o *lessonOptions) answerFile(l *lessons.Lesson, path string) ([]answer, error) {
	text, err := lessons.ReadTextFile(path)
	if err != nil {
		return nil, &run.InputError{Err: err, Hint: "nothing was judged"}
	}
	var t *lessons.Task
	if o.task != "" {
		if t, err = l.Task(o.task); err != nil {
			return nil, &run.InputError{Err: err, Hint: "nothing was graded"}
		}
		return []answer{{t, path, text}}, nil
	}
	i := slices.IndexFunc(l.Tasks, func(t lessons.Task) bool {
		return t.File == filepath.Base(path) || t.ID == strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	})
	if i < 0 {
		var names []string
		for _, t := range l.Tasks {
			names = append(names, t.ID+" ("+t.File+")")
		}
		return nil, badUsage("--task says which one it answers", "%s is not named after a task of lesson %s: they are %s",
			path, l.ID, strings.Join(names, ", "))
	}
	return []answer{{&l.Tasks[i], path, text}}, nil
}

func printMarks(std streams, t *lessons.Task, marks []lessons.Mark) {
	got, of := lessons.Sum(marks)
	fmt.Fprintf(std.out, "%s: %d of %d points\n\n", t.Title, got, of)
	for _, m := range marks {
		label := fmt.Sprintf("  %d of %d  ", m.Got, m.Of)
		hanging(std.out, label, m.What+": "+m.Why)
		if m.Hint != "" {
			hanging(std.out, strings.Repeat(" ", len(label))+"hint: ", m.Hint)
		}
	}
	fmt.Fprintln(std.out)
}
