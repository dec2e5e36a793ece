// Package learner keeps what a learner has predicted, seen and solved: one JSON file each,
// in a folder of the user's. A change is read, made and written under a lock and renamed
// into place, so that stopping at any moment loses nothing, and two programs at once don't
// undo each other's work.
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
)

// Progress is all that is known of a learner.
type Progress struct {
	Format  int                `json:"format"` // 1
	Learner string             `json:"learner"`
	Lessons map[string]*Lesson `json:"lessons"` // by ID
}

// Lesson is what is known of a learner in a lesson.
type Lesson struct {
	Steps map[string]*Step `json:"steps,omitempty"`
	Tasks map[string]*Task `json:"tasks,omitempty"`
}

// Step is what a learner predicted of a step, and whether it has been played.
type Step struct {
	Predicted map[string]*Prediction `json:"predicted,omitempty"`
	Played    bool                   `json:"played"`
}

// Prediction is an answer from before the run, and what came out.
type Prediction struct {
	Answer string `json:"answer"`
	Was    string `json:"was,omitempty"` // empty: not played yet
	Right  bool   `json:"right"`
}

// Task is a learner's best answer to a task so far.
type Task struct {
	Points int `json:"points"`
	Of     int `json:"of"`
	Tries  int `json:"tries"`
}

// Lesson is what is known of the lesson, which is made if there is nothing yet.
func (p *Progress) Lesson(id string) *Lesson {
	l := p.Lessons[id]
	if l == nil {
		l = &Lesson{}
		p.Lessons[id] = l
	}
	if l.Steps == nil {
		l.Steps = map[string]*Step{}
	}
	if l.Tasks == nil {
		l.Tasks = map[string]*Task{}
	}
	return l
}

// Step is what is known of the step, which is made if there is nothing yet.
func (l *Lesson) Step(id string) *Step {
	s := l.Steps[id]
	if s == nil {
		s = &Step{}
		l.Steps[id] = s
	}
	if s.Predicted == nil {
		s.Predicted = map[string]*Prediction{}
	}
	return s
}

// Try notes an answer to a task. The best one counts.
func (l *Lesson) Try(task string, points, of int) {
	t := l.Tasks[task]
	if t == nil {
		t = &Task{}
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

// Open finds the book of a learner in the folder, which need not exist. The error says what
// a name may be.
func Open(dir, name string) (*Book, error) {
	if !names.MatchString(name) {
		return nil, fmt.Errorf("%q is no learner's name: use up to 40 lower-case letters, digits, dots and dashes", name)
	}
	return &Book{name, filepath.Join(dir, name+suffix)}, nil
}

const suffix = ".json"

// Name turns what a system calls a user into a learner's name; "learner" if nothing is left
// of it.
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

// Learners lists who has a book in the folder, by name.
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

// Path is where the book lies.
func (b *Book) Path() string { return b.path }

// Read reads the progress; nothing yet is an empty one. A file that can't be understood is
// an error, and stays as it is.
func (b *Book) Read() (*Progress, error) {
	p := &Progress{Format: 1, Learner: b.name, Lessons: map[string]*Lesson{}}
	text, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(p); err != nil {
		return nil, fmt.Errorf("the progress of %s can't be read: %s: %w; it is left as it is: mend it or move it away", b.name, b.path, err)
	}
	if p.Format != 1 {
		return nil, fmt.Errorf("the progress of %s is of format %d, and this program knows format 1: %s", b.name, p.Format, b.path)
	}
	if p.Lessons == nil {
		p.Lessons = map[string]*Lesson{}
	}
	return p, nil
}

// Change changes the progress. Errors are those of reading and writing; then nothing has
// changed.
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

// Reset forgets a lesson, or with an empty ID everything.
func (b *Book) Reset(lesson string) error {
	return b.Change(func(p *Progress) {
		if lesson == "" {
			clear(p.Lessons)
		}
		delete(p.Lessons, lesson)
	})
}
