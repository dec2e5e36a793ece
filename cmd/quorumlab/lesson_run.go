package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"quorumlab/internal/result"
	"quorumlab/lessons"
	"quorumlab/lessons/learner"
	"quorumlab/lessons/pages"
	"quorumlab/sim/run"
)

// play takes a learner through a lesson: with questions on a terminal, elsewhere with
// the answers of a file, or none.
func (o *lessonOptions) play(ctx context.Context, args []string, std streams) (err error) {
	l, err := lesson(args[0])
	if err != nil {
		return err
	}
	if o.step != "" && l.Step(o.step) == nil {
		var ids []string
		for _, s := range l.Steps {
			ids = append(ids, s.ID)
		}
		return badUsage("", "lesson %s has no step %q; its steps are %s", l.ID, o.step, strings.Join(ids, ", "))
	}
	if err := l.Lacks(ctx); err != nil {
		return err
	}
	s := &sitting{o: o, lesson: l, std: std, given: map[string]string{}, dir: filepath.Join(o.outFolder(), l.Folder())}
	if s.book, err = o.book(); err != nil {
		return err
	}
	if s.sections, err = l.Sections(); err != nil {
		return err
	}
	if err := s.readAnswers(); err != nil {
		return err
	}
	if s.place, err = o.claim(l).Take(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.place.Release()) }()
	s.asks = std.keys != nil && o.answers == "" && !o.json
	return s.whole(ctx)
}

// sitting is one go of a learner at a lesson.
type sitting struct {
	o        *lessonOptions
	lesson   *lessons.Lesson
	sections *lessons.Sections
	std      streams
	book     *learner.Book
	asks     bool              // somebody is there to be asked
	given    map[string]string // answers to predictions, by ID
	dir      string
	place    *result.Taken // it is dir
	results  []*lessons.PlayedStep
	lines    <-chan string // what is typed
}

func (s *sitting) readAnswers() error {
	if s.o.answers == "" {
		return nil
	}
	text, err := lessons.ReadTextFile(s.o.answers)
	if err != nil {
		return &run.InputError{Err: fmt.Errorf("--answers: %w", err),
			Hint: "quorumlab lesson show " + s.lesson.ID + " --form prints a file to fill in"}
	}
	if s.given, err = s.lesson.ReadAnswers(s.o.answers, text); err != nil {
		return &run.InputError{Err: err, Hint: "nothing was started"}
	}
	return nil
}

func (s *sitting) whole(ctx context.Context) error {
	known, err := s.recall()
	if err != nil {
		return err
	}
	if err := s.frame(s.sections.Intro); err != nil {
		return err
	}
	for i := range s.lesson.Steps {
		step := &s.lesson.Steps[i]
		if s.o.step != "" && s.o.step != step.ID {
			continue
		}
		if s.skips(step, known) {
			s.tell("\nStep %d of %d, %q, was played before; --again plays it again.\n", i+1, len(s.lesson.Steps), step.Title)
			continue
		}
		if err := s.step(ctx, i, step, known); err != nil {
			return err
		}
	}
	return s.close()
}

// recall reads what the learner has done before, and on a terminal what that left.
func (s *sitting) recall() (*learner.LessonProgress, error) {
	p, err := s.book.Read()
	if err != nil {
		return nil, err
	}
	if s.results, err = pages.Read(s.dir, s.lesson, version); err != nil {
		return nil, err
	}
	return p.Lesson(s.lesson.ID), nil
}

// skips reports whether a step is not played again: a learner who comes back resumes where they
// stopped.
func (s *sitting) skips(step *lessons.LessonStep, known *learner.LessonProgress) bool {
	has := slices.ContainsFunc(s.results, func(r *lessons.PlayedStep) bool { return r.Step.ID == step.ID })
	return s.asks && !s.o.again && s.o.step == "" && known.Step(step.ID).Played && has && !s.finished(known)
}

// finished reports whether the lesson was played to its end: then it starts over.
func (s *sitting) finished(known *learner.LessonProgress) bool {
	for _, step := range s.lesson.Steps {
		if !known.Step(step.ID).Played {
			return false
		}
	}
	return true
}

