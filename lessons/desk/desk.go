// Package desk serves the lessons to a page in a browser: their text, questions before each run, the run, what came
// out, and marks for answers. What a learner does is kept in the same book as by the command line, and judged by the
// same code.
//
// Start reading at ServeHTTP.
package desk

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"quorumlab/internal/guard"
	"quorumlab/lessons"
	"quorumlab/lessons/learner"
	"quorumlab/lessons/pages"
	"quorumlab/plots/page"
	"quorumlab/plots/report"
	"quorumlab/scenarios"
)

// Desk answers what the page asks. Whoever asks must know the token, which is in the address that is shown to the user
// and in no file: a few answers are command lines, which judging runs.
type Desk struct {
	Token   string
	version string
	book    *learner.Book
	turn    chan struct{} // one run at a time: it takes the machine
}

// New makes a desk that keeps what the learner does in a book. Version is the program's.
func New(b *learner.Book, version string) *Desk {
	return &Desk{Token: rand.Text(), version: version, book: b, turn: make(chan struct{}, 1)}
}

// mostRequest is how long a request may be, in bytes: an answer is at most half of that.
const mostRequest = 128 << 10

// asked is any of the requests: each reads the fields that it needs.
type asked struct {
	Lesson     string `json:"lesson"`
	Step       string `json:"step"`
	Prediction string `json:"prediction"`
	Task       string `json:"task"`
	Answer     string `json:"answer"`
}

// ServeHTTP answers requests for what is below the page's path. All of them are POST, have the token in the header
// X-Token, and have a JSON object as body.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Token")), []byte(d.Token)) != 1 {
		http.Error(w, "the token is missing or wrong: open the address that quorumlab page printed", http.StatusForbidden)
		return
	}
	var q asked
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostRequest)).Decode(&q); err != nil {
		http.Error(w, "this is no request: "+err.Error(), http.StatusBadRequest)
		return
	}
	do, ok := map[string]func(http.ResponseWriter, *http.Request, asked) error{
		"list": d.list, "open": d.open, "predict": d.predict, "run": d.run, "grade": d.grade,
		"progress": d.progress, "schema": d.schema,
	}[r.URL.Path[len("/"+page.LessonsPath):]]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if err := do(w, r, q); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	}
}

// chapter is a lesson in the list.
type chapter struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	About string `json:"about"`
	Steps int    `json:"steps"`
	// Of the learner: steps played, predictions right and made, points and tasks tried.
	Played    int `json:"played"`
	Right     int `json:"right"`
	Predicted int `json:"predicted"`
	Points    int `json:"points"`
	Of        int `json:"of"`
	Tried     int `json:"tried"`
	Tasks     int `json:"tasks"`
}

func (d *Desk) list(w http.ResponseWriter, _ *http.Request, _ asked) error {
	p, err := d.book.Read()
	if err != nil {
		return err
	}
	all := []chapter{}
	for _, l := range lessons.All() {
		c := chapter{ID: l.ID, Title: l.Title, About: l.About, Steps: len(l.Steps), Tasks: len(l.Tasks)}
		if k := p.Lessons[l.ID]; k != nil {
			c.count(k)
		}
		all = append(all, c)
	}
	return answer(w, map[string]any{"learner": p.Learner, "path": d.book.Path(), "lessons": all})
}

func (c *chapter) count(k *learner.LessonProgress) {
	for _, s := range k.Steps {
		if s.Played {
			c.Played++
		}
		for _, x := range s.Predicted {
			if x.Was == "" {
				continue
			}
			c.Predicted++
			if x.Right {
				c.Right++
			}
		}
	}
	for _, t := range k.Tasks {
		c.Tried, c.Points, c.Of = c.Tried+1, c.Points+t.Points, c.Of+t.Of
	}
}

// step is a step before its run: what comes after it is not told yet.
type step struct {
	ID        string     `json:"id"`
	Title     string     `json:"title"`
	Before    string     `json:"before"` // HTML
	Questions []question `json:"questions"`
	Played    bool       `json:"played"`
}

type question struct {
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Choices  []choice `json:"choices"`
	Answer   string   `json:"answer"` // that was given and whose outcome was not seen yet
	Tries    int      `json:"tries"`  // so far
}

type choice struct {
	Value string `json:"value"`
	Text  string `json:"text"`
}

type task struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Text   string `json:"text"` // HTML
	File   string `json:"file"`
	Start  string `json:"start"`
	Points int    `json:"points"` // the best so far
	Of     int    `json:"of"`
	Tries  int    `json:"tries"`
}

