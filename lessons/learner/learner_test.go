package learner

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func open(t *testing.T, dir, name string) *Book {
	t.Helper()
	b, err := Open(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAProgressComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lessons") // not there yet
	b := open(t, dir, "anna")
	err := b.Change(func(p *Progress) {
		l := p.Lesson("40.1")
		l.Step("winners").Predict("how-many", "20")
		l.Try("locks", 2, 5)
		l.Try("locks", 5, 5)
		l.Try("locks", 1, 5) // the best one counts
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := open(t, dir, "anna").Read()
	if err != nil {
		t.Fatal(err)
	}
	l := p.Lesson("40.1")
	if got := l.Step("winners").Predicted["how-many"].Answer; got != "20" {
		t.Errorf("predicted %q", got)
	}
	if got := *l.Tasks["locks"]; got != (TaskProgress{Points: 5, Of: 5, Tries: 3}) {
		t.Errorf("task %+v", got)
	}
	if p.Learner != "anna" || p.Format != 1 {
		t.Errorf("%+v", p)
	}
}

// The first try counts, and the others are kept in their order; a file of the format before, with one try,
// is still read.
func TestEveryPredictionIsKept(t *testing.T) {
	s := &StepProgress{Predicted: map[string]*PredictionResult{}}
	play := func(answer string, right bool) {
		s.Predict("how-many", "not that")
		s.Predict("how-many", answer) // nothing was seen in between
		*s.Predicted["how-many"].Last() = PredictionTry{Answer: answer, Was: "20", Right: right}
		s.Played = true
	}
	play("3", false)
	play("7", false)
	play("20", true)
	p := s.Predicted["how-many"]
	if p.Answer != "3" || p.Right || p.Tries() != 3 || !slices.Equal(p.Later, []PredictionTry{{"7", "20", false}, {"20",
		"20", true}}) {
		t.Errorf("%+v", p)
	}
	s.Predict("first-leader", "n1") // the step was played without it
	if p := s.Predicted["first-leader"]; p.Answer != "" || p.Was == "" || p.Right || p.Last().Answer != "n1" {
		t.Errorf("%+v", p)
	}
	dir := t.TempDir()
	old := `{"format": 1, "learner": "anna", "lessons": {"40.1": {"steps":
		{"w": {"predicted": {"p": {"answer": "3", "was": "3", "right": true}}, "played": true}}}}}`
	if err := os.WriteFile(filepath.Join(dir, "anna.json"), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := open(t, dir, "anna").Read()
	if err != nil {
		t.Fatal(err)
	}
	if p := read.Lesson("40.1").Step("w").Predicted["p"]; !p.Right || p.Tries() != 1 {
		t.Errorf("%+v", p)
	}
}

func TestLearnersAreKeptApart(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"bert", "anna"} {
		if err := open(t, dir, name).Change(func(p *Progress) { p.Lesson("40.1").Try("t", 1, 1) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := open(t, dir, "anna").Reset("40.1"); err != nil {
		t.Fatal(err)
	}
	list, err := Learners(dir)
	if err != nil || !slices.Equal(list, []string{"anna", "bert"}) {
		t.Errorf("%v, %v", list, err)
	}
	anna, _ := open(t, dir, "anna").Read()
	bert, _ := open(t, dir, "bert").Read()
	if len(anna.Lessons) != 0 || len(bert.Lessons) != 1 {
		t.Errorf("anna has %v, bert %v", anna.Lessons, bert.Lessons)
	}
	if list, err := Learners(filepath.Join(dir, "nowhere")); err != nil || list != nil {
		t.Errorf("no folder: %v, %v", list, err)
	}
}

func TestNoChangeIsLost(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if err := open(t, dir, "anna").Change(func(p *Progress) { p.Lesson("40.1").Try("t", 0, 1) }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	p, err := open(t, dir, "anna").Read()
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Lesson("40.1").Tasks["t"].Tries; got != 16 {
		t.Errorf("%d of 16 changes are there", got)
	}
}

func TestADamagedFileIsLeftAsItIs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "anna.json")
	for name, text := range map[string]string{
		"cut":       `{"format": 1, "lear`,
		"of others": `{"format": 1, "shoes": 3}`,
		"newer":     `{"format": 2}`,
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			err := open(t, dir, "anna").Change(func(*Progress) { t.Error("it is changed") })
			if err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("the error does not say where: %v", err)
			}
			if got, _ := os.ReadFile(path); string(got) != text {
				t.Errorf("it has become %q", got)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for user, want := range map[string]string{"anna": "anna", `SCHOOL\Anna B`: "annab", "": "learner", "Ünal": "nal",
		"..": "learner"} {
		if got := Name(user); got != want {
			t.Errorf("%q becomes %q, want %q", user, got, want)
		}
	}
	for _, bad := range []string{"", "../x", "a/b", "A", strings.Repeat("a", 41)} {
		if _, err := Open("x", bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