func (s *sitting) step(ctx context.Context, i int, step *lessons.LessonStep, known *learner.LessonProgress) error {
	if err := s.say(fmt.Sprintf("## Step %d of %d: %s\n\n%s", i+1, len(s.lesson.Steps), step.Title,
		s.sections.Before[step.ID])); err != nil {
		return err
	}
	if err := s.predict(ctx, step, known); err != nil {
		return err
	}
	r, err := playStep(ctx, s.lesson, step, s.std)
	if err != nil {
		return err
	}
	s.keep(r)
	if err := errors.Join(s.note(r), leave(s.place, pages.Played{Lesson: s.lesson, Results: s.results})); err != nil {
		return err
	}
	if !s.o.json {
		s.show(r)
	}
	if err := s.say(s.sections.After[step.ID]); err != nil {
		return err
	}
	if !s.o.json {
		hanging(s.std.out, "  Common misconception: ", step.Misconception)
	}
	if s.asks && i+1 < len(s.lesson.Steps) {
		_, err = s.ask(ctx, "\nPress Enter to go on, Ctrl-C to stop: your progress is kept. ")
	}
	return err
}

// keep replaces an older result of the same step, in the order of the steps.
func (s *sitting) keep(r *lessons.PlayedStep) {
	s.results = slices.DeleteFunc(s.results, func(o *lessons.PlayedStep) bool { return o.Step.ID == r.Step.ID })
	s.results = append(s.results, r)
	place := func(r *lessons.PlayedStep) int {
		return slices.IndexFunc(s.lesson.Steps, func(st lessons.LessonStep) bool { return st.ID == r.Step.ID })
	}
	slices.SortFunc(s.results, func(a, b *lessons.PlayedStep) int { return place(a) - place(b) })
}