func (d *Desk) open(w http.ResponseWriter, r *http.Request, q asked) error {
	l, err := lessons.Find(q.Lesson)
	if err != nil {
		return err
	}
	s, err := l.Sections()
	if err != nil {
		return err
	}
	p, err := d.book.Read()
	if err != nil {
		return err
	}
	known := p.Lesson(l.ID)
	html := htmlOf{}
	a := map[string]any{"id": l.ID, "title": l.Title, "about": l.About, "intro": html.of(s.Intro),
		"end": html.of(s.End), "further": l.Further, "lacks": ""}
	if err := l.Lacks(r.Context()); err != nil {
		a["lacks"] = err.Error()
	}
	steps, tasks := []step{}, []task{}
	for _, x := range l.Steps {
		steps = append(steps, newStep(&x, html.of(s.Before[x.ID]), known.Step(x.ID)))
	}
	for _, x := range l.Tasks {
		t := task{ID: x.ID, Title: x.Title, Text: html.of(s.Task[x.ID]), File: x.File, Start: string(x.Start)}
		if k := known.Tasks[x.ID]; k != nil {
			t.Points, t.Of, t.Tries = k.Points, k.Of, k.Tries
		}
		tasks = append(tasks, t)
	}
	if html.err != nil {
		return html.err
	}
	a["steps"], a["tasks"] = steps, tasks
	return answer(w, a)
}

// htmlOf turns texts into HTML and keeps the first error.
type htmlOf struct{ err error }

func (h *htmlOf) of(source string) string {
	s, err := pages.HTML(source)
	h.err = errors.Join(h.err, err)
	return s
}

func newStep(x *lessons.LessonStep, before string, known *learner.StepProgress) step {
	s := step{ID: x.ID, Title: x.Title, Before: before, Questions: []question{}, Played: known.Played}
	for _, p := range x.Predictions {
		q := question{ID: p.ID, Question: p.Question, Choices: []choice{}}
		for _, c := range p.Choices {
			q.Choices = append(q.Choices, choice{c.Value, c.Text})
		}
		if old := known.Predicted[p.ID]; old != nil {
			q.Tries = old.Tries()
			if old.Last().Was == "" {
				q.Answer = old.Last().Answer
			}
		}
		s.Questions = append(s.Questions, q)
	}
	return s
}

// stepOf finds a lesson's step.
func stepOf(q asked) (*lessons.Lesson, *lessons.LessonStep, error) {
	l, err := lessons.Find(q.Lesson)
	if err != nil {
		return nil, nil, err
	}
	s := l.Step(q.Step)
	if s == nil {
		return nil, nil, fmt.Errorf("lesson %s has no step %q", l.ID, q.Step)
	}
	return l, s, nil
}

// predict keeps an answer before anything is run.
func (d *Desk) predict(w http.ResponseWriter, _ *http.Request, q asked) error {
	l, s, err := stepOf(q)
	if err != nil {
		return err
	}
	for i := range s.Predictions {
		p := &s.Predictions[i]
		if p.ID != q.Prediction {
			continue
		}
		if err := p.Accept(q.Answer); err != nil {
			return err
		}
		if err := d.book.Change(func(k *learner.Progress) {
			k.Lesson(l.ID).Step(s.ID).Predict(p.ID, q.Answer)
		}); err != nil {
			return err
		}
		return answer(w, map[string]any{})
	}
	return fmt.Errorf("step %s has no prediction %q", s.ID, q.Prediction)
}

// compared is a prediction beside what came out.
type compared struct {
	Question string `json:"question"`
	Said     string `json:"said"` // in words; empty: nothing was predicted
	Right    bool   `json:"right"`
	Was      string `json:"was"`
	Why      string `json:"why"`
}

type finding struct {
	Claim string `json:"claim"`
	Holds bool   `json:"holds"`
	Why   string `json:"why"`
}

type picture struct {
	Title string `json:"title"`
	About string `json:"about"`
	SVG   string `json:"svg"`
}

// run plays a step, tells its progress a line each, and at last what came out. The learner's latest answers count, as
// on the command line.
func (d *Desk) run(w http.ResponseWriter, r *http.Request, q asked) error {
	l, s, err := stepOf(q)
	if err != nil {
		return err
	}
	sections, err := l.Sections()
	if err != nil {
		return err
	}
	after, err := pages.HTML(sections.After[s.ID])
	if err != nil {
		return err
	}
	return d.work(w, r, l, func(ctx context.Context, env *lessons.Env) (any, error) {
		played, err := s.Play(ctx, env)
		if err != nil {
			return nil, err
		}
		shown, err := d.note(l, played)
		if err != nil {
			return nil, err
		}
		findings, pictures := []finding{}, []picture{}
		for _, f := range played.Findings {
			findings = append(findings, finding{string(f.Claim), f.Holds, f.Why})
		}
		for _, p := range played.Observations.Pictures {
			pictures = append(pictures, picture{p.Title, p.About, string(report.InlineSVG(p.Title, p.SVG))})
		}
		j := lessons.NewLessonJSON(l, d.version, []*lessons.PlayedStep{played}, nil).Steps[0]
		facts := [][3]string{}
		for _, f := range played.Observations.Facts {
			facts = append(facts, [3]string{f.Name, f.String(), f.About})
		}
		return map[string]any{"predictions": shown, "findings": findings, "pictures": pictures, "tables": j.Tables,
			"facts": facts, "after": after, "misconception": s.Misconception}, nil
	})
}

