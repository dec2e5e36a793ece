package lessons

// LessonJSON is a played lesson, for programs (format 1).
type LessonJSON struct {
	Format  int        `json:"format"`
	Lesson  string     `json:"lesson"`
	Title   string     `json:"title"`
	Version string     `json:"version"`
	OK      bool       `json:"ok"` // every claim of every step holds
	Steps   []StepJSON `json:"steps"`
}

// StepJSON is a played step.
type StepJSON struct {
	Step        string              `json:"step"`
	OK          bool                `json:"ok"`
	Claims      []ClaimJSON         `json:"claims"`
	Predictions []PredictionJSON    `json:"predictions,omitempty"` // those that were answered
	Order       []string            `json:"order"`                 // of the facts
	Facts       map[string]FactJSON `json:"facts"`
	Figures     []FigureJSON        `json:"figures"`
	Tables      []TableJSON         `json:"tables"`
}

// ClaimJSON is the result of checking a claim.
type ClaimJSON struct {
	Claim Claim  `json:"claim"`
	OK    bool   `json:"ok"`
	Why   string `json:"why"`
}

// PredictionJSON is an answer and the actual result.
type PredictionJSON struct {
	Prediction string `json:"prediction"`
	Answer     string `json:"answer"`
	Was        string `json:"was"`
	Right      bool   `json:"right"`
}

// FigureJSON is a picture. File is its files' name without .svg and .png.
type FigureJSON struct {
	Name  string `json:"name"`
	File  string `json:"file"`
	Title string `json:"title"`
	About string `json:"about"`
	Exact bool   `json:"exact"`
}

// TableJSON is a table. File is its file's name without .csv.
type TableJSON struct {
	Name  string     `json:"name"`
	File  string     `json:"file"`
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
	Exact bool       `json:"exact"`
}

// FactJSON is a fact. Times are milliseconds, sizes bytes, shares 0 to 1; a text has no
// value. Exact facts are the same on every machine.
type FactJSON struct {
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"`
	Text  string  `json:"text,omitempty"`
	Exact bool    `json:"exact"`
	About string  `json:"about"`
}

// NewLessonJSON is a lesson's results, with the answers that were given beforehand.
func NewLessonJSON(l *Lesson, version string, results []*PlayedStep, answers map[string]string) LessonJSON {
	j := LessonJSON{Format: 1, Lesson: l.ID, Title: l.Title, Version: version, OK: true, Steps: []StepJSON{}}
	for _, r := range results {
		s := r.json(answers)
		j.OK = j.OK && s.OK
		j.Steps = append(j.Steps, s)
	}
	return j
}

func (r *PlayedStep) json(answers map[string]string) StepJSON {
	s := StepJSON{Step: r.Step.ID, OK: r.Holds(), Facts: map[string]FactJSON{}, Figures: []FigureJSON{},
		Tables: []TableJSON{}}
	for _, f := range r.Findings {
		s.Claims = append(s.Claims, ClaimJSON{f.Claim, f.Holds, f.Why})
	}
	for _, p := range r.Step.Predictions {
		if answer, ok := answers[p.ID]; ok {
			right, _ := p.Right(answer, r.Observations) // a malformed answer is not right
			fact, _ := r.Observations.Fact(p.Fact)
			s.Predictions = append(s.Predictions, PredictionJSON{p.ID, answer, fact.String(), right})
		}
	}
	for _, f := range r.Observations.Facts {
		s.Order = append(s.Order, f.Name)
		s.Facts[f.Name] = FactJSON{f.Value, string(f.Unit), f.Text, f.Exact, f.About}
	}
	for _, p := range r.Observations.Pictures {
		s.Figures = append(s.Figures, FigureJSON{p.Name, r.FileName(p.Name), p.Title, p.About, p.Exact})
	}
	for _, t := range r.Observations.Tables {
		s.Tables = append(s.Tables, TableJSON{t.Name, r.FileName(t.Name), t.Title, t.Head, t.Rows, t.Exact})
	}
	return s
}

// FileName is the name of a picture's or a table's files, without the extension.
func (r *PlayedStep) FileName(name string) string { return r.Step.ID + "-" + name }

// MarksJSON are the marks of tasks, for programs (format 1).
type MarksJSON struct {
	Format int        `json:"format"`
	Lesson string     `json:"lesson"`
	Tasks  []TaskJSON `json:"tasks"`
}

// TaskJSON is what an answer to a task got. Why and Hint are those of the first mark below
// full points, or else of the last mark.
type TaskJSON struct {
	Task   string     `json:"task"`
	Points int        `json:"points"`
	Of     int        `json:"of"`
	Why    string     `json:"why"`
	Hint   string     `json:"hint"`
	Marks  []MarkJSON `json:"marks"`
}

// MarkJSON is what an answer got for one requirement.
type MarkJSON struct {
	What   string `json:"what"`
	Points int    `json:"points"`
	Of     int    `json:"of"`
	Why    string `json:"why"`
	Hint   string `json:"hint"`
}

// NewTaskJSON is the marks of one task.
func NewTaskJSON(id string, marks []Mark) TaskJSON {
	t := TaskJSON{Task: id, Marks: []MarkJSON{}}
	t.Points, t.Of = Sum(marks)
	for _, m := range marks {
		t.Marks = append(t.Marks, MarkJSON{m.What, m.Got, m.Of, m.Why, m.Hint})
		if t.Hint == "" {
			t.Why, t.Hint = m.Why, m.Hint
		}
	}
	return t
}
