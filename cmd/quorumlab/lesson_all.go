package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"quorumlab/internal/result"
	"quorumlab/lessons"
	"quorumlab/lessons/pages"
	"quorumlab/sim"
	"quorumlab/sim/run"
)

// all plays lessons from beginning to end without asking anything, and leaves every figure
// and table. The folder of a lesson is replaced when the new one is whole.
func (o *lessonOptions) all(ctx context.Context, args []string, std streams) (err error) {
	chosen, err := chosenLessons(args)
	if err != nil {
		return err
	}
	places, release, err := takeAll(o.claims(chosen))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	index, places := places[0], places[1:]
	if err := index.MayWrite(map[string][]byte{"index.html": nil}); err != nil {
		return err
	}
	var done []pages.Played
	failed := false
	var broken error // what kept lessons from being played
	left := leftOut{}
	for i, l := range chosen {
		if err := l.Lacks(ctx); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			left.tell(std.err, l, err)
			continue
		}
		began := time.Now()
		p, err := playAll(ctx, l, std)
		if ctx.Err() != nil {
			return err
		}
		if err != nil { // the others don't depend on it
			broken = errors.Join(broken, err)
			fmt.Fprintf(std.err, "%s %s could not be played\n", l.ID, l.Title)
			continue
		}
		if err := leave(places[i], p); err != nil {
			return err
		}
		failed = failed || !p.Holds()
		done = append(done, p)
		if !o.json {
			printPlayed(std, p, places[i].Path, time.Since(began))
		}
	}
	page, err := pages.Index(done, version)
	if err != nil {
		return err
	}
	if err := run.Leave(index, run.FilePart("index.html", page)); err != nil {
		return err
	}
	if o.json {
		if err := printAllJSON(std, done); err != nil {
			return err
		}
	}
	switch {
	case broken != nil:
		return broken
	case failed:
		return errFailed
	}
	return nil
}

// claims are those of the page with the links to the lessons, and of their folders.
func (o *lessonOptions) claims(chosen []*lessons.Lesson) []result.Destination {
	cs := []result.Destination{{Path: o.outFolder(), Kind: "lessons", Force: o.force, Into: true}}
	for _, l := range chosen {
		cs = append(cs, o.claim(l))
	}
	return cs
}

// leftOut are the reasons why lessons are left out, each with the first lesson that it was told of.
type leftOut map[string]string

// tell says why a lesson is left out. Several lessons may lack the same: then it is told once.
func (f leftOut) tell(w io.Writer, l *lessons.Lesson, lacks error) {
	why := strings.TrimPrefix(lacks.Error(), "lesson "+l.ID+": ")
	if first, ok := f[why]; ok {
		why = "for the same reason as " + first
	} else {
		f[why] = l.ID
	}
	hanging(w, fmt.Sprintf("%s %s is left out: ", l.ID, l.Title), why)
}

func printAllJSON(std streams, done []pages.Played) error {
	list := []lessons.LessonJSON{}
	for _, p := range done {
		list = append(list, lessons.NewLessonJSON(p.Lesson, version, p.Results, nil))
	}
	return printIndented(std.out, list)
}

func chosenLessons(names []string) (ls []*lessons.Lesson, err error) {
	if len(names) == 0 {
		return lessons.All(), nil
	}
	for _, n := range names {
		l, err := lesson(n)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ls, l) { // named twice, it has one folder all the same
			ls = append(ls, l)
		}
	}
	return ls, nil
}

func playAll(ctx context.Context, l *lessons.Lesson, std streams) (pages.Played, error) {
	p := pages.Played{Lesson: l}
	for i := range l.Steps {
		r, err := playStep(ctx, l, &l.Steps[i], std)
		if err != nil {
			return p, err
		}
		p.Results = append(p.Results, r)
	}
	return p, nil
}

// playStep runs a step with a folder of its own.
func playStep(ctx context.Context, l *lessons.Lesson, s *lessons.LessonStep, std streams) (r *lessons.PlayedStep,
	err error) {
	env, end, err := lessonEnv(std, l.ID+" "+s.ID)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	r, err = s.Play(ctx, env)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("lesson %s, step %s: %w", l.ID, s.ID, err)
	}
	return r, nil
}

// leave writes a lesson's folder beside its place and moves it there when it is whole.
func leave(at *result.Taken, p pages.Played) error {
	part := run.FolderPart{Name: "lesson", Write: func(dir string) error { return pages.Write(dir, p, version) }}
	return run.Leave(at, part)
}

func printPlayed(std streams, p pages.Played, dir string, took time.Duration) {
	figures, claims := 0, 0
	for _, r := range p.Results {
		figures, claims = figures+len(r.Observations.Pictures), claims+len(r.Findings)
	}
	fmt.Fprintf(std.out, "%s %s: %s\n", p.Lesson.ID, p.Lesson.Title, mark(p.Holds()))
	fmt.Fprintf(std.out, "  %d steps in %s, %d claims, %d figures, left in %s\n", len(p.Results), sim.RoundedTime(took),
		claims, figures, filepath.ToSlash(dir))
	for _, r := range p.Results {
		for _, f := range r.Findings {
			if !f.Holds {
				hanging(std.out, "  FAILED  ", fmt.Sprintf("%s: %s: %s", r.Step.ID, f.Claim, f.Why))
			}
		}
	}
}