// note keeps what came out beside what was predicted.
func (d *Desk) note(l *lessons.Lesson, r *lessons.PlayedStep) (shown []compared, err error) {
	err = d.book.Change(func(k *learner.Progress) {
		known := k.Lesson(l.ID).Step(r.Step.ID)
		known.Played = true
		for i := range r.Step.Predictions {
			p := &r.Step.Predictions[i]
			c := compared{Question: p.Question, Was: p.Outcome(r.Observations), Why: p.Reason()}
			if x := known.Predicted[p.ID]; x != nil && x.Last().Was == "" {
				said := x.Last().Answer
				right, _ := p.Right(said, r.Observations) // what is no answer is not right
				fact, _ := r.Observations.Fact(p.Fact)
				*x.Last() = learner.PredictionTry{Answer: said, Was: fact.String(), Right: right}
				c.Said, c.Right = p.InWords(said), right
			}
			shown = append(shown, c)
		}
	})
	return shown, err
}

// grade judges an answer, and tells what it got. An answer that can't be read is told with its place.
func (d *Desk) grade(w http.ResponseWriter, r *http.Request, q asked) error {
	l, err := lessons.Find(q.Lesson)
	if err != nil {
		return err
	}
	t, err := l.Task(q.Task)
	if err != nil {
		return err
	}
	text, err := lessons.ReadText(t.File, bytes.NewReader([]byte(q.Answer)))
	if err != nil {
		return err
	}
	return d.work(w, r, l, func(ctx context.Context, env *lessons.Env) (any, error) {
		marks, err := t.Judge.Judge(ctx, env, t.File, text)
		var bad *lessons.BadAnswer
		if errors.As(err, &bad) {
			return map[string]any{"bad": bad.Error()}, nil
		}
		if err != nil {
			return nil, err
		}
		got, of := lessons.Sum(marks)
		if err := d.book.Change(func(p *learner.Progress) { p.Lesson(l.ID).Try(t.ID, got, of) }); err != nil {
			return nil, err
		}
		return lessons.NewTaskJSON(t.ID, marks), nil
	})
}

// work does what takes the machine, and answers with lines of JSON: {"say": ...} for what is going on, and at last
// {"result": ...} or {"error": ...}. It ends when the browser goes away.
func (d *Desk) work(w http.ResponseWriter, r *http.Request, l *lessons.Lesson,
	do func(context.Context, *lessons.Env) (any, error)) error {
	if err := l.Lacks(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jsonl")
	var mu sync.Mutex
	tell := func(what string, value any) {
		line, err := json.Marshal(map[string]any{what: value})
		if err != nil {
			line = []byte(`{"error": "the result can't be told"}`)
		}
		mu.Lock()
		defer mu.Unlock()
		_, _ = w.Write(append(line, '\n')) // a browser that has gone away needs no answer
		_ = http.NewResponseController(w).Flush()
	}
	select {
	case d.turn <- struct{}{}:
	default:
		tell("say", "waits for another run")
		select {
		case d.turn <- struct{}{}:
		case <-r.Context().Done():
			return nil
		}
	}
	defer func() { <-d.turn }()
	tell("say", "begins")
	result, err := d.inFolder(r.Context(), tell, do)
	switch {
	case r.Context().Err() != nil: // nobody is there
	case err != nil:
		tell("error", err.Error())
	default:
		tell("result", result)
	}
	return nil
}

// inFolder does something with a folder that is removed afterwards.
func (d *Desk) inFolder(ctx context.Context, tell func(string, any),
	do func(context.Context, *lessons.Env) (any, error)) (result any, err error) {
	dir, remove, err := guard.TempDir("", "quorumlab-lesson-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	say := func(format string, args ...any) { tell("say", fmt.Sprintf(format, args...)) }
	return do(ctx, &lessons.Env{Dir: dir, Version: d.version, Say: say})
}

// progress is what quorumlab lesson progress --json prints: the learner's file.
func (d *Desk) progress(w http.ResponseWriter, _ *http.Request, _ asked) error {
	p, err := d.book.Read()
	if err != nil {
		return err
	}
	return answer(w, p)
}

// schema is the scenario's, for the editor.
func (d *Desk) schema(w http.ResponseWriter, _ *http.Request, _ asked) error {
	return answer(w, json.RawMessage(scenarios.Schema()))
}

// answer writes an answer as JSON.
func answer(w http.ResponseWriter, a any) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // a browser that has gone away needs no answer
	return nil
}
