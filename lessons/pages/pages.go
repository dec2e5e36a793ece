// Package pages writes the results of lessons: a folder for each lesson with its figures,
// tables, facts and a page that opens offline, and an index of them.
package pages

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strconv"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/plots/report"
	"quorumlab/sim/run"
)

// Played is a lesson and the results of its steps.
type Played struct {
	Lesson  *lessons.Lesson
	Results []*lessons.PlayedStep
}

// Holds reports whether every claim holds.
func (p Played) Holds() bool {
	for _, r := range p.Results {
		if !r.Holds() {
			return false
		}
	}
	return true
}

// Write writes a lesson to the folder, which must exist: lesson.html, lesson.json, and one
// file per figure and table in figures and tables.
func Write(dir string, p Played, version string) error {
	figures, tables := filepath.Join(dir, "figures"), filepath.Join(dir, "tables")
	if err := errors.Join(os.MkdirAll(figures, 0o755), os.MkdirAll(tables, 0o755)); err != nil {
		return err
	}
	for _, r := range p.Results {
		for _, pic := range r.Observations.Pictures {
			name := filepath.Join(figures, r.FileName(pic.Name))
			if err := errors.Join(os.WriteFile(name+".svg", pic.SVG, 0o666), os.WriteFile(name+".png", pic.PNG,
				0o666)); err != nil {
				return err
			}
		}
		for _, t := range append(r.Observations.Tables, facts(r)) {
			if err := writeCSV(filepath.Join(tables, r.FileName(t.Name)+".csv"), t); err != nil {
				return err
			}
		}
	}
	if err := writeJSON(filepath.Join(dir, "lesson.json"), lessons.NewLessonJSON(p.Lesson, version, p.Results,
		nil)); err != nil {
		return err
	}
	page, err := pageOf(p, version)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "lesson.html"), page, 0o666)
}

// facts are a step's facts as a table.
func facts(r *lessons.PlayedStep) lessons.Table {
	t := lessons.Table{Name: "facts", Head: []string{"fact", "value", "unit", "exact", "about"}}
	for _, f := range r.Observations.Facts {
		value := f.Text
		if value == "" {
			value = strconv.FormatFloat(f.Value, 'f', -1, 64)
		}
		t.Rows = append(t.Rows, []string{f.Name, value, string(f.Unit), strconv.FormatBool(f.Exact), f.About})
	}
	return t
}

func writeCSV(path string, t lessons.Table) error {
	var b bytes.Buffer
	if err := text.NewCSV(&b).WriteAll(append([][]string{t.Head}, t.Rows...)); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o666)
}

func writeJSON(path string, v any) error {
	b, err := run.Indented(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o666)
}

//go:embed lesson.html
var lessonHTML string

//go:embed index.html
var indexHTML string

//go:embed lesson.css
var lessonCSS string

var (
	lessonPage = template.Must(template.New("lesson").Parse(lessonHTML))
	indexPage  = template.Must(template.New("index").Parse(indexHTML))
	markdown   = goldmark.New(goldmark.WithExtensions(extension.Table))
)

// view is what the template shows.
type view struct {
	*lessons.Lesson
	CSS     template.CSS
	Version string
	Holds   bool
	Intro   template.HTML
	Played  []stepView
	Asked   []taskView
	End     template.HTML
}

type stepView struct {
	*lessons.PlayedStep
	Before, After template.HTML
	Answers       []answerView
	Pictures      []pictureView
}

type answerView struct {
	lessons.Prediction
	Was string // what came out, in words where there are choices
}

type pictureView struct {
	lessons.Picture
	SVG template.HTML
}

type taskView struct {
	lessons.Task
	Text  template.HTML
	Start string
}

// Page is the lesson with its results, as one file.
func pageOf(p Played, version string) ([]byte, error) {
	s, err := p.Lesson.Sections()
	if err != nil {
		return nil, err
	}
	v := view{Lesson: p.Lesson, CSS: report.CSS() + template.CSS(lessonCSS), Version: version, Holds: p.Holds()}
	w := &writer{}
	v.Intro, v.End = w.html(s.Intro), w.html(s.End)
	for _, r := range p.Results {
		v.Played = append(v.Played, stepView{r, w.html(s.Before[r.Step.ID]), w.html(s.After[r.Step.ID]), answersOf(r),
			picturesOf(r)})
	}
	for _, t := range p.Lesson.Tasks {
		v.Asked = append(v.Asked, taskView{t, w.html(s.Task[t.ID]), string(t.Start)})
	}
	if w.err != nil {
		return nil, w.err
	}
	var b bytes.Buffer
	err = lessonPage.Execute(&b, v)
	return b.Bytes(), err
}

// writer turns Markdown into HTML and keeps the first error.
type writer struct{ err error }

// html is the lesson's own text, which is part of the program.
func (w *writer) html(source string) template.HTML {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(source), &b); err != nil && w.err == nil {
		w.err = err
	}
	return template.HTML(b.String())
}

// HTML is a part of a lesson's text, which is part of the program, as a part of a page.
func HTML(source string) (string, error) {
	w := &writer{}
	h := w.html(source)
	return string(h), w.err
}

func answersOf(r *lessons.PlayedStep) (vs []answerView) {
	for _, p := range r.Step.Predictions {
		vs = append(vs, answerView{p, p.Outcome(r.Observations)})
	}
	return vs
}

func picturesOf(r *lessons.PlayedStep) (vs []pictureView) {
	for _, p := range r.Observations.Pictures {
		vs = append(vs, pictureView{p, report.InlineSVG(p.Title, p.SVG)})
	}
	return vs
}

// Index is a page with a link to each lesson's page.
func Index(all []Played, version string) ([]byte, error) {
	var b bytes.Buffer
	err := indexPage.Execute(&b, struct {
		CSS     template.CSS
		Version string
		Lessons []Played
	}{report.CSS() + template.CSS(lessonCSS), version, all})
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return b.Bytes(), nil
}