// predict asks the step's questions and stores each answer at once, before anything is run.
func (s *sitting) predict(ctx context.Context, step *lessons.LessonStep, known *learner.LessonProgress) error {
	for i := range step.Predictions {
		p := &step.Predictions[i]
		answer := s.given[p.ID]
		if s.asks {
			// An answer from before the program was stopped counts; one whose outcome was seen
			// does not: then it is asked anew.
			if old := known.Step(step.ID).Predicted[p.ID]; old != nil && old.Last().Was == "" {
				answer = old.Last().Answer
				s.tell("\n%s\nYou said: %s\n", p.Question, answer)
			} else {
				var err error
				if answer, err = s.question(ctx, p); err != nil {
					return err
				}
			}
		}
		if answer == "" {
			continue
		}
		s.given[p.ID] = answer
		err := s.book.Change(func(k *learner.Progress) {
			k.Lesson(s.lesson.ID).Step(step.ID).Predict(p.ID, answer)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// question asks until there is a valid answer; an empty line is no answer.
func (s *sitting) question(ctx context.Context, p *lessons.Prediction) (string, error) {
	s.tell("\n")
	hanging(s.std.out, "", p.Question)
	for i, c := range p.Choices {
		hanging(s.std.out, fmt.Sprintf("  %c  ", 'a'+i), c.Text)
	}
	for {
		line, err := s.ask(ctx, "Your answer (Enter: no idea): ")
		if err != nil || line == "" {
			return "", err
		}
		if len(line) == 1 && len(p.Choices) > 0 && int(line[0]-'a') < len(p.Choices) && line[0] >= 'a' {
			line = p.Choices[line[0]-'a'].Value
		}
		if err := p.Accept(line); err == nil {
			return line, nil
		}
		if len(p.Choices) > 0 {
			s.tell("Please answer with a letter from a to %c.\n", 'a'+len(p.Choices)-1)
			continue
		}
		s.tell("Please answer with a number and its unit, if any, like 3, 250ms or 40%%.\n")
	}
}

// ask shows a prompt and waits for a line.
func (s *sitting) ask(ctx context.Context, prompt string) (string, error) {
	if s.lines == nil {
		s.lines = typed(s.std.keys)
	}
	s.tell("%s", prompt)
	select {
	case line, ok := <-s.lines:
		if !ok {
			return "", context.Canceled // the terminal is gone, or Ctrl-D
		}
		return strings.TrimSpace(line), nil
	case <-ctx.Done():
		s.tell("\n")
		return "", ctx.Err()
	}
}

// typed are the lines from a terminal. The goroutine hangs in its read, and ends with the
// program.
func typed(r io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(r); in.Scan(); {
			lines <- in.Text()
		}
	}()
	return lines
}

// note keeps what came out beside what was predicted.
func (s *sitting) note(r *lessons.PlayedStep) error {
	return s.book.Change(func(k *learner.Progress) {
		known := k.Lesson(s.lesson.ID).Step(r.Step.ID)
		known.Played = true
		for i := range r.Step.Predictions {
			p := &r.Step.Predictions[i]
			answer, ok := s.given[p.ID]
			if !ok {
				continue
			}
			right, _ := p.Right(answer, r.Observations) // what is no answer is not right
			fact, _ := r.Observations.Fact(p.Fact)
			if known.Predicted[p.ID] == nil { // the book was reset meanwhile
				known.Predict(p.ID, answer)
			}
			*known.Predicted[p.ID].Last() = learner.PredictionTry{Answer: answer, Was: fact.String(), Right: right}
		}
	})
}

// show prints what came out: the predictions first, then the facts, and where the pictures
// are.
func (s *sitting) show(r *lessons.PlayedStep) {
	s.tell("\nResults\n\n")
	for i := range r.Step.Predictions {
		s.showPrediction(&r.Step.Predictions[i], r)
	}
	for _, f := range r.Observations.Facts {
		showFact(s.std.out, f)
	}
	for _, t := range r.Observations.Tables {
		s.tell("\n  %s\n", t.Title)
		printTable(s.std.out, append([][]string{t.Head}, t.Rows...))
	}
	for _, f := range r.Findings {
		if !f.Holds {
			hanging(s.std.out, "  FAILED  ", fmt.Sprintf("%s: %s", f.Claim, f.Why))
		}
	}
	for _, p := range r.Observations.Pictures {
		s.tell("\n")
		hanging(s.std.out, "  figure  ", filepath.ToSlash(filepath.Join(s.dir, "figures", r.FileName(p.Name)+".png"))+" "+
			p.Title)
	}
	s.tell("\n")
}

// showFact prints a fact in a line: name, value, and what it is. A long value has lines of its own.
func showFact(w io.Writer, f lessons.Fact) {
	label := fmt.Sprintf("  %-24s %-12s ", f.Name, f)
	if len([]rune(label)) <= columns/2+4 {
		hanging(w, label, f.About)
		return
	}
	hanging(w, fmt.Sprintf("  %-24s ", f.Name), f.String())
	hanging(w, "      ", f.About)
}

func (s *sitting) showPrediction(p *lessons.Prediction, r *lessons.PlayedStep) {
	answer, ok := s.given[p.ID]
	mark, said := " ", "no prediction"
	if ok {
		right, _ := p.Right(answer, r.Observations)
		if mark = "✗"; right {
			mark = "✓"
		}
		said = "you said: " + p.InWords(answer)
	}
	hanging(s.std.out, "  "+mark+" ", p.Question)
	hanging(s.std.out, "      ", said)
	hanging(s.std.out, "      ", "it was: "+p.Outcome(r.Observations)+". "+p.Reason())
	s.tell("\n")
}

// close says what comes next, and prints for programs.
func (s *sitting) close() error {
	if s.o.json {
		if err := printIndented(s.std.out, lessons.NewLessonJSON(s.lesson, version, s.results, s.given)); err != nil {
			return err
		}
	} else {
		if err := s.frame(s.sections.End); err != nil {
			return err
		}
		if s.o.step == "" {
			printSources(s.std.out, s.lesson)
		}
		s.tell("The lesson with its pictures: %s\n", filepath.ToSlash(filepath.Join(s.dir, "lesson.html")))
		s.tell("Its %d tasks: quorumlab lesson start %s\n", len(s.lesson.Tasks), s.lesson.ID)
	}
	for _, r := range s.results {
		if !r.Holds() {
			return errFailed
		}
	}
	return nil
}

func (s *sitting) tell(format string, args ...any) {
	if !s.o.json {
		fmt.Fprintf(s.std.out, format, args...)
	}
}

// frame says what stands around the steps, unless it is about a single one.
func (s *sitting) frame(text string) error {
	if s.o.step != "" {
		return nil
	}
	return s.say(text)
}

func (s *sitting) say(text string) error {
	if s.o.json {
		return nil
	}
	return showMarkdown(s.std, text)
}
