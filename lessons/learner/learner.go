// Package learner keeps what a learner has predicted, seen and solved: one JSON file per
// learner, in a folder of the user's. A change is read, made and written under a lock and
// renamed into place, so that stopping at any moment loses nothing, and two concurrent programs
// don't undo each other's work.
package learner

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.etcd.io/etcd/client/pkg/v3/fileutil"

	"quorumlab/internal/input"
)

// Progress is everything known about a learner.
type Progress struct {
	Format  int                        `json:"format"` // 1
	Learner string                     `json:"learner"`
	Lessons map[string]*LessonProgress `json:"lessons"` // by ID
}

// LessonProgress is a learner's progress in one lesson.
type LessonProgress struct {
	Steps map[string]*StepProgress `json:"steps,omitempty"`
	Tasks map[string]*TaskProgress `json:"tasks,omitempty"`
}

// StepProgress is a learner's predictions for a step, and whether it has been played.
type StepProgress struct {
	Predicted map[string]*PredictionResult `json:"predicted,omitempty"`
	Played    bool                         `json:"played"`
}

// PredictionResult is what was predicted: the first try, which counts, and the later ones in their order.
type PredictionResult struct {
	PredictionTry
	Later []PredictionTry `json:"later,omitempty"`
}

// PredictionTry is an answer given before a run, and the actual result.
type PredictionTry struct {
	Answer string `json:"answer"`        // empty: the step was played without one
	Was    string `json:"was,omitempty"` // empty: not played yet
	Right  bool   `json:"right"`
}

// Tries is how often it was predicted.
func (p *PredictionResult) Tries() int { return 1 + len(p.Later) }

// Last is the newest try.
func (p *PredictionResult) Last() *PredictionTry {
	if n := len(p.Later); n > 0 {
		return &p.Later[n-1]
	}
	return &p.PredictionTry
}

// Predict notes an answer: in the place of one whose outcome nobody has seen yet, or else as a try of its
// own. If the step was played before without an answer, that was the first try.
func (s *StepProgress) Predict(id, answer string) {
	p := s.Predicted[id]
	switch {
	case p == nil && s.Played:
		s.Predicted[id] = &PredictionResult{PredictionTry{Was: unpredicted}, []PredictionTry{{Answer: answer}}}
	case p == nil:
		s.Predicted[id] = &PredictionResult{PredictionTry: PredictionTry{Answer: answer}}
	case p.Last().Was == "":
		p.Last().Answer = answer
	default:
		p.Later = append(p.Later, PredictionTry{Answer: answer})
	}
}

// unpredicted stands for an outcome that was seen without a prediction.
const unpredicted = "seen before"

// TaskProgress is a learner's best answer to a task so far.
type TaskProgress struct {
	Points int `json:"points"`
	Of     int `json:"of"`
	Tries  int `json:"tries"`
}

// Lesson is the progress in a lesson, which is created if there is none yet.
func (p *Progress) Lesson(id string) *LessonProgress {
	l := p.Lessons[id]
	if l == nil {
		l = &LessonProgress{}
		p.Lessons[id] = l
	}
	if l.Steps == nil {
		l.Steps = map[string]*StepProgress{}
	}
	if l.Tasks == nil {
		l.Tasks = map[string]*TaskProgress{}
	}
	return l
}

// Step is the progress in a step, which is created if there is none yet.
func (l *LessonProgress) Step(id string) *StepProgress {
	s := l.Steps[id]
	if s == nil {
		s = &StepProgress{}
		l.Steps[id] = s
	}
	if s.Predicted == nil {
		s.Predicted = map[string]*PredictionResult{}
	}
	return s
}

// Try records an answer to a task. The best one counts.
func (l *LessonProgress) Try(task string, points, of int) {
	t := l.Tasks[task]
	if t == nil {
		t = &TaskProgress{}
		l.Tasks[task] = t
	}
	t.Tries++
	if t.Of != of || points > t.Points {
		t.Points, t.Of = points, of
	}
}

// Book is where a learner's progress is kept.
type Book struct {
	name string
	path string
}

var names = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

// Open finds the book of a learner in the folder, which need not exist. The error says which
// names are valid.
func Open(dir, name string) (*Book, error) {
	if !names.MatchString(name) {
		return nil, fmt.Errorf("%q is not a valid learner name: use up to 40 lower-case letters, digits, dots and dashes",
			name)
	}
	return &Book{name, filepath.Join(dir, name+suffix)}, nil
}

const suffix = ".json"

// Name turns a system's user name into a learner's name; "learner" if no valid character
// is left.
func Name(user string) string {
	if i := strings.LastIndexAny(user, `\/`); i >= 0 { // a domain of Windows
		user = user[i+1:]
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return -1
	}, strings.ToLower(user))
	name = strings.TrimLeft(name, "._-")
	if name == "" {
		return "learner"
	}
	return name[:min(len(name), 40)]
}

// Learners lists the names of the learners who have a book in the folder, sorted.
func Learners(dir string) (list []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), suffix); ok && names.MatchString(name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list, err
}

// Path is the path of the book's file.
func (b *Book) Path() string { return b.path }

// Read reads the progress, which is empty if there is none yet. A file that can't be parsed is
// an error, and stays as it is.
func (b *Book) Read() (*Progress, error) {
	p := &Progress{Format: 1, Learner: b.name, Lessons: map[string]*LessonProgress{}}
	text, err := input.Read(b.path, input.MostText)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(p); err != nil {
		return nil, fmt.Errorf("the progress of %s can't be read: %s: %w; it was not changed: repair it or move it away",
			b.name, b.path, err)
	}
	if p.Format != 1 {
		return nil, fmt.Errorf("the progress of %s has format %d, but this program only knows format 1: %s", b.name, p.Format,
			b.path)
	}
	if p.Lessons == nil {
		p.Lessons = map[string]*LessonProgress{}
	}
	return p, nil
}

// Change changes the progress. Errors are those of reading and writing; in that case nothing
// has changed.
func (b *Book) Change(do func(p *Progress)) (err error) {
	if err := os.MkdirAll(filepath.Dir(b.path), 0o700); err != nil {
		return err
	}
	lock, err := fileutil.LockFile(b.path+".lock", os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	p, err := b.Read()
	if err != nil {
		return err
	}
	do(p)
	return b.write(p)
}

// write puts a whole file in the place of the old one. The lock's holder is alone with it.
func (b *Book) write(p *Progress) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	tmp := b.path + ".writing"
	if err := os.WriteFile(tmp, append(text, '\n'), 0o600); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return os.Rename(tmp, b.path)
}

// Reset forgets a lesson, or everything if the ID is empty.
func (b *Book) Reset(lesson string) error {
	return b.Change(func(p *Progress) {
		if lesson == "" {
			clear(p.Lessons)
		}
		delete(p.Lessons, lesson)
	})
}
