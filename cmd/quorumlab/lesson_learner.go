package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/lessons/learner"
)

// standing is a learner's progress in a lesson, in a line; empty: not started.
func standing(l *lessons.Lesson, p *learner.LessonProgress) string {
	if p == nil {
		return ""
	}
	s := score(l, p)
	line := fmt.Sprintf("%d of %d steps played", s.played, len(l.Steps))
	if s.predicted > 0 {
		line += fmt.Sprintf(", %d of %d predictions right", s.right, s.predicted)
	}
	if s.of > 0 {
		line += fmt.Sprintf(", %d of %d points in %d of %d tasks", s.points, s.of, s.tried, len(l.Tasks))
	}
	return line
}

// scores are a learner's numbers in a lesson.
type scores struct{ played, predicted, right, tried, points, of int }

func score(l *lessons.Lesson, p *learner.LessonProgress) (s scores) {
	for _, step := range l.Steps {
		known := p.Steps[step.ID]
		if known == nil {
			continue
		}
		if known.Played {
			s.played++
		}
		for _, x := range known.Predicted {
			if x.Was == "" {
				continue
			}
			s.predicted++
			if x.Right {
				s.right++
			}
		}
	}
	for _, t := range l.Tasks {
		if known := p.Tasks[t.ID]; known != nil {
			s.tried++
			s.points, s.of = s.points+known.Points, s.of+known.Of
		}
	}
	return s
}

// progress shows what one learner has done.
func (o *lessonOptions) progress(_ context.Context, _ []string, std streams) error {
	b, err := o.book()
	if err != nil {
		return err
	}
	p, err := b.Read()
	if err != nil {
		return err
	}
	if o.json {
		return printIndented(std.out, p)
	}
	fmt.Fprintf(std.out, "%s, kept in %s\n", p.Learner, b.Path())
	for _, l := range lessons.All() {
		known := p.Lessons[l.ID]
		if known == nil {
			fmt.Fprintf(std.out, "  %-5s not started\n", l.ID)
			continue
		}
		hanging(std.out, fmt.Sprintf("  %-5s ", l.ID), standing(l, known))
		for _, t := range l.Tasks {
			if k := known.Tasks[t.ID]; k != nil {
				fmt.Fprintf(std.out, "        %-24s %d of %d points, tries: %d\n", t.ID, k.Points, k.Of, k.Tries)
			}
		}
	}
	return nil
}

// export lists all learners of this user, for a trainer: a row for each prediction and each
// task.
func (o *lessonOptions) export(_ context.Context, _ []string, std streams) error {
	if o.format != "csv" && o.format != "json" {
		return badUsage("", "--format: %q is neither csv nor json", o.format)
	}
	if err := hasHome(); err != nil {
		return err
	}
	names, err := learner.Learners(learners())
	if err != nil {
		return err
	}
	all := []*learner.Progress{}
	var damaged error // keeps nobody else's progress
	for _, name := range names {
		b, err := learner.Open(learners(), name)
		if err != nil {
			return err
		}
		p, err := b.Read()
		if err != nil {
			damaged = errors.Join(damaged, err)
			continue
		}
		all = append(all, p)
	}
	if o.format == "json" || o.json {
		return errors.Join(printIndented(std.out, map[string]any{"format": 1, "learners": all}), damaged)
	}
	return errors.Join(text.NewCSV(std.out).WriteAll(exported(all)), damaged)
}

func exported(all []*learner.Progress) [][]string {
	rows := [][]string{{"learner", "lesson", "kind", "name", "answer", "was", "points", "of", "tries"}}
	for _, p := range all {
		for _, l := range lessons.All() {
			known := p.Lessons[l.ID]
			if known == nil {
				continue
			}
			for _, s := range l.Steps {
				rows = append(rows, exportedStep(p.Learner, l, &s, known.Steps[s.ID])...)
			}
			for _, t := range l.Tasks {
				if k := known.Tasks[t.ID]; k != nil {
					rows = append(rows, []string{p.Learner, l.ID, "task", t.ID, "", "", strconv.Itoa(k.Points), strconv.Itoa(k.Of),
						strconv.Itoa(k.Tries)})
				}
			}
		}
	}
	return rows
}

func exportedStep(name string, l *lessons.Lesson, s *lessons.LessonStep,
	known *learner.StepProgress) (rows [][]string) {
	if known == nil {
		return nil
	}
	for _, p := range s.Predictions {
		x := known.Predicted[p.ID]
		if x == nil || x.Was == "" {
			continue
		}
		points := "0"
		if x.Right {
			points = "1"
		}
		rows = append(rows, []string{name, l.ID, "prediction", p.ID, x.Answer, x.Was, points, "1", strconv.Itoa(x.Tries())})
		for i, again := range x.Later { // they are kept, and don't count
			if again.Was != "" {
				rows = append(rows, []string{name, l.ID, "prediction again", p.ID, again.Answer, again.Was, "0", "0",
					strconv.Itoa(i + 2)})
			}
		}
	}
	return rows
}

// reset forgets a lesson, or all.
func (o *lessonOptions) reset(_ context.Context, args []string, std streams) error {
	b, err := o.book()
	if err != nil {
		return err
	}
	id := ""
	if len(args) > 0 {
		l, err := lesson(args[0])
		if err != nil {
			return err
		}
		id = l.ID
	}
	if err := b.Reset(id); err != nil {
		return err
	}
	what := "the progress in all lessons was reset"
	if id != "" {
		what = "lesson " + id + " is forgotten"
	}
	_, err = fmt.Fprintf(std.out, "%s in %s\n", what, b.Path())
	return err
}
