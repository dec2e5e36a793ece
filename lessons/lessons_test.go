package lessons

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"quorumlab/sim"
)

// sample is a small lesson that is whole.
func sample() Lesson {
	return Lesson{
		ID: "1.2", Name: "sample", Title: "A sample", About: "One sees a sample.",
		Text: "# A sample\n\nHello.\n<!-- step: count -->\n\n## Counting\n\nNow we count.\n<!-- after: count -->\nIt was " +
			"3.\n<!-- task: first -->\nDo it.\n<!-- task: second -->\nDo more.\n<!-- end -->\nBye.\n",
		Steps: []LessonStep{{
			ID: "count", Title: "Counting", Misconception: "There are two.",
			Predictions: []Prediction{
				{ID: "how-many", Question: "How many?", Fact: "n", Why: "Three came."},
				{ID: "which", Question: "Which code?", Fact: "code", Why: "It was late.",
					Choices: []Choice{{"timeout", "none in time"}, {"ok", "all well"}}},
				{ID: "how-long", Question: "How long?", Fact: "took", Within: 0.5, Why: "A disk."},
			},
			Run: Driver(func(context.Context, *Env) (*Observations, error) {
				o := &Observations{}
				o.Count("n", 3, "how many came")
				o.Tell("code", "timeout", "what was answered")
				o.Measure("took", 100, sim.Millis, "how long it took")
				return o, nil
			}),
			Claims: []Claim{"n == 3", "code == timeout", "took <= 10s", "code != ok"},
		}},
		Tasks: []Task{
			{ID: "first", Title: "The first", File: "a.yaml", Start: []byte("a"), Model: []byte("b"), Judge: JudgeFunc(nil)},
			{ID: "second", Title: "The second", File: "b.yaml", Start: []byte("a"), Model: []byte("b"), Judge: JudgeFunc(nil)},
		},
	}
}

func TestSampleIsWhole(t *testing.T) {
	l := sample()
	if err := l.Validate(); err != nil {
		t.Fatal(err)
	}
	s, err := l.Sections()
	if err != nil {
		t.Fatal(err)
	}
	if s.Intro != "# A sample\n\nHello." || s.Before["count"] != "Now we count." || s.After["count"] != "It was 3." ||
		s.Task["second"] != "Do more." || s.End != "Bye." {
		t.Errorf("%+v", s)
	}
}

func TestWhatALessonLacksIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(l *Lesson)
		want  string
	}{
		"section": {func(l *Lesson) { l.Text = strings.Replace(l.Text, "<!-- after: count -->", "", 1) },
			`found section "task: first", expected "after: count"`},
		"end": {func(l *Lesson) { l.Text = strings.Replace(l.Text, "<!-- end -->", "", 1) },
			`the section "end" is missing`},
		"empty": {func(l *Lesson) { l.Text = strings.Replace(l.Text, "It was 3.", "", 1) },
			`the section "after: count" is empty`},
		"tasks":     {func(l *Lesson) { l.Tasks = l.Tasks[:1] }, "a lesson needs at least two tasks, not 1"},
		"double":    {func(l *Lesson) { l.Steps[0].Predictions[0].ID = "count" }, "the name count is used twice"},
		"claim":     {func(l *Lesson) { l.Steps[0].Claims[0] = "n is 3" }, `claim "n is 3" is not of the form`},
		"no claims": {func(l *Lesson) { l.Steps[0].Claims = nil }, "there are no claims"},
		"one choice": {func(l *Lesson) { l.Steps[0].Predictions[1].Choices = []Choice{{"a", "b"}} }, "a prediction needs " +
			"at least two choices"},
		"task": {func(l *Lesson) { l.Tasks[1].Model = nil }, "a task needs a title, a file, a start"},
	} {
		t.Run(name, func(t *testing.T) {
			l := sample()
			c.spoil(&l)
			if err := l.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestPlay(t *testing.T) {
	l := sample()
	r, err := l.Steps[0].Play(t.Context(), &Env{})
	if err != nil || !r.Holds() {
		t.Fatalf("%v, %+v", err, r)
	}
	l.Steps[0].Claims = []Claim{"n == 4", "code == ok", "shoes == 2", "n >= 3s"}
	r, err = l.Steps[0].Play(t.Context(), &Env{})
	if err != nil || r.Holds() {
		t.Fatalf("%v, %+v", err, r)
	}
	for i, want := range []string{"n is 3", "code is timeout", "there is no fact shoes", "n is 3, and"} {
		if f := r.Findings[i]; f.Holds || !strings.HasPrefix(f.Why, want) {
			t.Errorf("%+v, want %s", f, want)
		}
	}
	l.Steps[0].Predictions[0].Fact = "m"
	if _, err = l.Steps[0].Play(t.Context(), &Env{}); err == nil {
		t.Error("a prediction without a fact is taken")
	}
}

func TestReason(t *testing.T) {
	for why, want := range map[string]string{"a put counts": "A put counts.", "It does.": "It does."} {
		if got := (&Prediction{Why: why}).Reason(); got != want {
			t.Errorf("%q becomes %q", why, got)
		}
	}
}

func TestRight(t *testing.T) {
	l := sample()
	r, err := l.Steps[0].Play(t.Context(), &Env{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		prediction int
		answer     string
		right      bool
	}{{0, "3", true}, {0, "4", false}, {1, "timeout", true}, {1, "ok", false}, {2, "51ms", true}, {2, "150ms", true},
		{2, "1s", false}} {
		got, err := l.Steps[0].Predictions[c.prediction].Right(c.answer, r.Observations)
		if err != nil || got != c.right {
			t.Errorf("%+v: %v, %v", c, got, err)
		}
	}
}

func TestAnswers(t *testing.T) {
	l := sample()
	got, err := l.ReadAnswers("a.yaml", []byte("how-many: 3\nwhich: ok\n"))
	if err != nil || len(got) != 2 || got["how-many"] != "3" || got["which"] != "ok" {
		t.Errorf("%v, %v", got, err)
	}
	for text, want := range map[string]string{
		"how-many: 3\nwitch: ok\n": `a.yaml:2:1: unknown field "witch"; the fields of the answers are how-many, which, how-long`,
		"which: late\n":            `a.yaml:1:8: "late" is not one of the answers`,
		"how-many: many\n":         `a.yaml:1:11: "many" is not a number`,
		"[":                        "a.yaml:1:",
	} {
		if _, err := l.ReadAnswers("a.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if got, err := l.ReadAnswers("form.yaml", l.AnswerForm()); err != nil || len(got) != 0 {
		t.Errorf("the form is no file of answers: %v, %v", got, err)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add("how-many: 3\nwhich: ok\n")
	f.Add("which: [a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		l := sample()
		answers, err := l.ReadAnswers("a.yaml", []byte(text))
		if err != nil {
			return
		}
		for id, a := range answers {
			for _, p := range l.Predictions() {
				if p.ID == id && p.Accept(a) != nil {
					t.Errorf("%s: %q is taken", id, a)
				}
			}
		}
	})
}

func TestChaptersInOrder(t *testing.T) {
	if compareChapters("35.2", "35.10") >= 0 || compareChapters("35.6", "40.1") >= 0 ||
		compareChapters("9.1", "35.1") >= 0 || compareChapters("40.1", "40.1") != 0 {
		t.Error("chapters are not in order")
	}
}

func TestCommands(t *testing.T) {
	var got []Command
	j := CommandsJudge{Usage: []string{"compact REVISION", "disarm"}, Run: func(_ context.Context, _ *Env,
		cs []Command) ([]Mark, error) {
		got = cs
		return nil, nil
	}}
	if _, err := j.Judge(t.Context(), nil, "a.txt", []byte("# way out\n\n compact 5  # first\ndisarm\n")); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Line != 3 || got[0].Verb != "compact" || got[0].Args[0] != "5" || got[1].Text != "disarm" {
		t.Errorf("%+v", got)
	}
	for text, want := range map[string]string{
		"disarm\n  compact": `a.txt:2:3: wrong number of arguments for compact: want 1, got 0 (usage: compact REVISION)`,
		"dance":             `a.txt:1:1: unknown command "dance"; commands are compact REVISION, disarm`,
	} {
		if _, err := j.Judge(t.Context(), nil, "a.txt", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// TestLinks holds that what is cited of etcd is the manual of the version that runs.
func TestLinks(t *testing.T) {
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	runs := regexp.MustCompile(`go.etcd.io/etcd/server/v3 (v\d+\.\d+)`).FindStringSubmatch(string(module))[1]
	files, err := filepath.Glob("40.*/lesson.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`etcd\.io/docs/([^/]+)/`).FindAllStringSubmatch(string(text), -1) {
			if m[1] != runs {
				t.Errorf("%s: %s, and %s runs", f, m[0], runs)
			}
		}
	}
}

// TestScenarioJudge holds that what an answer expects of itself does not count, that what
// is given can't be bent, and that a criterion must hold for every seed.
func TestScenarioJudge(t *testing.T) {
	j := ScenarioJudge{Seeds: 2, Must: []Criterion{
		{Points: 2, What: "nobody is missed for long", Expect: "failover <= 5s", Hint: "look at election"},
		{Points: 1, What: "true at all times", Expect: "safety", Hint: "-"},
		{Points: 1, What: "five members", Hint: "count", Holds: func(s *sim.Scenario) (bool,
			string) {
			return len(s.Cluster.Members) == 5, "it has some"
		}},
	}}
	text := "workload: {clients: 1, rate: 20/s}\nsteps: [{at: 3s, do: crash leader}]\nrun: 10s\nexpect: [failover == " +
		"0ms]\n"
	marks, err := j.Judge(t.Context(), &Env{Say: func(string, ...any) {}}, "a.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, of := Sum(marks); got != 3 || of != 4 || marks[2].Hint != "count" || marks[0].Hint != "" {
		t.Errorf("%+v", marks)
	}
	marks, err = j.Judge(t.Context(), &Env{Say: func(string, ...any) {}}, "a.yaml",
		[]byte("cluster: {election: 8s, heartbeat: 1s}\n"+strings.Replace(text, "10s", "40s", 1)))
	if err != nil || marks[0].Got != 0 || !strings.HasPrefix(marks[0].Why, "held for 0 of 2 seeds; with seed 40000: ") {
		t.Errorf("%v, %+v", err, marks)
	}
	if got := j.seeds(40_000); !slices.Equal(got, []uint64{40_001, 40_002}) {
		t.Errorf("an answer with the seed 40000 is judged with the seeds %v", got)
	}
	j.Given = func(*sim.Scenario) error { return context.Canceled }
	if marks, err = j.Judge(t.Context(), &Env{}, "a.yaml", []byte(text)); err != nil || marks[1].Got != 0 ||
		!strings.HasPrefix(marks[1].Why, "not judged") {
		t.Errorf("%v, %+v", err, marks)
	}
	if _, err := j.Judge(t.Context(), &Env{}, "a.yaml", []byte("run: 5")); err == nil ||
		!strings.Contains(err.Error(), "a.yaml:1:6") {
		t.Errorf("got %v", err)
	}
}
