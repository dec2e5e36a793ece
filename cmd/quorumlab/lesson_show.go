package main

import (
	"context"
	"fmt"
	"io"

	"quorumlab/lessons"
)

// list shows the lessons, with how far the learner has come.
func (o *lessonOptions) list(_ context.Context, _ []string, std streams) error {
	b, err := o.book()
	if err != nil {
		return err
	}
	p, err := b.Read()
	if err != nil {
		return err
	}
	if o.json {
		return o.listJSON(std)
	}
	for _, l := range lessons.All() {
		hanging(std.out, fmt.Sprintf("%-5s ", l.ID), l.Title+". "+l.About)
		if state := standing(l, p.Lessons[l.ID]); state != "" {
			hanging(std.out, "      ", state)
		}
	}
	return nil
}

func (o *lessonOptions) listJSON(std streams) error {
	type entry struct {
		Lesson string   `json:"lesson"`
		Title  string   `json:"title"`
		Steps  []string `json:"steps"`
		Tasks  []string `json:"tasks"`
	}
	all := []entry{}
	for _, l := range lessons.All() {
		e := entry{Lesson: l.ID, Title: l.Title}
		for _, s := range l.Steps {
			e.Steps = append(e.Steps, s.ID)
		}
		for _, t := range l.Tasks {
			e.Tasks = append(e.Tasks, t.ID)
		}
		all = append(all, e)
	}
	return printIndented(std.out, map[string]any{"format": 1, "lessons": all})
}

// show is a lesson's text without what comes out, or the form for its predictions.
func (o *lessonOptions) show(_ context.Context, args []string, std streams) error {
	l, err := lesson(args[0])
	if err != nil {
		return err
	}
	if o.form {
		_, err := std.out.Write(l.AnswerForm())
		return err
	}
	s, err := l.Sections()
	if err != nil {
		return err
	}
	text := s.Intro
	for i, st := range l.Steps {
		text += fmt.Sprintf("\n\n## Step %d: %s\n\n%s", i+1, st.Title, s.Before[st.ID])
	}
	for _, t := range l.Tasks {
		text += fmt.Sprintf("\n\n## Task %s: %s\n\n%s", t.ID, t.Title, s.Task[t.ID])
	}
	if err := showMarkdown(std, text); err != nil {
		return err
	}
	printSources(std.out, l)
	return nil
}

// printSources says where to read on. It is no Markdown: an address that is broken at a
// line's end can't be copied.
func printSources(w io.Writer, l *lessons.Lesson) {
	if len(l.Further) == 0 {
		return
	}
	fmt.Fprint(w, "  Further reading\n\n")
	for _, f := range l.Further {
		hanging(w, "  - ", f.Title+": "+f.Where)
	}
	fmt.Fprintln(w)
}
